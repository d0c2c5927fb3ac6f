public import Foundation

/// An ONNX file written field by field (onnx.ai/onnx/repo-docs/IR.html), whose claims may be false.
public struct SyntheticONNX {
  public struct Node {
    let kind, name, domain: String
    let inputs, outputs: [String]
    let attributes: [Data]

    /// - Parameter attributes: As written by `attribute(_:_:)`.
    public init(
      _ kind: String, _ inputs: [String], _ outputs: [String], name: String = "",
      domain: String = "", attributes: [Data] = []
    ) {
      (self.kind, self.name, self.domain) = (kind, name, domain)
      (self.inputs, self.outputs, self.attributes) = (inputs, outputs, attributes)
    }

    var data: Data {
      inputs.reduce(Data()) { $0 + text(1, $1) } + outputs.reduce(Data()) { $0 + text(2, $1) }
        + text(3, name) + text(4, kind) + attributes.reduce(Data()) { $0 + field(5, $1) }
        + text(7, domain)
    }
  }

  public struct Initializer {
    let data: Data

    /// 32-bit floats, as raw bytes.
    public init(_ name: String, _ extents: [Int], _ numbers: [Float]) {
      let bytes = numbers.reduce(Data()) { data, number in
        data + withUnsafeBytes(of: number.bitPattern.littleEndian) { Data($0) }
      }
      self.init(name, extents, type: 1, field(9, bytes))
    }

    /// 64-bit integers along one axis, as numbers in the message.
    public init(_ name: String, integers: [Int]) {
      self.init(
        name, [integers.count], type: 7, integers.reduce(Data()) { $0 + number(7, $1) })
    }

    /// 32-bit floats in another file.
    public init(_ name: String, _ extents: [Int], external: [String: String]) {
      let entries = external.sorted { $0.key < $1.key }.reduce(Data()) {
        $0 + field(13, text(1, $1.key) + text(2, $1.value))
      }
      self.init(name, extents, type: 1, entries + number(14, 1))
    }

    /// - Parameters:
    ///   - type: The specification's number for the data type.
    ///   - content: The fields that contain the numbers.
    public init(_ name: String, _ extents: [Int], type: Int, _ content: Data) {
      data =
        extents.reduce(Data()) { $0 + number(1, $1) } + number(2, type) + text(8, name) + content
    }
  }

  /// An input in addition to `x`.
  public struct Input: Sendable {
    let name: String
    let extents: [Int?]
    let type: Int

    /// - Parameters:
    ///   - extents: Nil for a symbolic extent.
    ///   - type: The specification's number for the data type.
    public init(_ name: String, _ extents: [Int?], type: Int = 1) {
      (self.name, self.extents, self.type) = (name, extents, type)
    }

    var data: Data {
      let dimensions = extents.reduce(Data()) { data, extent in
        data + field(1, extent.map { number(1, $0) } ?? text(2, "N"))
      }
      return text(1, name) + field(2, field(1, number(1, type) + field(2, dimensions)))
    }
  }

  public var nodes: [Node]
  public var initializers: [Initializer]
  /// The extents of the input `x`; nil for a symbolic one.
  public var extents: [Int?]
  /// The specification's number for the data type of the input `x`.
  public var type = 1
  /// After `x`.
  public var moreInputs: [Input] = []
  public var outputs: [String]
  /// Nil for none, as in the first versions of the format.
  public var opset: Int?
  public var irVersion = 8

  public init(
    nodes: [Node], initializers: [Initializer] = [], extents: [Int?] = [nil, 1, 4, 4],
    outputs: [String] = ["y"], opset: Int? = 17
  ) {
    (self.nodes, self.initializers, self.extents) = (nodes, initializers, extents)
    (self.outputs, self.opset) = (outputs, opset)
  }

  public var data: Data {
    let graph =
      nodes.reduce(Data()) { $0 + field(1, $1.data) }
      + initializers.reduce(Data()) { $0 + field(5, $1.data) }
      + ([Input("x", extents, type: type)] + moreInputs).reduce(Data()) { $0 + field(11, $1.data) }
      + outputs.reduce(Data()) { $0 + field(12, text(1, $1)) }
    return number(1, irVersion) + (opset.map { field(8, number(2, $0)) } ?? Data())
      + field(7, graph)
  }

  /// An attribute with integers.
  public static func attribute(_ name: String, _ values: [Int]) -> Data {
    text(1, name) + values.reduce(Data()) { $0 + number(8, $1) } + number(20, 7)
  }

  /// An attribute with floating-point numbers.
  public static func attribute(_ name: String, _ values: [Float]) -> Data {
    text(1, name) + values.reduce(Data()) { $0 + fraction(7, $1) } + number(20, 6)
  }

  /// An attribute with one floating-point number.
  public static func attribute(_ name: String, _ value: Float) -> Data {
    text(1, name) + fraction(2, value) + number(20, 1)
  }

  /// An attribute with a string.
  public static func attribute(_ name: String, _ value: String) -> Data {
    text(1, name) + text(4, value) + number(20, 3)
  }

  /// An attribute with a tensor.
  public static func attribute(_ name: String, _ value: Initializer) -> Data {
    text(1, name) + field(5, value.data) + number(20, 4)
  }

  /// An attribute with one integer.
  public static func attribute(_ name: String, _ value: Int) -> Data {
    text(1, name) + number(3, value) + number(20, 2)
  }
}

/// A length-delimited field of Protocol Buffers.
public func field(_ number: Int, _ content: Data) -> Data {
  varint(UInt64(number << 3 | 2)) + varint(UInt64(content.count)) + content
}

private func fraction(_ number: Int, _ value: Float) -> Data {
  varint(UInt64(number << 3 | 5)) + withUnsafeBytes(of: value.bitPattern.littleEndian) { Data($0) }
}

private func text(_ number: Int, _ text: String) -> Data { field(number, Data(text.utf8)) }

private func number(_ field: Int, _ value: Int) -> Data {
  varint(UInt64(field << 3)) + varint(UInt64(bitPattern: Int64(value)))
}

/// An integer of Protocol Buffers, seven bits a byte.
public func varint(_ value: UInt64) -> Data {
  var (bytes, rest) = (Data(), value)
  while rest > 0x7F {
    bytes.append(UInt8(rest & 0x7F) | 0x80)
    rest >>= 7
  }
  return bytes + [UInt8(rest)]
}
