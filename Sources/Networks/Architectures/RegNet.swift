internal import Kernels
internal import TensorCore

extension BlueprintBuilder {
  /// Radosavovic et al. (2020), "Designing Network Design Spaces": RegNetY-400MF, with the depths
  /// and widths that torchvision computes from w₀ = 48, wₐ = 27.89, wₘ = 2.09 and depth 16.
  mutating func addRegNetY400MF(classes: Int) {
    normalizedConvolution("stem", filters: 32, Convolution(3, stride: 2, padding: 1))
    for (stage, (count, filters)) in [(1, 48), (3, 104), (6, 208), (6, 440)].enumerated() {
      for block in 0..<count {
        addYBlock(
          "trunk_output.block\(stage + 1).block\(stage + 1)-\(block)", filters,
          stride: block == 0 ? 2 : 1)
      }
    }
    globalAverage()
    linear("fc", outputs: classes)
  }

  /// Figure 4 with gates: 1×1, 3×3 in groups of eight filters, gates, 1×1.
  private mutating func addYBlock(_ name: String, _ filters: Int, stride: Int) {
    let groupWidth = 8
    let start = current
    // A quarter of the channels that the block reads.
    let squeezed = Int((Float(shape[1]) / 4).rounded(.toNearestOrEven))
    normalizedConvolution("\(name).f.a", filters: filters, Convolution(1))
    normalizedConvolution(
      "\(name).f.b", filters: filters,
      Convolution(3, stride: stride, padding: 1, groups: filters / groupWidth))
    squeezeExcitation("\(name).f.se", squeezed: squeezed)
    normalizedConvolution("\(name).f.c", filters: filters, Convolution(1), activation: nil)
    let body = current
    current = start
    if stride != 1 || shape[1] != filters {
      normalizedConvolution(
        "\(name).proj", filters: filters, Convolution(1, stride: stride), activation: nil)
    }
    add("\(name).add", of: [body, current])
    append("\(name).activation", Activation.relu)
  }
}
