internal import Files
internal import Foundation

/// The annotations of a folder's pictures, from the tables beside them.
///
/// `annotations.csv`, and `factors.csv` as it is written beside scenes, have a column `file` with
/// the pictures' paths, relative to the table. The other columns are factors of any name, except
/// `box_x`, `box_y`, `box_width`, `box_height` and `box_name`; `part_NAME_x`, `part_NAME_y` and
/// `part_NAME_visible` (0 or 1); `mask` with the path of a picture, relative to the table, and
/// `mask_name`. A picture with several boxes or masks has several rows. Empty cells say nothing.
struct AnnotationTable: Sendable {
  static let fileNames = ["factors.csv", "annotations.csv"]

  /// One picture's, but for the factors.
  private struct Entry: Sendable {
    var boxes: [Annotations.Box] = []
    var masks: [Annotations.Mask] = []
    var parts: [Annotations.Part] = []
  }

  private enum Factor: Sendable {
    /// NaN where there is none.
    case numbers([Double])
    /// Empty where there is none.
    case words([String])
  }

  /// Where each picture is in `entries` and in the factors' columns.
  private var places: [String: Int] = [:]
  private var entries: [Entry] = []
  private var texts: [String: [String]] = [:]
  private var factors: [String: Factor] = [:]
  /// Of each table: what it says of how many pictures, and the place of its remark.
  private var contents: [(path: String, found: String, annotated: Int, place: Int)] = []
  /// What was read, one line for each table.
  private(set) var remarks: [String] = []
  /// Relative to the folder; they are no pictures of the data set.
  private(set) var maskFiles: Set<String> = []

  /// - Parameters:
  ///   - folder: Of the pictures.
  ///   - pictures: Relative to the folder; or series, or volumes.
  ///   - plural: What these are.
  ///   - parent: The name of the folder if it is a part of a data set whose tables may be beside
  ///     it, and not inside.
  /// - Throws: `FileError` that names the table, line and column.
  init(
    of pictures: [String], named plural: String = ExampleKind.picture.plural, in folder: String,
    partOf parent: String? = nil, memory: MemoryBudget
  ) throws(FileError) {
    let known = Set(pictures)
    if let parent {
      let prefix = folder.dropFirst(parent.count + 1) + "/"
      for name in Self.fileNames {
        try read("\(parent)/\(name)", of: known, below: String(prefix), memory)
      }
    }
    for name in Self.fileNames { try read("\(folder)/\(name)", of: known, below: "", memory) }
    takeUnnamedMasks(among: pictures, in: folder)
    // A later table may name masks, which are no pictures.
    let count = known.subtracting(maskFiles).count
    for (path, found, annotated, place) in contents {
      let share = annotated == count ? "all \(count)" : "\(annotated) of \(count)"
      remarks[place] = "\(path): \(found) for \(share) \(plural)"
    }
    contents = []
    factors = texts.mapValues(Self.typed)
    texts = [:]
  }

  /// In a folder that only has masks, files that no table names are masks as well, and not pictures
  /// of a class `masks`.
  private mutating func takeUnnamedMasks(among pictures: [String], in folder: String) {
    func parent(_ file: String) -> Substring {
      file[..<(file.lastIndex(of: "/") ?? file.startIndex)]
    }
    let folders = Set(maskFiles.map(parent)).subtracting(places.keys.map(parent))
    guard !folders.isEmpty else { return }
    let unnamed = pictures.filter { !maskFiles.contains($0) && folders.contains(parent($0)) }
    guard !unnamed.isEmpty else { return }
    maskFiles.formUnion(unnamed)
    let files = unnamed.count == 1 ? "1 file" : "\(unnamed.count) files"
    let verb = unnamed.count == 1 ? "is" : "are"
    remarks.append("\(folder): \(files) among the masks \(verb) named by no table, and left out")
  }

  /// What is known of a picture.
  func annotations(of file: String) -> Annotations {
    guard let place = places[file] else { return Annotations() }
    let entry = entries[place]
    let values = factors.compactMapValues { factor -> Annotations.Value? in
      switch factor {
      case .numbers(let numbers): numbers[place].isNaN ? nil : .number(numbers[place])
      case .words(let words): words[place].isEmpty ? nil : .word(words[place])
      }
    }
    return Annotations(
      factors: values, boxes: entry.boxes, masks: entry.masks, parts: entry.parts)
  }

  /// The pictures' classes, where no folders say them: the factor `class` as it is written.
  ///
  /// - Returns: By file.
  func classes() -> [String: String] {
    guard let factor = factors["class"] else { return [:] }
    return places.compactMapValues { place in
      switch factor {
      case .numbers(let numbers): numbers[place].isNaN ? nil : shortest(numbers[place])
      case .words(let words): words[place].isEmpty ? nil : words[place]
      }
    }
  }

