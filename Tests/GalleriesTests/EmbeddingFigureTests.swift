import Analysis
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Embedding figures` {
  private func finding(pictures: Int, units: Int = 4) throws -> (Network, EmbeddingFinding) {
    let net = try network(filters: .random([units, 3, 3, 3], seed: 1), pictureSide: 5)
    let scan = EmbeddingScan(net, layer: "relu", pooling: .mean, expected: pictures, seed: 0)
    let input = Tensor.random([pictures, 3, 5, 5], seed: 2)
    scan.observe(net.record(input, keeping: .only(["relu"])), pictures: Array(0..<pictures))
    return (net, try #require(try scan.finding()))
  }

  @Test(.slow, arguments: [3, 40, 2500], [0, 1, 2, 12, 13, 1000])
  func `fit any number of pictures and classes`(pictures: Int, classes: Int) throws {
    let (net, finding) = try finding(pictures: pictures)
    let layer = LayerDescription(of: "relu", in: net)
    let labels = (0..<pictures).map { classes > 0 ? $0 % classes : nil }
    let names = (0..<classes).map { "class number \($0), \(longName)" }
    try expectSound(
      embeddingFigure(of: finding, layer: layer, labels: labels, classNames: names))
    try expectSound(
      embeddingThumbnailFigure(
        of: finding, layer: layer, labels: labels, classNames: names
      ) { Image.noise(17, 9 + $0 % 5) })
  }

  @Test func `a single feature still has a plane`() throws {
    let (net, finding) = try finding(pictures: 5, units: 1)
    try expectSound(
      embeddingFigure(
        of: finding, layer: LayerDescription(of: "relu", in: net), labels: [], classNames: []))
  }

  @Test func `too many classes for colours are said to be grey`() throws {
    let (net, finding) = try finding(pictures: 60)
    // Class 7 is the most common.
    let labels = (0..<60).map { $0 < 20 ? 7 : $0 % 30 }
    let figure = embeddingFigure(
      of: finding, layer: LayerDescription(of: "relu", in: net), labels: labels, classNames: [])
    #expect(
      figure.caption.contains(
        "Of 30 classes the 11 most common have colours; the others are grey."))
  }

  @Test func `pictures of shown points only are asked for`() throws {
    let (net, finding) = try finding(pictures: 2000)
    var asked = Set<Int>()
    let figure = embeddingThumbnailFigure(
      of: finding, layer: LayerDescription(of: "relu", in: net), labels: [], classNames: []
    ) { index in
      asked.insert(index)
      return Image.noise(8, 8)
    }
    #expect(!asked.isEmpty && asked.count < 2000)
    #expect(
      figure.caption.contains(
        "Each of 2,000 pictures is placed by its features; \(asked.count) are"))
  }
}
