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
  /// - Parameters:
  ///   - options: The command's own that decide it.
  ///   - pictures: Nil for a command that shows none.
  /// - Throws: `FileError` where the pictures are not there; `UsageError` where there are none.
  func circumstances(of options: [String], _ pictures: PictureOptions?) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var facts =
      options + [
        architecture, "\(network.graph.inputShape)",
        String(decoding: try encoder.encode(preprocessing), as: UTF8.self),
      ]
    facts += constants
    facts += classNames.names
    if let pictures {
      let (shown, scanned) = try picturePlaces(pictures)
      facts.append(pictures.limit.map { "limit \($0)" } ?? "no limit")
      facts += try [shown, scanned].map { try $0.circumstances }
    }
    return facts.joined(separator: "\n")
  }
}

extension PicturePlace {
  /// What tells whether the pictures are still the same, without looking at them.
  fileprivate var circumstances: String {
    get throws {
      if let seed { return "\(source) \(seed)" }
      // Thousands of lines, of which a fingerprint says as much.
      return "\(name) \(fingerprint(of: Data(try listing(ofDataset: source).utf8)))"
    }
  }
}
