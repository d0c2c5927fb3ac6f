internal import Analysis
internal import Checkpoints
internal import Datasets
internal import Files
internal import Foundation
internal import Networks
internal import TensorCore
internal import Training

extension Model {
  /// All that decides what a command draws, but for the weights and the program's version: figures
  /// that were drawn under the same circumstances are the same.
  ///
  /// - Parameters:
  ///   - options: The command's own that decide it.
  ///   - pictures: Those that exhibits show, or would show if there were any.
  /// - Throws: `FileError` if the pictures are not there.
  func circumstances(of options: [String], _ pictures: [PictureOptions]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var facts =
      options + [
        architecture, "\(network.graph.inputShape)",
        String(decoding: try encoder.encode(preprocessing), as: UTF8.self),
      ]
    facts += constants
    facts += classNames.names
    let places = pictures.compactMap { try? picturePlaces($0) }.flatMap { [$0.shown, $0.scanned] }
    let distinct = places.reduce(into: [PicturePlace]()) { if !$0.contains($1) { $0.append($1) } }
    facts += try distinct.map { try $0.circumstances }
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
