import Analysis
import Datasets
import Galleries
import Images
import TensorCore

extension Studio {
  func addEmbedding(_ scan: EmbeddingScan, of pictures: Pictures, seed: UInt64) throws {
    guard let finding = try scan.finding() else {
      return console.warn(
        "no embedding of \(pictures.name): three pictures are the fewest that span a plane")
    }
    let labels = try finding.pictures.map { try pictures.dataset.label(at: $0) }
    let names = pictures.dataset.classNames
    let description = layer(finding.layer)
    let facts = facts(
      source: pictures.name,
      options: ["pooling": finding.pooling.rawValue, "pictures": "\(finding.pictures.count)"],
      seed: finding.projectedTo == nil ? nil : seed)
    let figure = EmbeddingFigure()
    if !writer.resumes(.embedding, finding.layer) {
      try add(
        figure.scatter(of: finding, layer: description, labels: labels, classNames: names),
        name: finding.layer, facts
      ) {
        [
          "coordinates": finding.coordinates,
          "explained": Tensor(
            shape: [finding.explained.count], finding.explained.map { Float($0) }),
        ]
      }
    }
    let name = "\(finding.layer)-thumbnails"
    guard !writer.resumes(.embedding, name) else { return }
    try add(
      try figure.thumbnails(
        of: finding, layer: description, labels: labels, classNames: names
      ) { try pictures.displayed($0) }, name: name, facts)
  }
}
