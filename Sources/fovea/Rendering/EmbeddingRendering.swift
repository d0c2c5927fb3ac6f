import Analysis
import Datasets
import Galleries
import Images
import TensorCore

extension Studio {
  static func noEmbedding(of pictures: Pictures, _ scan: EmbeddingScan) -> String {
    "no embedding of \(pictures.name): it takes at least three pictures"
      + (scan.leftOut.isEmpty
        ? ""
        : ", and the features of \(scan.leftOut.count) of \(pictures.count) at '\(scan.layer)' are "
          + "not finite")
  }

  /// - Returns: Whether there is one.
  func addEmbedding(_ scan: EmbeddingScan, of pictures: Pictures, seed: UInt64) throws -> Bool {
    guard let finding = try scan.finding() else { return false }
    if !finding.leftOut.isEmpty {
      console.warn(
        "\(finding.leftOut.count) of \(pictures.count) pictures are left out of the embedding: "
          + "their features at '\(finding.layer)' are not finite")
    }
    let labels = try finding.pictures.map { try pictures.dataset.label(at: $0) }
    let names = pictures.dataset.classNames
    let description = layer(finding.layer)
    let facts = facts(
      source: pictures.name,
      options: ["pooling": finding.pooling.rawValue, "pictures": "\(finding.pictures.count)"],
      seed: finding.projectedTo == nil ? nil : seed)
    let arrays = {
      FigureArrays([
        "coordinates": finding.coordinates,
        "explained": Tensor(finding.explained.map { Float($0) }),
        "pictures": Tensor(finding.pictures), "labels": Tensor(labels),
      ])
    }
    let figure = EmbeddingFigure()
    if !writer.resumes(.embedding, finding.layer) {
      try add(
        figure.scatter(of: finding, layer: description, labels: labels, classNames: names),
        name: finding.layer, facts, arrays: arrays)
    }
    let name = "\(finding.layer)-thumbnails"
    guard !writer.resumes(.embedding, name) else { return true }
    try add(
      try figure.thumbnails(
        of: finding, layer: description, labels: labels, classNames: names
      ) { try pictures.displayed($0) }.remarking(model.preprocessing.displayRemark), name: name,
      facts, arrays: arrays)
    return true
  }
}