  /// About the memory it takes, in bytes.
  var heldBytes: Int {
    let columns = factors.values.reduce(0) { sum, factor in
      switch factor {
      case .numbers(let numbers): sum + numbers.count * MemoryLayout<Double>.stride
      case .words(let words): sum + words.count * MemoryLayout<String>.stride
      }
    }
    return columns + entries.count * (MemoryLayout<Entry>.stride + MemoryLayout<String>.stride)
  }

  /// A column is one of numbers if all its values are.
  private static func typed(_ texts: [String]) -> Factor {
    var numbers: [Double] = []
    for text in texts {
      guard let number = text.isEmpty ? .nan : decimal(text) else { return .words(texts) }
      numbers.append(number)
    }
    return .numbers(numbers)
  }

  // MARK: - Reading

  /// - Parameter prefix: Of the names of the pictures in the table.
  private mutating func read(
    _ path: String, of pictures: Set<String>, below prefix: String, _ memory: MemoryBudget
  ) throws(FileError) {
    guard kindOfFile(path) == .regular else { return }
    let data = try readFile(path, memory: memory)
    // A value of two bytes, with its comma, becomes a string of sixteen and its place.
    try memory.check(16 * data.count, path, "reading a table of \(byteText(data.count))")
    var table = try CSVTable(data, file: path)
    guard let columns = try AnnotationColumns(table) else {
      // Somebody else's table may have this name.
      if path.hasSuffix("/factors.csv") {
        remarks.append("\(path) is not used: it has no column file")
        return
      }
      throw FileError(
        .malformed, path, "expected a column file, found \(table.columns.joined(separator: ", "))")
    }
    var (annotated, missing): (Set<Int>, (count: Int, first: String)) = ([], (0, ""))
    while let row = try table.next() {
      let values = row.values.map(trimmed)
      let name = relative(values[columns.file])
      guard name.hasPrefix(prefix) else { continue }
      let file = String(name.dropFirst(prefix.count))
      guard pictures.contains(file) else {
        missing.count += 1
        if missing.count == 1 { missing.first = "'\(name)' in line \(row.line)" }
        continue
      }
      let place = place(of: file)
      annotated.insert(place)
      for (column, factor) in columns.factors where !values[column].isEmpty {
        texts[factor, default: []].pad(to: entries.count)
        let earlier = texts[factor]?[place] ?? ""
        guard earlier.isEmpty || earlier == values[column] else {
          throw table.error(
            row,
            "expected \"\(earlier)\" for \(factor), as before for this file, "
              + "found \"\(values[column])\"")
        }
        texts[factor]?[place] = values[column]
      }
      let cells = AnnotationColumns.Cells(values: values, row: row, table: table)
      if let box = try columns.box(in: cells), !entries[place].boxes.contains(box) {
        entries[place].boxes.append(box)
      }
      for part in try columns.parts(in: cells) where !entries[place].parts.contains(part) {
        entries[place].parts.append(part)
      }
      if let mask = try columns.mask(in: cells, beside: path, memory),
        !entries[place].masks.contains(where: { $0.source == mask.source && $0.name == mask.name })
      {
        entries[place].masks.append(mask)
        let name = relative(values[columns.mask ?? 0])
        if name.hasPrefix(prefix) { maskFiles.insert(String(name.dropFirst(prefix.count))) }
      }
    }
    for factor in texts.keys { texts[factor]?.pad(to: entries.count) }
    if annotated.isEmpty, missing.count > 0, prefix.isEmpty {
      throw FileError(
        .malformed, path,
        "expected names of pictures in column file, such as '\(pictures.min() ?? "")', found "
          + missing.first)
    }
    contents.append((path, columns.contents, annotated.count, remarks.count))
    remarks.append("")
    if missing.count > 0, prefix.isEmpty {
      let rows = missing.count == 1 ? "1 row that names" : "\(missing.count) rows that name"
      remarks.append("\(path): skipped \(rows) no picture, first \(missing.first)")
    }
  }

  private mutating func place(of file: String) -> Int {
    if let place = places[file] { return place }
    places[file] = entries.count
    entries.append(Entry())
    return entries.count - 1
  }
}

extension [String] {
  fileprivate mutating func pad(to count: Int) {
    while self.count < count { append("") }
  }
}

/// A path as it is listed: without `.` and `..`.
func relative(_ path: String) -> String {
  guard
    path.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
      $0 == "." || $0 == ".." || $0.isEmpty
    })
  else { return path }
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." {
      parts.removeLast()
    } else {
      parts.append(part)
    }
  }
  return parts.joined(separator: "/")
}

/// A finite number in decimal notation; nil for other texts.
func decimal(_ text: String) -> Double? {
  guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(text),
    number.isFinite
  else { return nil }
  return number
}

private func trimmed(_ text: String) -> String {
  // Almost no text has any.
  guard text.utf8.first == UInt8(ascii: " ") || text.utf8.last == UInt8(ascii: " ") else {
    return text
  }
  return text.trimmingCharacters(in: .whitespaces)
}

/// `3` for 3.0.
package func shortest(_ number: Double) -> String {
  Int(exactly: number).map(String.init) ?? "\(number)"
}
