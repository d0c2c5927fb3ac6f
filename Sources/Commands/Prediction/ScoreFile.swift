import Analysis
import Datasets
import Exhibits
import Files
import Foundation
import TensorCore

/// Where all class scores go, by the file's extension.
struct ScoreFile {
  private enum Format: String { case csv, npz, npy }

  let path: String
  private let format: Format

  /// Nil for other extensions.
  init?(_ path: String) {
    guard let format = Format(rawValue: URL(filePath: path).pathExtension.lowercased()) else {
      return nil
    }
    (self.path, self.format) = (path, format)
  }

  /// The names of the rows of an `.npy` file, one per line.
  private var list: String { (path as NSString).deletingPathExtension + ".files.txt" }

  /// Finds before the work what would stop `write`.
  ///
  /// - Throws: `FileError` if a file exists, unless `force`, or its folder does not.
  func check(force: Bool) throws(FileError) {
    let folder = (path as NSString).deletingLastPathComponent
    if !folder.isEmpty {
      guard case .folder = kindOfFile(folder) else {
        throw FileError(.unwritable, path, "there is no folder '\(folder)'")
      }
    }
    for place in format == .npy ? [path, list] : [path] where !force {
      if case .regular = kindOfFile(place) {
        throw FileError(
          .unwritable, place, "exists; give another --scores, or --force to replace it")
      }
    }
  }

  /// - Returns: The paths written.
  /// - Throws: `FileError` if a file cannot be written.
  func write(_ predictions: Predictions) throws -> [String] {
    let classes = predictions.finding.classCount
    let scores = predictions.scores?.elements ?? []
    let names = predictions.pictures.map(\.name)
    switch format {
    case .csv:
      try writeFile(csv(predictions, scores), to: path)
    case .npz:
      let labels = predictions.pictures.map { Int64($0.classified.label ?? -1) }
      let archive = try zipArchive(
        [
          ("scores.npy", numPyFile(scores, shape: [names.count, classes])),
          ("files.npy", numPyFile(names)), ("labels.npy", numPyFile(labels)),
        ], path: path)
      try writeFile(archive, to: path)
    case .npy:
      try writeFile(numPyFile(scores, shape: [names.count, classes]), to: path)
      // One line each, whatever a name contains.
      try writeFile(Data(names.map { printable($0) + "\n" }.joined().utf8), to: list)
      return [path, list]
    }
    return [path]
  }

  private func csv(_ predictions: Predictions, _ scores: [Float]) -> Data {
    let classes = predictions.finding.classCount
    let heads = ["file", "label"] + (0..<classes).map { predictions.classNames[$0] }
    var text = heads.map(csvValue).joined(separator: ",") + "\n"
    for (row, picture) in predictions.pictures.enumerated() {
      let own = scores[row * classes..<(row + 1) * classes].map { "\($0)" }
      text +=
        ([csvValue(picture.name), csvValue(picture.labelName ?? "")] + own)
        .joined(separator: ",") + "\n"
    }
    return Data(text.utf8)
  }
}
