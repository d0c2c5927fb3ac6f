import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `The ends of stages` {
  private func layers(
    _ architecture: Architecture, _ side: Int = 64
  ) throws -> [String] {
    let blueprint = try architecture.blueprint(classes: 2, inputShape: [3, side, side])
    let zeros = blueprint.parameters.mapValues { Tensor(shape: $0.shape, repeating: 0) }
    return try Network(graph: blueprint.graph, parameters: Parameters(zeros)).featureLayers()
  }

  // The first convolution of each next stage still has the size of the one before, in a branch.
  @Test(
    .slow,
    arguments: [
      (
        .resnet50, 64,
        ["relu", "layer1.2.relu3", "layer2.3.relu3", "layer3.5.relu3", "layer4.2.relu3"]
      ),
      (
        .shufflenetV2, 64,
        ["conv1.2", "stage2.3.concatenate", "stage3.7.concatenate", "conv5.2"]
      ),
      (
        .mobilenetV2, 64,
        ["features.0.2", "features.3.add", "features.6.add", "features.13.add", "features.18.2"]
      ),
      (
        .densenet121, 64,
        [
          "features.relu0", "features.transition1.relu", "features.transition2.relu",
          "features.transition3.relu", "relu",
        ]
      ),
      (
        .inceptionV3, 299,
        ["Conv2d_1a_3x3.relu", "Conv2d_2b_3x3.relu", "Mixed_5d", "Mixed_6e", "Mixed_7c"]
      ),
      (
        .vgg16, 224, ["features.1", "features.8", "features.15", "features.22", "features.29"]
      ),
      (
        .googlenet, 224, ["conv1.relu", "conv3.relu", "inception3b", "inception4e", "inception5b"]
      ),
    ] as [(Architecture, Int, [String])])
  func `are in no branch of the next one`(
    architecture: Architecture, side: Int, expected: [String]
  ) throws {
    #expect(try layers(architecture, side) == expected)
  }

  /// A U-Net, whose shortcuts lead past everything below them.
  @Test func `of a network with shortcuts over stages are the last of their size`() throws {
    var sketch = NetworkSketch([3, 16, 16], seed: 1)
    for step in 0..<3 {
      try sketch.convolution("down\(step)", filters: 4, Convolution(3, padding: 1))
      try sketch.add("down\(step).relu", Activation.relu)
      try sketch.add("pool\(step)", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    }
    try sketch.convolution("middle", filters: 4, Convolution(3, padding: 1))
    try sketch.add("middle.relu", Activation.relu)
    for step in (0..<3).reversed() {
      let side = 16 >> step
      try sketch.add("up\(step)", Resample(ResamplingRule(), axes: [2, 3], extents: [side, side]))
      try sketch.add("concat\(step)", Concatenate(), of: ["up\(step)", "down\(step).relu"])
      try sketch.convolution("merge\(step)", filters: 4, Convolution(3, padding: 1))
      try sketch.add("merge\(step).relu", Activation.relu)
    }
    #expect(
      try sketch.network().featureLayers() == [
        "down0.relu", "middle.relu", "merge2.relu", "merge1.relu", "merge0.relu",
      ])
  }
  /// Two branches that meet only behind their maps.
  @Test func `of branches without a common trunk are the last of their size`() throws {
    var sketch = NetworkSketch([3, 16, 16], seed: 1)
    for branch in ["a", "b"] {
      for step in 0..<3 {
        let name = "\(branch)\(step)"
        try sketch.convolution(
          name, filters: 4, Convolution(3, stride: 2, padding: 1),
          of: step == 0 ? Graph.inputName : nil)
        try sketch.add("\(name).relu", Activation.relu)
      }
      try sketch.add("\(branch).flat", Flatten())
    }
    try sketch.add("joined", Concatenate(), of: ["a.flat", "b.flat"])
    try sketch.linear("scores", outputs: 3)
    #expect(
      try sketch.network().featureLayers() == ["a0.relu", "b0.relu", "b1.relu", "b2.relu"])
  }
}
