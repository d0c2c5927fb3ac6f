import Analysis
import Drawing
import Galleries
import Images
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// Of two, three and six networks, with names of any length.
private let nameSets = [
  ["epoch-001", "final"], ["a", "b", longName], (0..<6).map { "runs/seed-\($0)/final" },
]

private let layer = LayerDescription(
  name: "conv", kind: "3×3 convolution", unitCount: 8, mapSize: [9, 9], model: "a, b")

@Suite struct `Figures of comparisons` {
  private func distances(_ networks: [Network]) -> [[WeightDistance]] {
    networks.dropFirst().map {
      WeightDistanceAnalysis().run(from: networks[0], to: $0, layers: ["conv", "scores"])
    }
  }

  private func networks(_ count: Int, channels: Int = 3) throws -> [Network] {
    try (0..<count).map { try classifier(classes: 5, side: 9, channels: channels, seed: 10 * $0) }
  }

  @Test(arguments: nameSets) func `of weights`(names: [String]) throws {
    let moved = try distances(networks(names.count)).map { all in
      all.map { MovedLayer(name: $0.layer, distance: $0, alignment: 0.5) }
    }
    let figure = weightComparisonFigure(of: moved, names: names, pictures: 100)
    try expectSound(figure)
    #expect(figure.caption.contains("Kornblith et al. 2019"))
    let weightsOnly = moved.map {
      $0.map {
        MovedLayer(name: $0.name, distance: $0.distance, alignment: nil)
      }
    }
    let other = weightComparisonFigure(of: weightsOnly, names: names, pictures: nil)
    try expectSound(other)
    #expect(!other.caption.contains("CKA"))
  }

  @Test func `of many layers show those that moved most`() throws {
    let moved = (0..<100).map {
      MovedLayer(
        name: "layer\($0)", distance: nil, alignment: $0 == 3 ? nil : Double($0) / 100)
    }
    let figure = weightComparisonFigure(of: [moved], names: ["a", "b"], pictures: 9)
    try expectSound(figure)
    #expect(figure.caption.hasSuffix("Of 100 layers, the 60 that moved most are shown."))
  }

  private func features(_ layers: Int, width: Int, seed: Int) -> LayerFeatures {
    LayerFeatures(
      layers: (0..<layers).map { "layer\($0)" }, pictures: Array(0..<20),
      features: (0..<layers).map { .random([20, width], seed: seed + $0) })
  }

