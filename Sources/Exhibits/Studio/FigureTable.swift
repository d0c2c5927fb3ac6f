internal import Files
internal import Foundation

/// The numbers of a figure as a table, for programs that read no arrays.
struct FigureTable {
  private(set) var rows: [[String]]

  init(columns: [String]) { rows = [columns] }

  /// - Parameter values: One per column.
  mutating func append(_ values: [String]) { rows.append(values) }

  /// With a header, and quotes where they are needed.
  var csv: Data {
    Data(
      rows.map { $0.map { csvValue($0) }.joined(separator: ",") + "\n" }.joined().utf8)
  }

  /// A number with the digits of single precision; empty for one that is not finite.
  static func text(_ value: Double) -> String {
    value.isFinite ? String(format: "%.7g", value) : ""
  }
}
