internal import Files
internal import Foundation

/// Class names from a column of a table.
struct ClassNamesInTable {
  let names: [String]

  private static let (nameHeads, numberHeads): (Set<String>, Set<String>) = (
    [
      "name", "names", "class_name", "class name", "classname", "class", "classes", "label",
      "labels", "category", "description", "words", "text",
    ],
    ["index", "idx", "id", "number", "class_id", "class id", "class_index", "label_id", "target"]
  )

  /// - Throws: `FileError` if a quote is not closed.
  init(_ text: String, separator: Character, file: String) throws(FileError) {
    var rows: [[String]] = []
    var reader = CSVReader(Data(text.utf8), separator: separator, file: file)
    while let row = try reader.next() {
      let cells = row.values.map { $0.trimmingCharacters(in: .whitespaces) }
      if cells != [""] { rows.append(cells) }
    }
    var (nameColumn, numberColumn): (Int?, Int?)
    if let first = rows.first?.map({ $0.lowercased() }) {
      nameColumn = first.firstIndex(where: Self.nameHeads.contains)
      numberColumn = first.firstIndex(where: Self.numberHeads.contains)
      // A class name may equal a header, but not in a row with another header.
      if nameColumn != nil || numberColumn != nil { rows.removeFirst() }
    }
    let width = rows.map(\.count).min() ?? 0
    func column(_ index: Int) -> [String] { rows.map { index < $0.count ? $0[index] : "" } }
    func isNumbers(_ cells: [String]) -> Bool {
      inOrder(cells.map { (Int($0) ?? -1, "") }) != nil
    }
    let others = width > 1 ? (0..<width).filter { $0 != nameColumn } : []
    let candidates: [[String]] = (numberColumn.map { [$0] } ?? others).map { column($0) }
    let order = candidates.first { isNumbers($0) }
    let texts = (0..<width).first { index in
      let cells = column(index)
      return !cells.allSatisfy { Int($0) != nil || $0.wholeMatch(of: /n\d{8}/) != nil }
    }
    let names = column(nameColumn ?? texts ?? 0)
    self.names =
      order.flatMap { order in inOrder(zip(order, names).map { (Int($0) ?? -1, $1) }) } ?? names
  }
}
