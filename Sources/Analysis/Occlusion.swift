public import Networks
public import TensorCore

/// What a network makes of a picture of which a square hides a part, at every position of the
/// square. Maps have the shape `[rows, columns]` of the grid.
public struct OcclusionFinding: Sendable {
  /// What hiding a part does to a class.
  public struct ClassResponse: Sendable {
    public let classIndex: Int
    /// The class's probability, or its score if the network has no probabilities.
    public let values: Tensor
    /// The same for the unoccluded picture.
    public let unoccluded: Float

    /// - Parameters:
    ///   - classIndex: The class.
    ///   - values: `[rows, columns]`.
    ///   - unoccluded: The value of the unoccluded picture.
    public init(_ classIndex: Int, values: Tensor, unoccluded: Float) {
      (self.classIndex, self.values, self.unoccluded) = (classIndex, values, unoccluded)
    }
  }

  /// What hiding a part does to the strongest map of a layer.
  public struct MapResponse: Sendable {
    public let layer: String
    /// The unit whose map has the greatest total activation in the unoccluded picture.
    public let unit: Int
    /// The sum over the unit's map.
    public let totals: Tensor
    /// The same for the unoccluded picture.
    public let unoccluded: Float
    /// What a deconvnet makes of the unit's map in the unoccluded picture, all other maps being
    /// zero: `[1, C, H, W]`.
    public let projection: Tensor

    /// - Parameters:
    ///   - layer: The layer's name.
    ///   - unit: The strongest.
    ///   - totals: `[rows, columns]`.
    ///   - unoccluded: The total of the unoccluded picture.
    ///   - projection: `[1, C, H, W]`.
    public init(
      layer: String, unit: Int, totals: Tensor, unoccluded: Float, projection: Tensor
    ) {
      (self.layer, self.unit, self.totals) = (layer, unit, totals)
      (self.unoccluded, self.projection) = (unoccluded, projection)
    }
  }

  public let grid: OccluderGrid
  /// What the network says of the unoccluded picture; nil if it has no class scores.
  public let prediction: Prediction?
  /// In the order in which they were asked for.
  public let classes: [ClassResponse]
  /// The most probable class at each position, row by row; nil where scores are not finite. Empty if
  /// the network has no class scores.
  public let choices: [Int?]
  /// One per layer.
  public let maps: [MapResponse]

  /// - Parameters:
  ///   - grid: The positions of the square.
  ///   - prediction: What the network says of the unoccluded picture.
  ///   - classes: The classes that were asked for.
  ///   - choices: The most probable class at each position.
  ///   - maps: One per layer.
  public init(
    grid: OccluderGrid, prediction: Prediction?, classes: [ClassResponse], choices: [Int?],
    maps: [MapResponse]
  ) {
    (self.grid, self.prediction, self.classes) = (grid, prediction, classes)
    (self.choices, self.maps) = (choices, maps)
  }
}

/// Hides parts of a picture under a square and looks at what changes: Zeiler and Fergus (2014),
/// section 4.2 and figure 6.
public struct OcclusionAnalysis: Sendable {
  public let grid: OccluderGrid
  /// The values of the square in the network's input, one per channel.
  public let color: [Float]
  /// Those whose strongest map is looked at.
  public let layers: [String]

  /// - Parameters:
  ///   - grid: For pictures of the network's input size.
  ///   - color: One value per channel of the input.
  ///   - layers: Layers with maps, `[N, C, H, W]`.
  public init(grid: OccluderGrid, color: [Float], layers: [String]) {
    (self.grid, self.color, self.layers) = (grid, color, layers)
  }

  /// What the run of the unoccluded picture keeps: for planning memory.
  public func keepUnoccluded(in network: Network) -> Keep {
    .forGradient(and: nodes(in: network))
  }

  /// What the runs of occluded pictures keep: for planning memory.
  public func keepOccluded(in network: Network) -> Keep { .only(nodes(in: network)) }

  private func nodes(in network: Network) -> [String] {
    guard network.hasClassScores else { return layers }
    return layers + network.nodes(toRank: [network.graph.scoreName])
  }

  /// The picture with the square at some of its positions, `[N, C, H, W]`, channels last.
  ///
  /// - Parameters:
  ///   - picture: `[1, C, H, W]`.
  ///   - positions: Row by row from the top left.
  public func occluded(_ picture: Tensor, at positions: Range<Int>) -> Tensor {
    picture.copies(
      hiding: positions.map { position in
        let square = grid.square(at: position)
        return HiddenBox(rows: square.rows, columns: square.columns)
      }, under: color)
  }

