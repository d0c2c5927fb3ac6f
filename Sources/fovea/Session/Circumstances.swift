import Analysis
import Checkpoints
import Datasets
import Files
import Foundation
import Networks
import TensorCore
import Training

extension Model {
  /// All that decides what a command draws, but for the weights and the program's version: figures
  /// that were drawn under the same circumstances are the same.
  ///
  /// - Parameter pictures: Nil for a command that shows none.
  func circumstances(of command: String, _ pictures: PictureOptions?) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var facts = [
      command.replacing(" --resume", with: ""), architecture, "\(network.graph.inputShape)",
      String(decoding: try encoder.encode(preprocessing), as: UTF8.self),
      classNames.names.joined(separator: "\n"),
    ]
    for path in pictures.map(picturePaths) ?? [] {
      // Thousands of lines, of which a fingerprint says as much.
      let files = try? listing(ofDataset: path)
      facts.append("\(path) \(files.map { Files.fingerprint(of: Data($0.utf8)) } ?? "")")
    }
    return facts.joined(separator: "\n")
  }

  /// Where pictures may come from, as `pictures(_:usualLimit:)` chooses among them.
  private func picturePaths(_ options: PictureOptions) -> [String] {
    if let images = options.images { return [images] }
    let beside = (path as NSString).deletingPathExtension
    return [beside] + [recipe?.testData, recipe?.data].compactMap(\.self)
  }
}
