internal import OneDNN
internal import TensorCore

/// Whether networks can run in bfloat16 on this machine.
public enum BFloat16Check {
  /// Whether the processor announces the instructions, and oneDNN may use them.
  public static var isAnnounced: Bool { hasBFloat16Instructions }

  /// The version of the library that would use them.
  public static var libraryVersion: String { oneDNNVersion }

  /// Runs each kind of kernel on small tensors and compares it with `float32`: both compute the
  /// same products of the same rounded numbers.
  ///
  /// On some machines the instructions are announced and end the process, so this is for a process
  /// of its own.
  ///
  /// - Returns: What is wrong, in a few words; nil if nothing is.
  public static func problem() -> String? {
    guard isAnnounced else { return "oneDNN may not use bf16 instructions" }
    var generator = SeededGenerator(seed: 0)
    func random(_ shape: Shape, _ layout: Layout = .channelsLast) -> Tensor {
      Tensor(shape: shape, layout: layout) { elements in
        for index in elements.indices { elements[index] = generator.uniform() * 2 - 1 }
      }.converted(to: .bfloat16)
    }
    func weights(_ shape: Shape) -> Tensor { random(shape, .rowMajor).converted(to: .float32) }
    /// A kernel's name and its results, of inputs in both precisions.
    typealias Kernel = (name: String, run: (Tensor) -> Tensor, input: Tensor)
    let (images, features) = (random([2, 32, 9, 9]), random([3, 40], .rowMajor))
    let (wide, narrow, single) = (
      weights([48, 32, 3, 3]), weights([48, 32, 1, 1]), weights([32, 1, 3, 3])
    )
    let matrix = weights([24, 40])
    let padded = WindowGeometry(stride: 1, padding: 1)
    let pool = PoolingGeometry(window: 3, stride: 2)
    let kernels: [Kernel] = [
      ("a convolution", { convolve($0, with: wide, geometry: padded) }, images),
      ("a convolution of single pixels", { convolve($0, with: narrow) }, images),
      (
        "a depthwise convolution",
        { convolve($0, with: single, geometry: padded, groups: 32) }, images
      ),
      (
        "the gradient of a convolution",
        {
          convolutionInputGradient(
            of: $0, with: wide, imageShape: [2, 32, 9, 9], geometry: padded)
        }, random([2, 48, 9, 9])
      ),
      ("an inner product", { innerProduct($0, with: matrix) }, features),
      (
        "the gradient of an inner product",
        { innerProductInputGradient(of: $0, with: matrix) }, random([3, 24], .rowMajor)
      ),
      ("a max pool", { maxPoolWithoutSwitches($0, pool) }, images),
      ("an average pool", { averagePool($0, pool, countsPadding: true) }, images),
      ("an activation", { activate($0, .logistic) }, images),
      ("a sum", { combine($0, images, .add) }, random([2, 32, 9, 9])),
    ]
    for kernel in kernels {
      let rounded = kernel.run(kernel.input)
      let exact = kernel.run(kernel.input.converted(to: .float32))
      let scale = exact.reduce(0) { max($0, abs($1)) }
      // Half a step of the result, and another for sums in another order.
      let isClose = rounded.converted(to: .float32).zip(exact) { abs($0 - $1) }
        .reduce(true) { $0 && $1 <= scale * 0x1p-7 }
      guard rounded.precision == .bfloat16 else { return "\(kernel.name) has no bf16 kernel" }
      guard isClose else { return "\(kernel.name) gave wrong numbers" }
    }
    return nil
  }
}
