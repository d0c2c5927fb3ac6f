public import Files
internal import Foundation
public import Networks
public import TensorCore

/// A network with everything that is needed to use it and to continue its training.
///
/// It is stored in a safetensors file: weights under their parameter names, everything else as text
/// in the metadata, under keys with the prefix `fovea.`.
public struct Checkpoint: Sendable {
  /// How to build the network that the weights belong to.
  public struct Design: Sendable, Hashable, Codable {
    /// The name of an `Architecture`.
    public var architecture: String
    public var classes: Int
    /// `[C, H, W]`.
    public var input: [Int]
    /// Replaces the paper's rate; only used in training.
    public var dropout: Float?

    public init(architecture: String, classes: Int, input: [Int], dropout: Float? = nil) {
      self.architecture = architecture
      self.classes = classes
      self.input = input
      self.dropout = dropout
    }
  }

  /// The metadata keys that this module uses; other modules have their own.
  public enum Key {
    public static let prefix = "fovea."
    static let design = "fovea.network"
    /// The nodes of a network that is not a named architecture.
    static let graph = "fovea.graph"
    static let classNames = "fovea.classes"
    /// How pictures are preprocessed for the network.
    public static let preprocessing = "fovea.preprocessing"
    /// The course of the training.
    public static let history = "fovea.history"
    public static let recipe = "fovea.recipe"
  }

  /// Where it was loaded from; empty for a new checkpoint.
  public let path: String
  /// Nil for a network that is not a named architecture; the file then contains its graph.
  public var design: Design?
  public var network: Network
  /// In the order of the class scores; empty if there are no names.
  public var classNames: [String]
  /// Texts by key, including those of other programs.
  public var metadata: [String: String]
  /// Tensors that are not weights, for example an optimizer's moments.
  public var state: [String: Tensor]
  /// Whether the file says that its network takes pixels as integers, 0…255.
  public var takesIntegers = false
  /// Whether the file says that its network takes pictures as `[N, H, W, C]`.
  public var takesChannelsLast = false
  /// What a user should know about how it was read, one line each.
  public var notes: [String] = []
  /// What is wrong with the network although the file is valid, one line each.
  public var warnings: [String] { network.nonFiniteWeights.map { [$0] } ?? [] }

  public init(
    _ network: Network, design: Design?, classNames: [String] = [],
    metadata: [String: String] = [:], state: [String: Tensor] = [:], path: String = ""
  ) {
    self.path = path
    self.design = design
    self.network = network
    self.classNames = classNames
    self.metadata = metadata
    self.state = state
  }

  /// Reads a value written by `setMetadata`.
  ///
  /// - Returns: Nil if the metadata has no such key.
  /// - Throws: `FileError` of kind `.malformed` if the text is not such a value.
  public func metadata<Value: Decodable>(
    _ type: Value.Type, for key: String
  ) throws(FileError) -> Value? {
    guard let text = metadata[key] else { return nil }
    do {
      return try Self.value(type, from: text)
    } catch DecodingError.dataCorrupted(let context) where context.underlyingError == nil {
      // The type's own message about a value that it rejects; invalid JSON has its own error below.
      throw FileError(.malformed, path, "metadata \(quoted(key)): \(context.debugDescription)")
    } catch {
      throw FileError(
        .malformed, path, "expected \(type) in metadata \(quoted(key)), found \(quoted(text))")
    }
  }

  /// Writes a value as JSON; equal values give equal text.
  public mutating func setMetadata(_ value: some Encodable, for key: String) {
    metadata[key] = Self.json(value)
  }

  static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: notANumber)
    guard let data = try? encoder.encode(value) else {
      preconditionFailure("\(value) has no JSON")
    }
    return String(decoding: data, as: UTF8.self)
  }

  static func value<Value: Decodable>(_ type: Value.Type, from json: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: notANumber)
    return try decoder.decode(type, from: Data(json.utf8))
  }

  private static let (infinity, notANumber) = ("infinity", "nan")
}

extension Checkpoint {
  private static let statePrefix = "state."

  /// Whether a tensor of a file belongs to `state`.
  static func isState(_ name: String) -> Bool { name.hasPrefix(statePrefix) }

  static func stateName(of name: String) -> String { String(name.dropFirst(statePrefix.count)) }

  /// Writes the file completely or not at all; equal checkpoints give equal bytes.
  ///
  /// - Throws: `FileError` of kind `.unwritable`.
  public func save(
    to path: String, precision: SafeTensorsFile.Precision = .single
  ) throws(FileError) {
    var tensors: [String: Tensor] = [:]
    for name in network.parameters.names { tensors[name] = network.parameters[name] }
    for (name, tensor) in state { tensors[Self.statePrefix + name] = tensor }
    var metadata = metadata
    if let design {
      metadata[Key.design] = Self.json(design)
    } else {
      metadata[Key.graph] = Self.json(CodedGraph(network.graph))
    }
    metadata[Key.classNames] = classNames.isEmpty ? nil : Self.json(classNames)
    try SafeTensorsFile.write(tensors, metadata: metadata, precision: precision, to: path)
  }
}
