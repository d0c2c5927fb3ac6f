public import Foundation

/// Comma-separated values that are written: a header, and rows (RFC 4180).
package struct CSVRows {
  private var text: [UInt8] = []

  package init(columns: [String]) { append(columns) }

  /// - Parameter values: One per column.
  package mutating func append(_ values: [String]) {
    for (place, value) in values.enumerated() {
      if place > 0 { text.append(UInt8(ascii: ",")) }
      text.append(contentsOf: csvValue(value).utf8)
    }
    text.append(UInt8(ascii: "\n"))
  }

  /// One row per element of an array: its name, the indices of the element with spaces between
  /// them, as `2 0 7`, and the element.
  ///
  /// - Parameter element: By its place among all, row by row.
  package mutating func append(
    array name: String, shape: [Int], element: (Int) -> String
  ) {
    let name = csvValue(name)
    for place in 0..<shape.reduce(1, *) {
      var rest = place
      var indices: [String] = []
      for extent in shape.reversed() {
        indices.append(String(rest % extent))
        rest /= extent
      }
      text.append(contentsOf: name.utf8)
      text.append(UInt8(ascii: ","))
      text.append(contentsOf: indices.reversed().joined(separator: " ").utf8)
      text.append(UInt8(ascii: ","))
      text.append(contentsOf: csvValue(element(place)).utf8)
      text.append(UInt8(ascii: "\n"))
    }
  }

  /// The same of numbers.
  package mutating func append(array name: String, shape: [Int], _ elements: [Float]) {
    append(array: name, shape: shape) { Self.text(Double(elements[$0])) }
  }

  package var data: Data { Data(text) }

  /// A number with the digits of single precision; empty for one that is not finite.
  package static func text(_ value: Double) -> String {
    value.isFinite ? String(format: "%.7g", value) : ""
  }
}
