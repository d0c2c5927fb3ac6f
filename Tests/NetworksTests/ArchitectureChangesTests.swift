import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Changes of an architecture` {
  private func changed(
    _ architecture: Architecture, _ texts: String..., input: Shape? = nil
  ) throws -> (blueprint: Blueprint, report: [String]) {
    var changes = ArchitectureChanges()
    for text in texts { try changes.add(text) }
    return try architecture.blueprint(inputShape: input).changed(by: changes)
  }

  private func run(_ blueprint: Blueprint) throws -> Network {
    let network = try blueprint.network(seed: 1, initialization: .paper)
    let scores = network.record(
      .random(Shape([2] + network.graph.inputShape.extents), seed: 1)
    ).scores
    #expect(scores.elements.allSatisfy { $0.isFinite })
    return network
  }

  private func names(_ blueprint: Blueprint) -> [String] { blueprint.graph.nodes.map(\.name) }

  /// As torchvision counts them.
  @Test func `parameters are counted without the statistics of batch norms`() throws {
    #expect(try Architecture.resnet18.blueprint().parameterCount == 11_689_512)
  }

  @Test func `a layer goes with what finishes it, and the next one adapts`() throws {
    let (blueprint, report) = try changed(.alexnetMini, "remove=fc6,fc7")
    #expect(Array(names(blueprint).suffix(3)) == ["pool5", "flatten", "fc8"])
    #expect(blueprint.parameters["fc8.weight"]?.shape == [10, 288])
    #expect(blueprint.parameters["fc7.weight"] == nil)
    let before = try Architecture.alexnetMini.blueprint().parameterCount
    #expect(
      report == [
        "fc6 is left out, and with it norm6, relu6, drop6",
        "fc7 is left out, and with it norm7, relu7, drop7",
        "fc8: weights 10×288 instead of 10×256",
        "\(blueprint.parameterCount) parameters instead of \(before)",
      ])
    _ = try run(blueprint)
  }

  /// Zeiler and Fergus (2014), table 3, on the network that it is about.
  @Test(arguments: [
    ["fc7"], ["fc6", "fc7"], ["conv3", "conv4"], ["conv3", "conv4", "fc6", "fc7"],
  ])
  func `the paper's ablations can be made`(layers: [String]) throws {
    let (blueprint, _) = try changed(
      .alexnetOriginal, "remove=\(layers.joined(separator: ","))")
    for layer in layers {
      #expect(!names(blueprint).contains(layer))
      #expect(!names(blueprint).contains("relu\(layer.suffix(1))"))
    }
    if layers.contains("conv4") {
      // conv5 has two groups and reads the 256 maps of pool2.
      #expect(blueprint.parameters["conv5.weight"]?.shape == [256, 128, 3, 3])
    }
  }

  @Test func `a changed network keeps what is not concerned`() throws {
    let (blueprint, _) = try changed(.lenet5, "remove=fc4")
    let old = try Architecture.lenet5.blueprint()
    for (name, parameter) in blueprint.parameters where !name.hasPrefix("fc5") {
      #expect(parameter.shape == old.parameters[name]?.shape)
    }
    let bound = try run(blueprint).parameters["fc5.weight"]?.elements.map { abs($0) }.max() ?? 0
    // The paper's bound of 2.4 / fan-in is that of the new fan-in.
    #expect(bound <= 2.4 / 120 && bound > 2.3 / 120)
  }

  @Test func `layers get other sizes`() throws {
    let (blueprint, report) = try changed(.lenet5, "resize=conv1:9,fc*:20", input: [1, 28, 28])
    #expect(blueprint.parameters["conv1.weight"]?.shape == [9, 1, 5, 5])
    #expect(blueprint.parameters["conv1.bias"]?.shape == [9])
    #expect(blueprint.parameters["conv2.weight"]?.shape == [16, 9, 5, 5])
    #expect(blueprint.parameters["fc4.weight"]?.shape == [20, 20])
    #expect(report.contains("conv1: weights 9×1×5×5 instead of 6×1×5×5"))
    _ = try run(blueprint)
  }

  @Test func `pools become means, strides or convolutions`() throws {
    let mean = try changed(.lenet5, "pooling=average")
    #expect(mean.blueprint.graph["pool1"]?.operation is AveragePool)
    #expect(
      mean.report == [
        "pool1: average pool instead of max pool", "pool2: average pool instead of max pool",
      ])
    let stride = try changed(.lenet5, "pooling=stride")
    #expect(stride.blueprint.graph["pool1"] == nil)
    #expect((stride.blueprint.graph["conv1"]?.operation as? Convolution)?.moves.stride == [2, 2])
    #expect(try run(stride.blueprint).shapes["conv2"]?.spatial == [5, 5])
    #expect(stride.blueprint.parameterCount == 61_706)
    let convolution = try changed(.lenet5, "pooling=convolution")
    #expect(convolution.blueprint.parameters["pool1.weight"]?.shape == [6, 6, 2, 2])
    #expect(convolution.blueprint.graph["pool1_activation"]?.operation is Activation)
    #expect(try run(convolution.blueprint).shapes["fc3"] == [1, 120])
    // VGG's pools are after batch norm and ReLU.
    _ = try run(changed(.vggSmall, "pooling=stride").blueprint)
  }

  @Test func `normalization comes and goes`() throws {
    let batch = try changed(.alexnetOriginal, "normalization=batch", input: [3, 67, 67])
    #expect(batch.blueprint.graph["norm1"] == nil)
    #expect(batch.blueprint.graph["relu1"]?.inputs == ["conv1_norm"])
    #expect(batch.blueprint.parameters["conv1.bias"] == nil)
    #expect(batch.blueprint.graph["fc8_norm"] == nil)
    let none = try changed(.vggSmall, "normalization=none")
    #expect(!none.blueprint.graph.nodes.contains { $0.operation is BatchNormalization })
    #expect(none.blueprint.parameters["conv3.bias"]?.shape == [128])
    _ = try run(none.blueprint)
    _ = try run(changed(.local, "normalization=batch").blueprint)
  }

  @Test func `activations and dropout change`() throws {
    let tanh = try changed(.lenet5, "activation=tanh", "dropout=0.5")
    #expect(
      (tanh.blueprint.graph["relu1"]?.operation as? Activation)?.function == .hyperbolicTangent)
    #expect(tanh.blueprint.graph["fc4"]?.inputs == ["fc4_dropout"])
    #expect(tanh.blueprint.graph["conv2_dropout"] == nil)
    let linear = try changed(.mlp, "activation=none")
    #expect(names(linear.blueprint) == ["flatten", "fc1", "fc2", "fc3"])
    let less = try changed(.alexnetMini, "dropout=0")
    #expect(!less.blueprint.graph.nodes.contains { $0.operation is Dropout })
    // Two dropouts in a row would drop more than either says.
    let once = try changed(.alexnet, "remove=classifier.1", input: [3, 224, 224])
    #expect(!names(once.blueprint).contains("classifier.2"))
    #expect(once.blueprint.graph["classifier.4"]?.inputs == ["classifier.0"])
  }

  @Test func `a whole residual block can be left out`() throws {
    let (blueprint, _) = try changed(.resnet20, "remove=layer1.1.*")
    _ = try run(blueprint)
    #expect(!names(blueprint).contains { $0.hasPrefix("layer1.1.") })
    _ = try run(changed(.mobilenetV2, "remove=features.18.*", input: [3, 32, 32]).blueprint)
  }

  @Test func `locally connected layers adapt their places`() throws {
    let (blueprint, _) = try changed(.local, "remove=local1", "resize=local2:3")
    #expect(blueprint.parameters["local2.weight"]?.shape == [12, 12, 3, 1, 5, 5])
    #expect(blueprint.parameters["local2.bias"]?.shape == [432])
    _ = try run(blueprint)
  }

  @Test(arguments: [
    ("remove=fc9", "remove: the network has no layer 'fc9'; did you mean fc3 or fc4 or fc5?"),
    ("remove=fc5", "remove: 'fc5' gives the class scores and cannot be left out"),
    (
      "remove=flatten",
      "remove: 'flatten' only changes the shape of what the next layers read; name a layer instead"
    ),
    ("resize=fc5:3", "resize: 'fc5' has one unit for each class"),
    ("resize=relu1:3", "resize: 'relu1' has no number of filters or units of its own"),
    ("resize=fc3:0", "resize: fc3: expected a number from 1 to 1048576, found 0"),
    ("resize=fc3", "resize: expected LAYER:COUNT, found 'fc3'"),
    ("pooling=mean", "pooling: expected one of max, average, stride, convolution, found 'mean'"),
    ("pooling=max", "pooling=max: there is nothing of that kind to change"),
    ("normalization=none", "normalization=none: there is nothing of that kind to change"),
    ("dropout=1", "dropout: expected a number from 0 and below 1, found 1.0"),
    ("dropout=nan", "dropout: expected a number from 0 and below 1, found nan"),
    (
      "size=3",
      "expected one of remove=…, resize=…, pooling=…, normalization=…, activation=…, dropout=…, "
        + "found 'size=3'"
    ),
    (
      "",
      "expected one of remove=…, resize=…, pooling=…, normalization=…, activation=…, "
        + "dropout=…, found ''"
    ),
  ])
  func `what cannot be is an error in one line`(text: String, reason: String) throws {
    let error = try #require(throws: ArchitectureChangeError.self) { try changed(.lenet5, text) }
    #expect(error.description == reason)
  }

  @Test func `layers that no longer fit are named`() throws {
    let error = try #require(throws: ArchitectureChangeError.self) {
      try changed(.resnet20, "resize=layer1.0.conv2:17")
    }
    #expect(error.description.hasPrefix("after the changes, node 'layer1.0.add'"))
  }

  @Test func `the short form says the same`() throws {
    var changes = ArchitectureChanges()
    for text in ["resize=b:2,a:1", "remove=x, y", "pooling=stride", "dropout=0.25"] {
      try changes.add(text)
    }
    #expect(changes.description == "remove=x,y resize=a:1,b:2 pooling=stride dropout=0.25")
    var again = ArchitectureChanges()
    for text in changes.description.split(separator: " ") { try again.add(String(text)) }
    #expect(again == changes)
  }
}
