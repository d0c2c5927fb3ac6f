internal import Files
internal import Foundation

/// Which columns of a table say what about a picture; see ``AnnotationTable``.
struct AnnotationColumns {
  /// One row's values, without spaces around them.
  struct Cells {
    let values: [String]
    let row: CSVReader.Row
    let table: CSVTable

    func number(_ column: Int) throws(FileError) -> Double {
      guard let number = decimal(values[column]) else {
        throw table.error(
          row, "expected a number for \(table.columns[column]), found \"\(values[column])\"")
      }
      return number
    }

    /// Checks width and height of a box.
    ///
    /// - Parameter columns: x, y, width, height.
    func checkPositive(_ numbers: [Double], in columns: [Int]) throws(FileError) {
      for (column, number) in zip(columns, numbers).dropFirst(2) where number <= 0 {
        throw table.error(
          row, "expected a number above 0 for \(table.columns[column]), found \"\(values[column])\""
        )
      }
    }
  }

  private struct Part {
    let name: String
    let x: Int
    let y: Int
    let visible: Int?
  }

  let file: Int
  let factors: [(column: Int, name: String)]
  let mask: Int?
  private let maskName: Int?
  /// x, y, width, height.
  private let box: [Int]
  private let boxName: Int?
  private let parts: [Part]

  private static let boxColumns = ["box_x", "box_y", "box_width", "box_height"]

  /// Nil if there is no column `file`, and the table is of another kind.
  ///
  /// - Throws: `FileError` if columns that belong together are not all there.
  init?(_ table: CSVTable) throws(FileError) {
    let names = table.columns.map { $0.trimmingCharacters(in: .whitespaces) }
    guard let file = names.firstIndex(of: "file") else { return nil }
    self.file = file
    var used: Set<Int> = [file]
    func find(_ name: String) -> Int? {
      guard let column = names.firstIndex(of: name) else { return nil }
      used.insert(column)
      return column
    }
    func together(_ wanted: [String], with others: [String] = []) throws(FileError) -> [Int] {
      let found = wanted.compactMap(find)
      guard found.count == wanted.count || found.isEmpty && !others.contains(where: names.contains)
      else {
        let present = (wanted + others).filter(names.contains)
        let what =
          wanted.count == 1
          ? "a column \(wanted[0])"
          : "columns \(wanted.joined(separator: ", ")) together"
        throw FileError(
          .malformed, table.file, "expected \(what), found \(present.joined(separator: ", "))")
      }
      return found
    }
    box = try together(Self.boxColumns, with: ["box_name"])
    boxName = find("box_name")
    mask = try together(["mask"], with: ["mask_name"]).first
    maskName = find("mask_name")
    var parts: [Part] = []
    for name in names {
      guard let match = name.wholeMatch(of: /part_(.+)_(?:x|y|visible)/) else { continue }
      let part = String(match.output.1)
      guard !parts.contains(where: { $0.name == part }) else { continue }
      let found = try together(
        ["part_\(part)_x", "part_\(part)_y"], with: ["part_\(part)_visible"])
      parts.append(
        Part(name: part, x: found[0], y: found[1], visible: find("part_\(part)_visible")))
    }
    self.parts = parts
    factors = names.indices.filter { !used.contains($0) && !names[$0].isEmpty }
      .map { ($0, names[$0]) }
  }

  /// In words: `3 factors, boxes and masks`.
  var contents: String {
    var contents: [String] = []
    if !factors.isEmpty {
      contents.append("\(factors.count) factor\(factors.count == 1 ? "" : "s")")
    }
    if !box.isEmpty { contents.append("boxes") }
    if mask != nil { contents.append("masks") }
    if !parts.isEmpty { contents.append("\(parts.count) part\(parts.count == 1 ? "" : "s")") }
    guard contents.count > 1, let last = contents.last else { return contents.first ?? "names" }
    return contents.dropLast().joined(separator: ", ") + " and " + last
  }

  /// - Returns: Nil if all cells are empty.
  func box(in cells: Cells) throws(FileError) -> Annotations.Box? {
    guard box.contains(where: { !cells.values[$0].isEmpty }) else { return nil }
    var numbers: [Double] = []
    for column in box { numbers.append(try cells.number(column)) }
    try cells.checkPositive(numbers, in: box)
    return Annotations.Box(
      name: text(boxName, in: cells), x: numbers[0], y: numbers[1], width: numbers[2],
      height: numbers[3])
  }

  func parts(in cells: Cells) throws(FileError) -> [Annotations.Part] {
    var found: [Annotations.Part] = []
    for part in parts
    where !cells.values[part.x].isEmpty || !cells.values[part.y].isEmpty {
      let (x, y) = (try cells.number(part.x), try cells.number(part.y))
      let visible = part.visible.map { cells.values[$0] } ?? ""
      guard ["", "0", "1"].contains(visible) else {
        throw cells.table.error(
          cells.row, "expected 0 or 1 for part_\(part.name)_visible, found \"\(visible)\"")
      }
      found.append(Annotations.Part(name: part.name, x: x, y: y, isVisible: visible != "0"))
    }
    return found
  }

  func mask(
    in cells: Cells, beside path: String, _ memory: MemoryBudget
  ) throws(FileError) -> Annotations.Mask? {
    guard let mask, !cells.values[mask].isEmpty else { return nil }
    let name = cells.values[mask]
    let file = "\(parentFolder(of: path))/\(name)"
    guard !name.hasPrefix("/"), kindOfFile(file) == .regular else {
      throw cells.table.error(
        cells.row,
        "expected a picture's path, relative to the table, for \(cells.table.columns[mask]), found "
          + "\"\(name)\", where there is none")
    }
    return Annotations.Mask(name: text(maskName, in: cells), file: file, memory: memory)
  }

  private func text(_ column: Int?, in cells: Cells) -> String? {
    guard let column, !cells.values[column].isEmpty else { return nil }
    return cells.values[column]
  }
}
