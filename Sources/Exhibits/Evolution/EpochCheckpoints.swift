internal import Files
internal import Foundation
internal import Galleries
internal import Training

/// The checkpoints that arguments name: files, and folders of training runs, which stand for the
/// epochs that they keep.
///
/// - Parameters:
///   - paths: In order.
///   - epochs: Which epochs of a folder, such as `1,5,20`; nil for those of Zeiler and Fergus 2014
///     as far as they were kept, and the last one.
/// - Throws: `UsageError` for fewer than two checkpoints, or an epoch that was not kept; `FileError`
///   for a folder without any.
package func evolutionCheckpoints(_ paths: [String], epochs: String?) throws -> [String] {
  var hasFolder = false
  let files = try paths.flatMap { path in
    guard kindOfFile(path) == .folder else { return [path] }
    hasFolder = true
    return try checkpoints(ofRun: path, epochs: try epochs.map(epochNumbers))
  }
  guard epochs == nil || hasFolder else {
    throw UsageError("--epochs: expected the folder of a training run, found files")
  }
  guard files.count > 1 else {
    throw UsageError(
      "expected two or more checkpoints, or the folder of a training run that kept as many; found "
        + "1")
  }
  return files
}

/// Those of Zeiler and Fergus 2014, figure 4.
private let usualEpochs = [1, 2, 5, 10, 20, 30, 40, 64]

/// - Throws: `UsageError` if it is not a list of numbers.
func epochNumbers(_ text: String) throws -> [Int] {
  let numbers = try namePatterns(text, of: "--epochs").map { Int($0) }
  let known = numbers.compactMap(\.self)
  guard known.count == numbers.count, known.allSatisfy({ $0 >= 0 }) else {
    throw UsageError("--epochs: expected numbers separated by commas, found '\(text)'")
  }
  return Set(known).sorted()
}

private func checkpoints(ofRun folder: String, epochs: [Int]?) throws -> [String] {
  let files = try namesInFolder(folder).compactMap { name in
    TrainingFileNames.epoch(name).map { ($0, "\(folder)/\(name)") }
  }
  var kept = Dictionary(files) { first, _ in first }
  if let run = EarlierRun(in: folder), run.isComplete, let last = run.epoch {
    kept[last] = "\(folder)/\(TrainingFileNames.final)"
  }
  guard let last = kept.keys.max() else {
    throw FileError(
      .malformed, folder,
      "expected checkpoints of a training run (epoch-001.safetensors …), "
        + "found none")
  }
  if let missing = epochs?.first(where: { kept[$0] == nil }) {
    let known = kept.keys.sorted().map(String.init).joined(separator: ", ")
    throw UsageError("--epochs: '\(folder)' has no epoch \(missing), but \(known)")
  }
  let chosen = epochs ?? kept.keys.filter { usualEpochs.contains($0) || $0 == last }
  return chosen.sorted().compactMap { kept[$0] }
}
