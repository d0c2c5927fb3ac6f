internal import Checkpoints
internal import Files
internal import Foundation
internal import Networks
internal import TensorCore

/// One of ONNX's own operator tests: a model with inputs and the expected outputs.
public struct ONNXNodeTest: Sendable {
  public enum Outcome: Sendable, Hashable {
    case passed
    case failed(String)
    /// Fovea rejects such a model, with its reason.
    case notClaimed(String)
  }

  /// The types of inputs that can be used as pictures.
  private static let liveTypes: Set<ElementType> = [.float16, .bfloat16, .float32, .float64]

  /// Without "test_".
  public let name: String
  private let model: Data
  private let inputs: [Data]
  private let outputs: [Data]

  /// The relative tolerance of ONNX's own runner, and an absolute one for the order of sums.
  private static let relative: Float = 1e-3
  private static let absolute: Float = 1e-5

  /// Every test in an archive of folders `test_NAME`, sorted by name.
  public static func all(in archive: TarArchive) -> [ONNXNodeTest] {
    let files = Dictionary(grouping: archive.entries) { entry in
      entry.name.split(separator: "/").first { $0.hasPrefix("test_") }.map(String.init) ?? ""
    }
    return files.keys.sorted().compactMap { folder in
      guard let entries = files[folder], !folder.isEmpty,
        let model = entries.first(where: { $0.name.hasSuffix("/model.onnx") })
      else { return nil }
      return ONNXNodeTest(
        name: String(folder.dropFirst(5)), model: model.content,
        inputs: values("input", entries), outputs: values("output", entries))
    }
  }

  private static func values(_ kind: String, _ entries: [TarArchive.Entry]) -> [Data] {
    (0...).lazy.map { number in
      entries.first { $0.name.hasSuffix("/test_data_set_0/\(kind)_\(number).pb") }?.content
    }
    .prefix { $0 != nil }.compactMap { $0 }
  }

  /// The operator under test: that of the first node, except for the constants at the beginning of
  /// expanded tests.
  public var operatorName: String {
    guard let model = try? ONNXModel(FileBytes(model, path: name)) else { return "?" }
    let names = model.nodes.map(\.operatorName)
    return names.first { $0 != "Constant" } ?? names.first ?? "?"
  }

  /// Runs the model through the importer and `Network.record`, with the first floating-point input
  /// as pictures and the others bound.
  public func run() -> Outcome {
    do {
      let model = try ONNXModel(FileBytes(model, path: name))
      var bound: [String: Tensor] = [:]
      var pictures: Tensor?
      for (input, data) in zip(model.inputs, inputs) {
        guard let type = input.elementType else {
          return .notClaimed("the input \(input.name) is no tensor")
        }
        let tensor = try readONNXTensor(data, path: "\(name), \(input.name)")
        if pictures == nil, Self.liveTypes.contains(type), tensor.shape.rank > 0 {
          pictures = tensor
        } else {
          bound[input.name] = tensor
        }
      }
      for (output, data) in zip(model.outputs, outputs) {
        let found = try values(of: output, in: model, pictures, bound)
        let expected = try readONNXTensor(data, path: "\(name), \(output)")
        for tensor in found {
          if let difference = Self.difference(tensor, expected) {
            return .failed("\(output): \(difference)")
          }
        }
      }
      return .passed
    } catch {
      return .notClaimed("\(error)")
    }
  }

  /// An output, computed both by a run that keeps everything and by one without a backward pass.
  private func values(
    of output: String, in model: ONNXModel, _ pictures: Tensor?, _ bound: [String: Tensor]
  ) throws -> [Tensor] {
    let shape = pictures.map { Shape(Array($0.shape.extents.dropFirst())) }
    let network = try model.network(
      inputShape: shape, batch: pictures?.shape[0] ?? 1, binding: bound, output: output
    ).network
    let images = pictures ?? Tensor(shape: [1, 1], [0])
    return [Keep.everything, .only([network.graph.outputName])].map {
      network.record(images, keeping: $0).ownOutput(of: network.graph.outputName)
    }
  }

  private static func difference(_ found: Tensor, _ expected: Tensor) -> String? {
    guard found.shape == expected.shape else { return "\(found.shape), not \(expected.shape)" }
    for (index, (a, b)) in zip(found.elements, expected.elements).enumerated() {
      let isClose = a == b || a.isNaN && b.isNaN || abs(a - b) <= absolute + relative * abs(b)
      if !isClose { return "\(a) at \(index), not \(b)" }
    }
    return nil
  }
}
