internal import Analysis
internal import Checkpoints
internal import Datasets
internal import Files
internal import Foundation
internal import Networks
internal import TensorCore
internal import Training

extension Model {
  /// All that decides what a command draws, except the weights and the program's version: figures
  /// drawn under the same circumstances are the same.
  ///
  /// - Parameters:
  ///   - options: Those of the command's own options that matter.
  ///   - pictures: Those that exhibits show, or would show if there were any.
  /// - Throws: `FileError` if the pictures are missing.
  func circumstances(of options: [String], _ pictures: [PictureOptions]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var facts =
      options + [
        architecture, "\(network.graph.inputShape)",
        String(decoding: try encoder.encode(preprocessing), as: UTF8.self),
      ]
    facts += constants
    facts += [head].compactMap(\.self)
    // Nothing is said of the usual one, so that results of earlier versions stay valid.
    if precision != .float32 { facts.append("precision \(precision.rawValue)") }
    facts += classNames.names
    let places = pictures.compactMap { try? picturePlaces($0) }.flatMap { [$0.shown, $0.scanned] }
    let distinct = places.reduce(into: [PicturePlace]()) { if !$0.contains($1) { $0.append($1) } }
    facts += try distinct.map { try $0.state.text }
    return facts.joined(separator: "\n")
  }
}

extension PicturePlace {
  /// Tells whether the pictures are still the same, without reading them; and when they last
  /// changed, nil if that is not known.
  var state: (text: String, lastChanged: Date?) {
    get throws(FileError) {
      if let seed { return ("\(source) \(seed)", .distantPast) }
      var files = try DatasetListing(source)
      if let labels { files.add(labels, as: "labels") }
      // The listing may have thousands of lines; its fingerprint is enough.
      let part = trained.map { (isNamed ? " with " : " without ") + "\($0)" } ?? ""
      return ("\(name) \(fingerprint(of: Data(files.text.utf8)))\(part)", files.lastChanged)
    }
  }
}
