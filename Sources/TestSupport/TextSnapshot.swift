internal import Files
internal import Foundation
public import Testing

/// Compares a text with the reference `Snapshots/<name>.txt` beside the test file.
///
/// A missing reference is written and the test fails, so that none is merged unseen. If the text
/// differs, it is written beside its reference as `<name>.failed.txt`.
public func expectSnapshot(
  _ text: String, named name: String,
  filePath: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let folder = URL(filePath: filePath).deletingLastPathComponent().appending(path: "Snapshots")
  let reference = folder.appending(path: "\(name).txt").path
  guard FileManager.default.fileExists(atPath: reference) else {
    try makeFolder(folder.path)
    try writeFile(Data(text.utf8), to: reference)
    Issue.record("recorded \(reference): read it, then run again", sourceLocation: sourceLocation)
    return
  }
  let expected = String(decoding: try readFile(reference), as: UTF8.self)
  guard text != expected else { return }
  let failed = folder.appending(path: "\(name).failed.txt").path
  try writeFile(Data(text.utf8), to: failed)
  let (found, known) = (lines(of: text), lines(of: expected))
  let line = zip(found, known).prefix { $0 == $1 }.count
  func quoted(_ lines: [String]) -> String { line < lines.count ? "“\(lines[line])”" : "the end" }
  Issue.record(
    "\(name): line \(line + 1) is \(quoted(found)), not \(quoted(known)): see \(failed)",
    sourceLocation: sourceLocation)
}

private func lines(of text: String) -> [String] {
  text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}