  @Test(.slow, arguments: [1, 2, 12, 24]) func `of similarities`(layers: Int) throws {
    let found = try #require(
      KernelAlignmentAnalysis().run(
        features(layers, width: 5, seed: 1), features(layers, width: 5, seed: 90)))
    let figure = alignmentFigure(of: found, names: ("epoch-001", longName))
    try expectSound(figure)
    #expect(!figure.caption.contains("biased"))
    let few = try #require(
      KernelAlignmentAnalysis().run(
        features(layers, width: 50, seed: 1), features(layers, width: 50, seed: 90)))
    #expect(
      alignmentFigure(of: few, names: ("a", "b")).caption.contains(
        "With 20 pictures for up to 50 features, values are biased upwards"))
    for names in nameSets {
      let side = names.count
      let matrices = (0..<layers).map {
        (layer: "layer\($0)", matrix: [Double](repeating: 0.5, count: side * side))
      }
      try expectSound(alignmentsFigure(of: matrices, names: names, sample: found))
    }
  }

  @Test func `hatch layers that say nothing of pictures`() throws {
    var flat = features(2, width: 4, seed: 1)
    flat = LayerFeatures(
      layers: flat.layers, pictures: flat.pictures,
      features: [flat.features[0], Tensor(shape: [20, 4], repeating: 3)])
    let found = try #require(KernelAlignmentAnalysis().run(flat, flat))
    let figure = alignmentFigure(of: found, names: ("a", "b"))
    #expect(figure.caption.contains("Hatched cells are layers whose features are the same"))
    #expect(try hatchedPixels(figure) > 100)
  }

  @Test(arguments: nameSets, [1, 3, 20]) func `of filters`(names: [String], channels: Int) throws {
    let networks = try networks(names.count, channels: channels)
    let found = try networks.map { try FilterAnalysis().run(on: $0, layer: "conv") }
    let figure = filterComparisonFigure(
      of: found, distances: distances(networks).map { $0[0] }, names: names, layer: layer)
    try expectSound(figure)
    let moved = distances(networks).map { $0[0].units.map { $0 ?? 0 } }
    let order = figure.units.map { unit in moved.map { $0[unit] }.max() ?? 0 }
    #expect(order == order.sorted(by: >) && figure.units.count == 4)
    #expect(figure.caption.contains("share") && figure.scale.contains("symmetric"))
  }

  /// One weight of one network sets the scale of all.
  @Test(arguments: [1, 3]) func `share one scale`(channels: Int) throws {
    var networks = try networks(2, channels: channels)
    func picture() throws -> Image {
      let found = try networks.map { try FilterAnalysis().run(on: $0, layer: "conv") }
      return try filterComparisonFigure(
        of: found, distances: distances(networks).map { $0[0] }, names: ["a", "b"], layer: layer,
        units: [0]
      ).body.render()
    }
    let before = try picture()
    networks[1].parameters["w"]?.withUnsafeMutableElements { $0[0] = 40 }
    let after = try picture()
    // The reference's filter is in the left half, and now pale.
    let left = (0..<min(before.width, after.width) / 2)
    #expect(
      left.contains { x in
        (0..<min(before.height, after.height)).contains { y in
          before.pixels[4 * (y * before.width + x)] != after.pixels[4 * (y * after.width + x)]
        }
      })
  }

  @Test(.slow, arguments: nameSets, [4, 9, 224]) func `of feature maps`(names: [String], side: Int)
    throws
  {
    let found = try (0..<names.count).map { seed in
      var sketch = NetworkSketch([3, side, side], seed: seed)
      try sketch.convolution("conv", filters: 8, Convolution(3, padding: 1))
      try sketch.add("relu", Activation.relu)
      return try FeatureMapAnalysis().run(
        on: sketch.network(), picture: .random([1, 3, side, side], seed: 1), layers: ["relu"])[0]
    }
    let figure = featureComparisonFigure(
      of: found, names: names, layer: layer, picture: .noise(side, side, seed: 1),
      source: "\(longName).png")
    try expectSound(figure)
    #expect(figure.units.count == 8)
    #expect(figure.scale.hasPrefix("shared by all checkpoints, 0 … "))
  }

  private func patches(_ names: [String], side: Int) -> [ComparedPatches] {
    (0..<5).map { unit in
      ComparedPatches(
        unit: unit, name: unit == 1 ? longName : nil,
        blocks: names.indices.map { index in
          let count = unit == 2 && index == 0 ? 0 : unit == 3 ? 4 : 9
          return .init(
            crops: (0..<count).map { .noise(side, side, seed: UInt64($0)) },
            values: (0..<count).map { Float(9 - $0) }, isCommon: (0..<count).map { $0 % 2 == 0 })
        },
        overlaps: PatchOverlap(
          layer: "conv", names.dropFirst().map { _ in ([1, 2, 3], unit == 4 ? [] : [2, 3, 4]) }
        ).units)
    }
  }

  @Test(.slow, arguments: nameSets, [3, 28, 200]) func `of patches`(names: [String], side: Int)
    throws
  {
    let overlap = PatchOverlap(layer: "conv", [([1, 2, 3], [2, 3, 4])])
    let figure = patchComparisonFigure(
      of: patches(names, side: side), overlaps: names.dropFirst().map { _ in overlap },
      names: names, layer: layer, pictureCount: 100)
    try expectSound(figure)
    #expect(figure.units == [0, 1, 2, 3, 4])
    #expect(figure.caption.contains("2 with"))
  }

  @Test(arguments: nameSets) func `of saliency`(names: [String]) throws {
    let networks = try networks(names.count)
    let pictures = Tensor.random([3, 3, 9, 9], seed: 4)
    let found = try networks.map {
      try SaliencyAnalysis().run(
        on: $0, pictures: pictures, targets: [.classIndex(1), .classIndex(2), .classIndex(4)])
    }
    let examples = (0..<3).map { row in
      ComparedSaliency(
        found.map { $0[row] }, picture: .noise(9, 9, seed: UInt64(row)), source: longName,
        trueClass: row == 0 ? 1 : nil)
    }
    let figure = saliencyComparisonFigure(
      of: examples, names: names,
      classNames: ClassNames((0..<5).map { "\($0) \(longName)" }, count: 5))
    try expectSound(figure)
    #expect(figure.scale.contains("the same for all checkpoints"))
  }

  @Test(arguments: nameSets) func `of embeddings`(names: [String]) throws {
    let networks = try networks(names.count)
    let pictures = Tensor.random([20, 3, 9, 9], seed: 4)
    let found = try networks.map { network in
      let scan = EmbeddingScan(network, layer: "relu", pooling: .mean, expected: 20, seed: 0)
      scan.observe(network.record(pictures), pictures: Array(0..<20))
      return try #require(try scan.finding())
    }
    let aligned = try found.dropFirst().map {
      try #require(try AlignedEmbedding(of: $0, to: found[0]))
    }
    let figure = embeddingComparisonFigure(
      of: aligned, names: names, layer: layer, labels: (0..<20).map { $0 % 3 },
      classNames: ["ant", "bee", longName], pooling: .mean)
    try expectSound(figure)
    #expect(figure.caption.contains("Schönemann 1966"))
  }

  @Test(arguments: [0, 1, 60]) func `of changed predictions`(count: Int) throws {
    let scores = (0..<2).map { Tensor.random([count, 4], seed: 3 + $0) }
    let network = try Network(
      graph: Graph(inputShape: [4, 1, 1], [Graph.Node("flat", Flatten(), inputs: ["input"])]),
      parameters: Parameters())
    let said = scores.map { scores in
      let scan = ClassificationScan(network, top: 1, label: { $0 % 5 == 4 ? nil : $0 % 5 })
      if count > 0 {
        scan.observe(
          network.record(scores.reshaped(to: [count, 4, 1, 1])), pictures: Array(0..<count))
      }
      return scan.finding.each
    }
    let changes = PredictionChanges(from: said[0], to: said[1])
    let figure = changedPredictionFigure(
      of: changes, names: ("epoch-001", longName), accuracies: (0.25, nil),
      classNames: ClassNames((0..<4).map { "\($0) \(longName)" }, count: 4), source: "pictures"
    ) { .noise(12, 12, seed: UInt64($0)) }
    try expectSound(figure)
    #expect(figure.caption.contains("Both make the same first choice") == changes.changed.isEmpty)
  }

  @Test func `look as they did`() throws {
    let networks = try networks(2)
    let found = try networks.map { try FilterAnalysis().run(on: $0, layer: "conv") }
    let figure = filterComparisonFigure(
      of: found, distances: distances(networks).map { $0[0] }, names: ["before", "after"],
      layer: layer)
    try expectSnapshot(graphics(of: figure), named: "compared-filters")
    let moved = distances(networks).map { all in
      all.map { MovedLayer(name: $0.layer, distance: $0, alignment: 0.875) }
    }
    try expectSnapshot(
      graphics(
        of: weightComparisonFigure(of: moved, names: ["before", "after"], pictures: 64)),
      named: "compared-weights")
  }
}
