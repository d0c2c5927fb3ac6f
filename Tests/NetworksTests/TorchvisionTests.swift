import Checkpoints
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

/// What `make_torchvision.py` found out about torchvision's networks and CIFAR's ResNets.
private struct Described: Decodable, CustomTestStringConvertible {
  let name: String
  /// Without those that are not used here.
  let tensors: Int
  /// FNV-1a of the names and shapes.
  let signature: String
  let learned: Int
  /// Published multiply-adds for one picture of the usual size, in billions.
  let billions: Double?
  let side: Int
  let gain: Float
  let scores: [Float]
  /// The first score's gradient at 24 positions in the picture.
  let gradient: [Float]
  /// The mean magnitude of the whole gradient.
  let steepness: Double
  /// After each module with parameters, in alphabetical order of the modules.
  let magnitudes: [Double]

  var testDescription: String { name }

  var architecture: Architecture {
    get throws { try #require(Architecture(rawValue: name), "\(name) is no architecture") }
  }

  /// Empty if the file cannot be read.
  static let all: [Described] = {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/torchvision.json")
    let data = (try? Data(contentsOf: path)) ?? Data()
    return (try? JSONDecoder().decode([Described].self, from: data)) ?? []
  }()
}

/// The networks of torchvision and CIFAR's ResNets, serially: some hold half a gigabyte.
@Suite(.serialized, .slow) struct `Architectures beside torchvision's` {
  @Test func `are described in a file`() {
    #expect(Described.all.count == 37, "Fixtures/torchvision.json")
  }

  @Test(arguments: Described.all)
  fileprivate func `have the same parameters by name and shape`(described: Described) throws {
    let parameters = try described.architecture.blueprint().parameters
    let lines = parameters.keys.sorted().map { "\($0) \(parameters[$0]?.shape ?? [])\n" }
    #expect(lines.count == described.tensors)
    let signature = String(FormulaWeights.hash(lines.joined()), radix: 16)
    #expect(String(repeating: "0", count: 16 - signature.count) + signature == described.signature)
  }

  @Test(arguments: Described.all)
  fileprivate func `have as many learned numbers`(described: Described) throws {
    let learned = try described.architecture.blueprint().parameters
      .filter { !$0.key.contains(".running_") }
    #expect(learned.values.reduce(0) { $0 + $1.shape.elementCount } == described.learned)
  }

  /// Published numbers are rounded to a million.
  @Test(arguments: Described.all.filter { $0.billions != nil })
  fileprivate func `multiply and add as often`(described: Described) throws {
    let blueprint = try described.architecture.blueprint()
    let zeros = blueprint.parameters.mapValues { Tensor(shape: $0.shape, repeating: 0) }
    let network = try Network(graph: blueprint.graph, parameters: Parameters(zeros))
    let count = network.graph.nodes.reduce(0) { $0 + network.multiplyAdds(of: $1) }
    let billions = try #require(described.billions)
    #expect(abs(Double(count) / 1e9 - billions) <= 0.0005, "\(count)")
  }

  @Test(arguments: Described.all)
  fileprivate func `give the same numbers behind every layer`(described: Described) throws {
    let blueprint = try described.architecture.blueprint(
      classes: 10, inputShape: [3, described.side, described.side])
    let network = try FormulaWeights(gain: described.gain).network(blueprint)
    let layers = network.graph.nodes.filter { !$0.parameters.isEmpty && !$0.inputs.isEmpty }
      .sorted { module(of: $0) < module(of: $1) }
    let picture = FormulaWeights.uniform("input", [1, 3, described.side, described.side])
    let recording = network.record(picture, keeping: .only(layers.map(\.name)))
    // Nothing but the scores: layers are fused with the operations after them.
    let fused = network.record(picture, keeping: .only([]))
    let found = layers.map { layer in
      let output = recording[layer.name]
      return Float(output.reduce(0.0) { $0 + Double(abs($1)) } / Double(output.count))
    }
    let names = layers.map(\.name)
    #expect(found.count == described.magnitudes.count)
    for (name, (found, expected)) in zip(names, zip(found, described.magnitudes)) {
      #expect(abs(Double(found) - expected) <= 1e-4 * expected, "behind \(name)")
    }
    let scores = Tensor(shape: [1, 10], described.scores)
    expectClose(recording.scores, scores, relativeNorm: 1e-4, "scores")
    expectClose(fused.scores, scores, relativeNorm: 1e-4, "scores of the fused run")
  }

  /// If rounding moves one value across a ReLU's kink, the gradients of some pixels differ by
  /// several percent (PyTorch's also differ from its own in double precision); all others agree to
  /// 1e-6.
  @Test(arguments: Described.all)
  fileprivate func `have the same gradient at the picture`(described: Described) throws {
    let blueprint = try described.architecture.blueprint(
      classes: 10, inputShape: [3, described.side, described.side])
    let network = try FormulaWeights(gain: described.gain).network(blueprint)
    let picture = FormulaWeights.uniform("input", [1, 3, described.side, described.side])
    let first = Tensor(shape: [1, 10], (0..<10).map { $0 == 0 ? 1 : 0 })
    let gradient = network.record(picture, keeping: .forGradient())
      .propagate(first, from: network.graph.scoreName, by: .gradient).input
    let steepness = gradient.reduce(0.0) { $0 + Double(abs($1)) } / Double(gradient.count)
    #expect(abs(steepness / described.steepness - 1) <= 2e-3)
    let elements = gradient.elements
    let places = stride(from: 0, to: gradient.count, by: gradient.count / 24).prefix(24)
    expectClose(
      Tensor(shape: [24], places.map { elements[$0] }), Tensor(shape: [24], described.gradient),
      relativeNorm: 0.1, "gradient")
  }

  /// A normalization that needs its axes permuted does not have the name of its parameters.
  private func module(of node: Graph.Node) -> String {
    node.parameters[0].split(separator: ".").dropLast().joined(separator: ".")
  }
}

private let folder = ProcessInfo.processInfo.environment["FOVEA_TORCHVISION"]

/// Those of which the folder has a file; it may have been made for some.
private let filed = Described.all.filter {
  FileManager.default.fileExists(atPath: "\(folder ?? "")/\($0.name).safetensors")
}

/// Whole networks with random weights: `make_torchvision.py --networks FOLDER`.
@Suite(
  .serialized,
  .enabled(if: !filed.isEmpty, "FOVEA_TORCHVISION names no folder with torchvision's networks"))
struct `Files of torchvision's networks` {
  @Test(arguments: filed)
  fileprivate func `load and give the same class scores`(described: Described) throws {
    let path = "\(try #require(folder))/\(described.name)"
    let network = try Checkpoint.load(
      path + ".safetensors", architecture: described.name
    ).network
    let expected = try SafeTensorsFile(path + ".expected.safetensors")
    let recording = network.record(try expected.tensor("input"), keeping: .only([]))
    expectClose(
      recording.scores, try expected.tensor("logits"), relativeNorm: 1e-4, described.name)
  }
}
