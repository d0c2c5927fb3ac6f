public import Files
internal import Foundation

/// Reads the names of a network's classes, in the order of its scores.
///
/// - A text: a name a line, also behind its number (`7 cat`, `7: cat`, `7,cat`) or behind
///   WordNet's (`n01440764 tench, Tinca tinca`, as ImageNet's lists are).
/// - A table (`.csv`, `.tsv`): the column of names, in the order of a column of numbers where
///   there is one; with a header or without.
/// - JSON: a list of names, or an object of names by numbers (`{"0": "tench"}`,
///   `{"0": ["n01440764", "tench"]}`), of numbers by names, or with such an object under
///   `id2label`.
///
/// - Parameter count: How many there must be.
/// - Throws: `FileError` where there are others than `count`, or the file is none of these.
public func readClassNames(_ path: String, count: Int) throws(FileError) -> [String] {
  let names = try readClassNames(FileBytes(OpenFile(path)))
  guard names.count == count else {
    throw FileError(.malformed, path, "expected \(count) class names, found \(names.count)")
  }
  return names
}

/// Finds a file of class names beside a checkpoint: one that is named after it, or, for a network
/// of ImageNet's thousand classes, one that lists those.
///
/// - Returns: Nil where there is none with as many names as classes.
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
    // A path as the user would write it: beside the checkpoint as that was given.
    let folder = (checkpoint as NSString).deletingLastPathComponent
    return ((folder as NSString).appendingPathComponent(candidate), names)
  }
  return nil
}

private let imagenetClassCount = 1000

/// The names under which lists of ImageNet's classes are passed on.
private let imagenetLists = [
  "imagenet_classes.txt", "imagenet-classes.txt", "imagenet_labels.txt", "imagenet-labels.txt",
  "synset_words.txt", "synset.txt", "LOC_synset_mapping.txt", "imagenet_class_index.json",
  "imagenet-simple-labels.json", "imagenet_classes.json", "labels.txt", "classes.txt",
]

/// - Throws: As `readClassNames(_:count:)`, however many there are.
public func readClassNames(_ file: FileBytes) throws(FileError) -> [String] {
  // A name has some letters, a network some thousand classes.
  let longest = 1 << 26
  guard file.size <= longest else {
    throw FileError(
      .malformed, file.path, "expected class names in at most \(longest) bytes, found \(file.size)")
  }
  let data = try file.read(0..<file.size)
  // Some editors begin a file with a mark of its encoding.
  let text = String(
    decoding: data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data, as: UTF8.self)
  switch text.first(where: { !$0.isWhitespace }) {
  case "[", "{": return try ClassNamesInJSON(path: file.path).names(Array(text.utf8))
  default: break
  }
  let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
  switch URL(filePath: file.path).pathExtension.lowercased() {
  case "csv": return ClassNamesInTable(lines, separator: ",").names
  case "tsv": return ClassNamesInTable(lines, separator: "\t").names
  default: return namesInLines(lines)
  }
}

/// Names line by line, without the numbers in front where every line has one.
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

/// Names by their numbers; nil unless these are 0, 1, 2 … or 1, 2, 3 …, each once.
func inOrder(_ numbered: [(number: Int, name: String)]) -> [String]? {
  let sorted = numbered.sorted { $0.number < $1.number }
  guard let first = sorted.first?.number, first == 0 || first == 1,
    sorted.enumerated().allSatisfy({ $0.element.number == first + $0.offset })
  else { return nil }
  return sorted.map(\.name)
}
