import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Weights without their network` {
  /// The weights of a fresh network, optionally under other names.
  private func weights(
    _ architecture: Architecture, classes: Int? = nil, input: Shape? = nil,
    named rename: (String) -> String = { $0 }
  ) throws -> [String: Tensor] {
    let blueprint = try architecture.blueprint(classes: classes, inputShape: input)
    var tensors: [String: Tensor] = [:]
    for (name, parameter) in blueprint.parameters {
      tensors[rename(name)] = Tensor(shape: parameter.shape, repeating: 0.5)
    }
    return tensors
  }

  private func load(
    _ tensors: [String: Tensor], architecture: String? = nil, input: Shape? = nil
  ) throws -> Checkpoint {
    let data = SafeTensorsFile.bytes(tensors)
    return try Checkpoint.load(
      FileBytes(data, path: "x.safetensors"), architecture: architecture, input: input)
  }

  @Test(
    .slow,
    arguments: [
      Architecture.lenet5, .alexnetSmall, .vggSmall, .allcnn, .mlp, .squeezenet10, .squeezenet11,
    ])
  func `an architecture is found by the names and shapes of its weights`(
    architecture: Architecture
  ) throws {
    let loaded = try load(weights(architecture))
    #expect(loaded.design?.architecture == architecture.rawValue)
    #expect(loaded.network.graph.inputShape == architecture.usualInputShape)
    #expect(loaded.network.classCount == architecture.usualClassCount)
    #expect(loaded.notes.count == 1)
    #expect(try load(weights(architecture), architecture: architecture.rawValue).notes.isEmpty)
  }

  @Test func `a guess is said`() throws {
    let loaded = try load(weights(.lenet5, classes: 7, input: [3, 32, 32]))
    #expect(
      loaded.notes == [
        "the names and shapes of the weights are those of lenet5; "
          + "assuming 7 classes and an input of 3×28×28"
      ])
    #expect(
      try load(weights(.lenet5), input: [1, 32, 32]).network.graph.inputShape == [1, 32, 32])
  }

  @Test(arguments: [[1, 28, 28], [3, 32, 32], [1, 64, 64]])
  func `the size of the input is found where the weights depend on it`(extents: [Int]) throws {
    let loaded = try load(weights(.mlp, input: Shape(extents)))
    #expect(loaded.network.graph.inputShape == Shape(extents))
  }

  @Test(arguments: ["module.", "_orig_mod.", "model.", "module._orig_mod.", "net.module."])
  func `what a network was wrapped in does not matter`(wrapper: String) throws {
    var tensors = try weights(.lenet5) { wrapper + $0 }
    tensors[wrapper + "bn.num_batches_tracked"] = Tensor(shape: [], [5])
    tensors["n_averaged"] = Tensor(shape: [], [5])
    #expect(try load(tensors).design?.architecture == "lenet5")
  }

  @Test func `what only training uses is left out`() throws {
    let blueprint = try Architecture.googlenet.blueprint()
    #expect(blueprint.unusedPrefixes == ["aux1.", "aux2."])
    var tensors = try weights(.googlenet)
    tensors["aux1.fc1.weight"] = Tensor(shape: [2], repeating: 0)
    #expect(try load(tensors).design?.architecture == "googlenet")
  }

  @Test func `weights that fit nothing are refused with a way out`() throws {
    #expect(
      errorText { try load(["b": Tensor(shape: [1], [0]), "a": Tensor(shape: [1], [0])]) }
        == "x.safetensors: does not say its architecture, and its 2 tensors, the first \"a\", fit "
        + "none that is known by name; export the network as ONNX in Python: "
        + "torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\")")
    var tensors = try weights(.lenet5)
    tensors["conv2.weight"] = Tensor(shape: [16, 6, 3, 3], repeating: 0)
    #expect(
      errorText { try load(tensors) }?.contains(
        "fit none that is known by name; the nearest is lenet5: expected \"conv2.weight\" of lenet5 "
          + "to be [16, 6, 5, 5], found [16, 6, 3, 3]; export the network as ONNX") == true)
    tensors["conv2.weight"] = nil
    #expect(
      errorText { try load(tensors) }?.contains(
        "; the nearest is lenet5: lacks 1 of the 10 parameters of lenet5, the first "
          + "\"conv2.weight\", and has 0 that lenet5 does not have; export") == true)
    tensors["conv2.weight"] = Tensor(shape: [16, 6, 3, 3], repeating: 0)
    #expect(
      errorText { try load(tensors, architecture: "lenet5") }
        == "x.safetensors: expected \"conv2.weight\" of lenet5 to be [16, 6, 5, 5], "
        + "found [16, 6, 3, 3]")
    #expect(
      errorText { try load(tensors, architecture: "renset18") }
        == "x.safetensors: expected the name of an architecture, found \"renset18\"; "
        + "did you mean \"resnet18\"?")
  }

  @Test func `weights of eight bits are numbers`() throws {
    let header = #"{"a":{"dtype":"I8","shape":[3],"data_offsets":[0,3]}}"#
    let data = littleEndian(header.utf8.count, 8) + Data(header.utf8) + Data([0, 0x7F, 0x80])
    let file = try SafeTensorsFile(data: data, path: "x")
    #expect(try file.tensor("a").elements == [0, 127, -128])
    #expect(ElementType.signed8.holdsWeights)
    #expect(!ElementType.signed32.holdsWeights)
  }

  @Test(arguments: ["lenet5.pth", "lenet5-older.pth", "compiled.pth", "averaged.pth"])
  func `PyTorch's files make networks`(name: String) throws {
    let loaded = try Checkpoint.load(fixture(name))
    #expect(loaded.design == .init(architecture: "lenet5", classes: 10, input: [1, 28, 28]))
    // In Fixtures/make_pth.py, all parameters are consecutive parts of one sequence of sines.
    let bias = try #require(loaded.network.parameters["conv1.bias"])
    let expected = (150..<156).map { sin(Double($0)) / 16 }
    expectClose(bias.elements, expected, absolute: 1e-6)
  }

  @Test func `weights that were not saved by themselves are named`() throws {
    #expect(
      try Checkpoint.load(fixture("averaged.pth")).notes.first
        == "the weights are those under \"model_ema\"")
  }
}
