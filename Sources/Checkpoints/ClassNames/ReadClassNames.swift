public import Files
internal import Foundation

/// Reads the names of a network's classes, in the order of its scores.
///
/// - A text: one name per line, optionally after its number (`7 cat`, `7: cat`, `7,cat`) or after
///   its WordNet ID (`n01440764 tench, Tinca tinca`, as in ImageNet's lists).
/// - A table (`.csv`, `.tsv`): the column of names, in the order of a column of numbers if there is
///   one; with or without a header.
/// - JSON: a list of names, an object that maps numbers to names (`{"0": "tench"}`,
///   `{"0": ["n01440764", "tench"]}`) or names to numbers, or an object with such an object under
///   `id2label`.
///
/// - Parameter count: The required number of names.
/// - Throws: `FileError` if there are not `count` names, or the file is none of these.
public func readClassNames(_ path: String, count: Int) throws(FileError) -> [String] {
  let names = try readClassNames(FileBytes(OpenFile(path)))
  guard names.count == count else {
    throw FileError(.malformed, path, "expected \(count) class names, found \(names.count)")
  }
  return names
}

/// Finds a file of class names beside a checkpoint: one named after it or, for a network with
/// ImageNet's thousand classes, a list of those.
///
/// - Returns: Nil if there is none with as many names as classes.
public func findClassNames(beside checkpoint: String, count: Int) -> (
  path: String, names: [String]
)? {
  let url = URL(filePath: checkpoint)
  let name = url.deletingPathExtension().lastPathComponent
  var candidates = ["txt", "csv", "json"].flatMap {
    ["\(name).classes.\($0)", "\(name).labels.\($0)"]
  }
  if count == imagenetClassCount { candidates += imagenetLists }
  for candidate in candidates {
    let path = url.deletingLastPathComponent().appending(path: candidate)
      .path(percentEncoded: false)
    guard case .regular = kindOfFile(path), let names = try? readClassNames(path, count: count)
    else { continue }
    // A path as the user would write it: relative to the checkpoint as given.
    let folder = (checkpoint as NSString).deletingLastPathComponent
    return ((folder as NSString).appendingPathComponent(candidate), names)
  }
  return nil
}

private let imagenetClassCount = 1000

/// The usual file names of lists of ImageNet's classes.
private let imagenetLists = [
  "imagenet_classes.txt", "imagenet-classes.txt", "imagenet_labels.txt", "imagenet-labels.txt",
  "synset_words.txt", "synset.txt", "LOC_synset_mapping.txt", "imagenet_class_index.json",
  "imagenet-simple-labels.json", "imagenet_classes.json", "labels.txt", "classes.txt",
]

/// - Throws: The same errors as `readClassNames(_:count:)`, except for their number.
public func readClassNames(_ file: FileBytes) throws(FileError) -> [String] {
  // A name has a few letters, a network a few thousand classes.
  let longest = 1 << 26
  guard file.size <= longest else {
    throw FileError(
      .malformed, file.path, "expected class names in at most \(longest) bytes, found \(file.size)")
  }
  let data = try file.read(0..<file.size)
  // Some editors write a byte order mark at the beginning of a file.
  let text = String(
    decoding: data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data, as: UTF8.self)
  switch text.first(where: { !$0.isWhitespace }) {
  case "[", "{": return try ClassNamesInJSON(path: file.path).names(Array(text.utf8))
  default: break
  }
  switch URL(filePath: file.path).pathExtension.lowercased() {
  case "csv": return try ClassNamesInTable(text, separator: ",", file: file.path).names
  case "tsv": return try ClassNamesInTable(text, separator: "\t", file: file.path).names
  default:
    return namesInLines(
      text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) })
  }
}

/// Names line by line, without leading numbers if every line has one.
private func namesInLines(_ lines: [Substring]) -> [String] {
  let trimmed = lines.map { $0.trimmingCharacters(in: .whitespaces) }
  let synsets = trimmed.map { $0.wholeMatch(of: /n\d{8}[\s,]+(.+)/) }
  if !synsets.isEmpty, !synsets.contains(where: { $0 == nil }) {
    return synsets.compactMap { $0.map { String($0.output.1) } }
  }
  let numbered = trimmed.compactMap { line -> (Int, String)? in
    guard let match = line.wholeMatch(of: /(\d+)\s*[\s,:;]\s*(.+)/),
      let number = Int(match.output.1)
    else { return nil }
    return (number, String(match.output.2))
  }
  guard numbered.count == trimmed.count, let ordered = inOrder(numbered) else { return trimmed }
  return ordered
}

/// Names sorted by their numbers; nil unless these are 0, 1, 2 … or 1, 2, 3 …, each once.
func inOrder(_ numbered: [(number: Int, name: String)]) -> [String]? {
  let sorted = numbered.sorted { $0.number < $1.number }
  guard let first = sorted.first?.number, first == 0 || first == 1,
    sorted.enumerated().allSatisfy({ $0.element.number == first + $0.offset })
  else { return nil }
  return sorted.map(\.name)
}