  /// - Parameters:
  ///   - network: The network; without class scores, only maps are looked at.
  ///   - picture: `[1, C, H, W]`.
  ///   - targets: The classes whose probability is looked at.
  ///   - together: The number of occluded pictures in a batch.
  ///   - progress: Called with the number of positions that are done.
  public func run(
    on network: Network, picture: Tensor, targets: [ScoreSelection], together: Int,
    progress: (Int) -> Void = { _ in }
  ) -> OcclusionFinding {
    let unoccluded = Unoccluded(
      picture, of: network, keeping: keepUnoccluded(in: network), layers: layers, targets: targets)
    if let prediction = unoccluded.prediction, !prediction.isFinite {
      return OcclusionFinding(
        grid: grid, prediction: prediction, classes: [], choices: [], maps: [])
    }
    let ranking =
      network.hasClassScores ? network.ranking(of: network.graph.scoreName) : nil
    // Without class scores, nothing after the last of the layers is needed.
    let last = network.hasClassScores ? nil : network.graph.last(of: layers)
    let keep = keepOccluded(in: network)
    var totals = layers.map { _ in [Float]() }
    var values = unoccluded.classes.map { _ in [Float]() }
    var choices: [Int?] = []
    for start in stride(from: 0, to: grid.count, by: max(together, 1)) {
      let positions = start..<min(start + max(together, 1), grid.count)
      let recording = network.record(
        occluded(picture, at: positions), keeping: keep, through: last)
      for (index, map) in unoccluded.maps.enumerated() {
        totals[index] += recording[map.layer].totals(ofUnit: map.unit)
      }
      if network.hasClassScores {
        let scores = ClassifiedScores(
          recording.scores, by: network.probabilityFunction, ranks: ranking?.values(in: recording))
        for row in 0..<positions.count {
          let isFinite = scores.isFinite(row)
          choices.append(isFinite ? scores.best(1, of: row).first?.index : nil)
          for (index, target) in unoccluded.classes.enumerated() {
            let own = scores.candidate(target.index, of: row)
            values[index].append(isFinite ? own.probability ?? own.score : .nan)
          }
        }
      }
      progress(positions.upperBound)
    }
    let shape = Shape([grid.firstRows.count, grid.firstColumns.count])
    return OcclusionFinding(
      grid: grid, prediction: unoccluded.prediction,
      classes: zip(unoccluded.classes, values).map { target, values in
        .init(
          target.index, values: Tensor(shape: shape, values),
          unoccluded: target.probability ?? target.score)
      },
      choices: choices,
      maps: zip(unoccluded.maps, totals).map { map, totals in
        .init(
          layer: map.layer, unit: map.unit, totals: Tensor(shape: shape, totals),
          unoccluded: map.total, projection: map.projection)
      })
  }
}

/// What is known of the picture itself.
private struct Unoccluded {
  struct Strongest {
    let layer: String
    let unit: Int
    let total: Float
    let projection: Tensor
  }

  let prediction: Prediction?
  let classes: [Prediction.Candidate]
  let maps: [Strongest]

  init(
    _ picture: Tensor, of network: Network, keeping keep: Keep, layers: [String],
    targets: [ScoreSelection]
  ) {
    let batch = ExplainedBatch(picture, of: network, keeping: keep)
    let prediction = network.hasClassScores ? batch.predictions[0] : nil
    self.prediction = prediction
    classes = targets.compactMap { target in
      prediction?[batch.classes(of: [target])[0]]
    }
    let recording = batch.recording(keeping: keep)
    maps = layers.map { layer in
      let output = recording[layer]
      let totals = (0..<output.shape[1]).map { output.totals(ofUnit: $0)[0] }
      let order = unitsByStrength(totals.map { $0.isFinite ? $0 : -.infinity }, nil)
      let unit = order.first ?? 0
      return Strongest(
        layer: layer, unit: unit, total: totals[unit],
        projection: recording.propagate(output.only(unit: unit), from: layer, by: .deconvnet).input)
    }
  }
}

extension Graph {
  /// The one of some nodes that runs last.
  fileprivate func last(of names: [String]) -> String? {
    nodes.last { names.contains($0.name) }?.name
  }
}

extension Tensor {
  /// The sum over the map of a unit, for each picture of `[N, C, H, W]`, in `Double`.
  fileprivate func totals(ofUnit unit: Int) -> [Float] {
    let (channels, area) = (shape[1], shape.spatial.reduce(1, *))
    return arranged(as: .channelsLast).withUnsafeElements { x in
      (0..<shape[0]).map { picture in
        let start = picture * area * channels + unit
        return Float((0..<area).reduce(0.0) { $0 + Double(x[start + $1 * channels]) })
      }
    }
  }

  /// `[1, C, H, W]` with zeros in all maps but one.
  fileprivate func only(unit: Int) -> Tensor {
    let area = shape.spatial.reduce(1, *)
    let own = arranged(as: .rowMajor)
    return own.withUnsafeElements { x in
      Tensor(shape: shape) { target in
        for index in 0..<target.count { target[index] = index / area == unit ? x[index] : 0 }
      }
    }
  }
}
