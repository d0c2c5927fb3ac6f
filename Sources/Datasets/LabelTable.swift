public import Files
internal import Foundation

/// Which class each picture of a folder has, from a table of files and labels.
///
/// The table has a header with a column `file`, and a column `label` with the names of classes or
/// their numbers, from 0 on. Files are relative to the folder of pictures, or bare file names.
public struct LabelTable: Sendable {
  private static let fileHeads = ["file", "filename", "file_name", "image", "picture", "path"]
  private static let labelHeads = [
    // Two classes may have one name, as ImageNet's cranes do, but not one number.
    "label", "class_index", "target", "class", "class_name", "category",
  ]
  /// Greater numbers are no classes of any network.
  private static let greatestNumber = 1 << 20

  public let path: String
  /// By file, as written.
  let labels: [String: String]
  private let lines: [String: Int]

  /// - Throws: `FileError` that names the line.
  public init(_ path: String, memory: MemoryBudget = .ofMachine()) throws(FileError) {
    var table = try CSVTable(try readFile(path, memory: memory), file: path)
    let heads = table.columns.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    func column(_ names: [String]) -> Int? { names.lazy.compactMap(heads.firstIndex).first }
    guard let file = column(Self.fileHeads), let label = column(Self.labelHeads) else {
      throw FileError(
        .malformed, path,
        "expected a header with the columns file and label, found "
          + table.columns.joined(separator: ","))
    }
    var (labels, lines): ([String: String], [String: Int]) = ([:], [:])
    while let row = try table.next() {
      let values = row.values.map { $0.trimmingCharacters(in: .whitespaces) }
      guard !values[file].isEmpty, !values[label].isEmpty else { continue }
      if let earlier = labels.updateValue(values[label], forKey: values[file]),
        earlier != values[label]
      {
        throw table.error(
          row,
          "expected \"\(earlier)\" for '\(values[file])', as before, found "
            + "\"\(values[label])\"")
      }
      lines[values[file]] = row.line
    }
    (self.path, self.labels, self.lines) = (path, labels, lines)
  }

  /// The labels of some files, by their places, and the rows that name none of them.
  func matched(to files: [String]) throws(FileError) -> (labels: [String?], remark: String?) {
    var used: Set<String> = []
    let found = files.map { file -> String? in
      let name = (file as NSString).lastPathComponent
      guard let key = [file, name].first(where: { labels[$0] != nil }) else { return nil }
      used.insert(key)
      return labels[key]
    }
    let missing = labels.keys.filter { !used.contains($0) }
      .sorted { (lines[$0] ?? 0) < (lines[$1] ?? 0) }
    if used.isEmpty {
      throw FileError(
        .malformed, path,
        "expected names of pictures in column file, such as '\(files.first ?? "")', found "
          + (missing.first.map { "'\($0)' in line \(lines[$0] ?? 0)" } ?? "none"))
    }
    guard let first = missing.first else { return (found, nil) }
    let rows = missing.count == 1 ? "1 row that names" : "\(missing.count) rows that name"
    return (found, "\(path): skipped \(rows) no picture, first '\(first)'")
  }

  /// The classes' names and each label's class: numbers if all labels are numbers.
  static func classes(
    _ labels: [String?], of path: String
  ) throws(FileError) -> (names: [String], labels: [Int?]) {
    let words = labels.compactMap(\.self)
    let numbers = words.compactMap { Int($0) }
    if numbers.count == words.count, let greatest = numbers.max(), let least = numbers.min() {
      guard least >= 0, greatest <= greatestNumber else {
        throw FileError(
          .malformed, path,
          "expected class numbers from 0 to \(greatestNumber), found \(least < 0 ? least : greatest)"
        )
      }
      return ((0...greatest).map(String.init), labels.map { $0.flatMap { Int($0) } })
    }
    let names = Set(words).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    return (names, labels.map { $0.flatMap { places[$0] } })
  }
}

/// Pictures of a folder with the labels of a table.
public struct LabelledPictures: Dataset {
  public let classNames: [String]
  public let remarks: [String]
  private let folder: ExampleFolder
  private let labels: [Int?]

  /// - Throws: `FileError` if the table names none of the pictures.
  public init(_ folder: ExampleFolder, _ table: LabelTable) throws(FileError) {
    let (found, remark) = try table.matched(to: folder.files)
    (classNames, labels) = try LabelTable.classes(found, of: table.path)
    let count = labels.count { $0 != nil }
    self.folder = folder
    remarks =
      folder.remarks
      + [
        count < labels.count ? "\(table.path): labels of \(count) of \(labels.count) pictures" : nil
      ]
      .compactMap(\.self) + [remark].compactMap(\.self)
  }

  public var count: Int { folder.count }
  public var heldBytes: Int { folder.heldBytes }
  public var holdsArrays: Bool { folder.holdsArrays }
  public func label(at index: Int) throws -> Int? { labels[index] }
  public func source(at index: Int) throws -> String { try folder.source(at: index) }
  public func annotations(at index: Int) throws -> Annotations {
    try folder.annotations(at: index)
  }

  public func example(at index: Int) throws -> Example {
    try folder.example(at: index).labelled(labels[index])
  }
}
