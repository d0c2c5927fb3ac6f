import Analysis
import Foundation
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
      embeddingFigure(of: finding, layer: layer, colors: .labels(labels, names: names)))
    try expectSound(
      embeddingThumbnailFigure(
        of: finding, layer: layer, colors: .labels(labels, names: names)
      ) { Image.noise(17, 9 + $0 % 5) })
  }

  @Test func `a single feature still has a plane`() throws {
    let (net, finding) = try finding(pictures: 5, units: 1)
    try expectSound(
      embeddingFigure(
        of: finding, layer: LayerDescription(of: "relu", in: net), colors: .labels([], names: [])))
  }

  @Test func `too many classes for colours are said to be grey`() throws {
    let (net, finding) = try finding(pictures: 60)
    // Class 7 is the most common.
    let labels = (0..<60).map { $0 < 20 ? 7 : $0 % 30 }
    let figure = embeddingFigure(
      of: finding, layer: LayerDescription(of: "relu", in: net), colors: .labels(labels, names: []))
    #expect(
      figure.caption.contains(
        "Of 30 classes the 11 most common have colours; the others are grey."))
  }

  @Test func `pictures of shown points only are asked for`() throws {
    let (net, finding) = try finding(pictures: 2000)
    var asked = Set<Int>()
    let figure = embeddingThumbnailFigure(
      of: finding, layer: LayerDescription(of: "relu", in: net), colors: .labels([], names: [])
    ) { index in
      asked.insert(index)
      return Image.noise(8, 8)
    }
    #expect(!asked.isEmpty && asked.count < 2000)
    #expect(
      figure.caption.contains(
        "Each of 2,000 pictures is placed by its features: \(asked.count) are shown, and the other "
          + "\((2000 - asked.count).formatted(.number.locale(Locale(identifier: "en_US")))), which "
          + "would cover one of these, as dots"))
  }

  @Test func `pictures that coincide exactly are counted`() throws {
    let net = try network(filters: .random([4, 3, 3, 3], seed: 1), pictureSide: 5)
    let input = Tensor.random([6, 3, 5, 5], seed: 2)
    // Three pictures, of which one occurs once, one twice and one four times.
    let rows = [0, 1, 1, 2, 2, 2, 2].map { input.rows($0..<($0 + 1)) }
    let scan = EmbeddingScan(net, layer: "relu", pooling: .mean, expected: 7, seed: 0)
    scan.observe(
      net.record(Tensor(concatenatingRows: rows), keeping: .only(["relu"])),
      pictures: Array(0..<7))
    let finding = try #require(try scan.finding())
    let layer = LayerDescription(of: "relu", in: net)
    let words = "6 pictures coincide exactly with others, at 2 points."
    let colors = EmbeddingColors.labels([], names: [])
    #expect(embeddingFigure(of: finding, layer: layer, colors: colors).caption.contains(words))
    let figure = embeddingThumbnailFigure(of: finding, layer: layer, colors: colors) { _ in
      Image.noise(8, 8)
    }
    #expect(figure.caption.contains(words))
    #expect(
      figure.caption.contains(
        "is placed by its features: 3 are shown, and the other 4, which would cover one of these, "
          + "as dots (4 of them behind pictures)."))
    let (_, other) = try self.finding(pictures: 7)
    #expect(
      !embeddingFigure(of: other, layer: layer, colors: colors).caption.contains("coincide"))
  }

  @Test func `captions say what colours are`() throws {
    let (net, finding) = try finding(pictures: 4)
    func caption(_ colors: EmbeddingColors) throws -> String {
      let figure = embeddingFigure(
        of: finding, layer: LayerDescription(of: "relu", in: net), colors: colors)
      try expectSound(figure)
      return figure.caption
    }
    #expect(
      try caption(.predictions([0, 1, 1, 0], names: ["ant", "bee"]))
        .contains("Colours are the classes that the network predicts."))
    #expect(
      try caption(.words([0, nil, 1, 0], values: ["wood", "wool"], factor: "texture"))
        .contains("Colours are values of “texture”."))
    #expect(
      try caption(.numbers([1, 2, nil, 5], factor: "size", turn: nil))
        .contains("Colours are “size”. 1 picture without a value is grey."))
    #expect(
      try caption(.numbers([0, 350, 90, 10], factor: "azimuth", turn: 0...360))
        .contains(
          "Colours are “azimuth” in degrees, on a circle of colours: 0° and 360° are the same."))
  }
}
