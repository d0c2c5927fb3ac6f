public import Files
internal import Foundation

/// The parts of pictures, marked by boxes in a table.
///
/// The table has a header with the columns `file` and `part`, and the box in pixels of the picture's
/// file: `left`, `top`, `right` and `bottom`, or `x`, `y`, `width` and `height`. The names that
/// `annotations.csv` has for boxes, `box_name` and `box_x` to `box_height`, mean the same. Files are
/// relative to the folder of pictures, or bare file names. Other columns are ignored, and so are
/// rows without a box.
public struct PartTable: Sendable {
  /// One marked part of one picture.
  public struct Row: Sendable, Hashable {
    /// As written.
    public let file: String
    public let part: String
    /// In pixels of the picture's file.
    public let box: Annotations.Box
    /// In the table, counted from 1.
    public let line: Int
  }

  public let path: String
  public let rows: [Row]

  private static let partHeads = ["part", "box_name"]
  private static let edgeHeads = ["left", "top", "right", "bottom"]
  private static let sizeHeads = [
    ["x", "y", "width", "height"], ["box_x", "box_y", "box_width", "box_height"],
  ]

  /// - Throws: `FileError` that names the line and column.
  public init(_ path: String, memory: MemoryBudget = .ofMachine()) throws(FileError) {
    self.path = path
    var table = try CSVTable(try readFile(path, memory: memory), file: path)
    let heads = table.columns.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    func columns(_ names: [String]) -> [Int]? {
      let found = names.compactMap(heads.firstIndex)
      return found.count == names.count ? found : nil
    }
    let edges = columns(Self.edgeHeads)
    guard let file = heads.firstIndex(of: "file"),
      let part = Self.partHeads.compactMap(heads.firstIndex).first,
      let box = edges ?? Self.sizeHeads.compactMap(columns).first
    else {
      throw FileError(
        .malformed, path,
        "expected a header with the columns file, part, left, top, right, bottom (or x, y, width, "
          + "height), found \(table.columns.joined(separator: ","))")
    }
    var rows: [Row] = []
    while let line = try table.next() {
      let cells = AnnotationColumns.Cells(
        values: line.values.map { $0.trimmingCharacters(in: .whitespaces) }, row: line,
        table: table)
      guard box.contains(where: { !cells.values[$0].isEmpty }) else { continue }
      for column in [file, part] where cells.values[column].isEmpty {
        throw table.error(line, "expected a name for \(table.columns[column]), found none")
      }
      var numbers: [Double] = []
      for column in box { numbers.append(try cells.number(column)) }
      if edges != nil {
        for side in 0..<2 {
          guard numbers[side + 2] > numbers[side] else {
            throw table.error(
              line,
              "expected \(table.columns[box[side + 2]]) greater than \(table.columns[box[side]]), "
                + "found \(cells.values[box[side + 2]]) and \(cells.values[box[side]])")
          }
          numbers[side + 2] -= numbers[side]
        }
      }
      try cells.checkPositive(numbers, in: box)
      rows.append(
        Row(
          file: cells.values[file], part: cells.values[part],
          box: .init(
            name: cells.values[part], x: numbers[0], y: numbers[1], width: numbers[2],
            height: numbers[3]), line: line.line))
    }
    guard !rows.isEmpty else {
      throw FileError(.malformed, path, "expected rows with boxes, found none")
    }
    self.rows = rows
  }

  /// The rows of each picture that has any, by its place among some files.
  ///
  /// - Throws: `FileError` if rows name none of the files, or one that several have, or if two mark
  ///   the same part of a picture.
  public func rows(of files: [String]) throws(FileError) -> [Int: [Row]] {
    let places = Dictionary(zip(files, files.indices)) { first, _ in first }
    var named: [String: [Int]] = [:]
    for (place, file) in files.enumerated() {
      named[(file as NSString).lastPathComponent, default: []].append(place)
    }
    var (found, missing): ([Int: [Row]], [Row]) = ([:], [])
    for row in rows {
      let name = relative(row.file)
      let candidates = places[name].map { [$0] } ?? named[name] ?? []
      guard let place = candidates.first else {
        missing.append(row)
        continue
      }
      guard candidates.count == 1 else {
        throw error(
          row,
          "expected the name of one picture, found '\(row.file)', of which there are "
            + "\(candidates.count), such as '\(files[place])'")
      }
      if let earlier = found[place]?.first(where: { $0.part == row.part }) {
        guard earlier.box != row.box else { continue }
        throw error(
          row,
          "expected one box for '\(row.part)' of '\(row.file)', as in line \(earlier.line), found a "
            + "second")
      }
      found[place, default: []].append(row)
    }
    if let first = missing.first {
      let count = missing.count == 1 ? "1 row that names" : "\(missing.count) rows that name"
      throw FileError(
        .malformed, path,
        "expected names of pictures in column file, such as '\(files.min() ?? "")', found \(count) "
          + "none, first '\(first.file)' in line \(first.line)")
    }
    return found
  }

  /// - Returns: What is wrong with a row of this table.
  public func error(_ row: Row, _ reason: String) -> FileError {
    FileError(.malformed, path, "line \(row.line): \(reason)")
  }
}
