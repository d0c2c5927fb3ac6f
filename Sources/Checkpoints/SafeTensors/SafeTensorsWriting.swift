public import Files
public import Foundation
public import TensorCore

extension SafeTensorsFile {
  /// The precision of the elements in a file.
  public enum Precision: Sendable, Hashable, CaseIterable {
    case single
    /// Half the bytes and about three decimal digits; values beyond ±65504 become infinite.
    case half

    var elementType: ElementType { self == .single ? .float32 : .float16 }
  }

  /// Writes tensors and metadata; equal contents give equal bytes.
  ///
  /// - Throws: `FileError` of kind `.unwritable`; an existing file of that name is then unchanged.
  public static func write(
    _ tensors: [String: Tensor], metadata: [String: String] = [:],
    precision: Precision = .single, to path: String
  ) throws(FileError) {
    try writeFile(bytes(tensors, metadata: metadata, precision: precision), to: path)
  }

  /// The bytes of a file: names sorted, the header length a multiple of eight bytes.
  public static func bytes(
    _ tensors: [String: Tensor], metadata: [String: String] = [:],
    precision: Precision = .single
  ) -> Data {
    precondition(tensors["__metadata__"] == nil, "__metadata__ is not a tensor's name")
    let type = precision.elementType
    let sorted = tensors.sorted { $0.key < $1.key }
    var fields: [String] = []
    if !metadata.isEmpty {
      let items = metadata.sorted { $0.key < $1.key }
        .map { "\(json($0.key)):\(json($0.value))" }
      fields.append("\"__metadata__\":{\(items.joined(separator: ","))}")
    }
    var end = 0
    for (name, tensor) in sorted {
      let start = end
      end += tensor.count * type.size
      let shape = tensor.shape.extents.map(String.init).joined(separator: ",")
      fields.append(
        "\(json(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(end)]}")
    }
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    header.append(
      contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))

    var data = Data(capacity: 8 + header.count + end)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header)
    for (_, tensor) in sorted {
      tensor.arranged(as: .rowMajor).withUnsafeElements { append($0, as: precision, to: &data) }
    }
    return data
  }

  private static func append(
    _ elements: UnsafeBufferPointer<Float>, as precision: Precision, to data: inout Data
  ) {
    switch precision {
    case .single:
      #if _endian(little)
      data.append(elements)
      #else
      elements.map(\.bitPattern.littleEndian).withUnsafeBytes { data.append(contentsOf: $0) }
      #endif
    case .half:
      elements.map { half($0).littleEndian }.withUnsafeBytes { data.append(contentsOf: $0) }
    }
  }

  /// A JSON text, escaped no more than RFC 8259 requires.
  private static func json(_ text: String) -> String {
    var escaped = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": escaped += "\\\""
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      case "\t": escaped += "\\t"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped + "\""
  }
}
