internal import Analysis
internal import Drawing
internal import Files
internal import Galleries
internal import Networks
internal import TensorCore

/// What a comparison found, after the pictures were looked through.
struct ComparedFindings {
  /// For each network but the reference.
  let distances: [[WeightDistance]]
  /// For each network but the reference; nil if nothing can be compared, or it is not wanted.
  let alignments: [AlignmentFinding?]
  /// On how many pictures representations are compared; nil if they are not.
  let comparedPictures: Int?
  /// For each network but the reference: each layer against the same one of the reference.
  let sameLayers: [[String: Double]]
  /// Of the same layer in each pair of networks, for each layer; empty for two networks.
  let allAlignments: [(layer: String, matrix: [Double])]
  /// For each network; nil without class scores.
  let classifications: [ClassificationFinding?]
  /// For each network but the reference; nil if first choices cannot be compared.
  let changes: [PredictionChanges?]
  /// For each network, layer by layer.
  let tops: [[TopActivationFinding]]
  /// For each network but the reference, layer by layer.
  let overlaps: [[PatchOverlap]]
  /// For each network but the reference; nil if there is none.
  let embeddings: [AlignedEmbedding?]

  /// The networks whose weights have nothing to do with those of the reference, so that units of
  /// one number need not correspond.
  let unrelated: [String]

  init(_ comparison: CheckpointComparison) throws {
    let (sides, layers) = (comparison.sides, comparison.layers)
    let (first, others) = (sides[0], sides.dropFirst())
    distances = others.map {
      WeightDistanceAnalysis().run(from: first.network, to: $0.network, layers: layers.weights)
    }
    unrelated = zip(comparison.names.dropFirst(), distances).compactMap { name, layers in
      let known = layers.compactMap(\.cosine)
      return !known.isEmpty && known.allSatisfy { abs($0) < Self.unrelatedCosine } ? name : nil
    }
    let features = sides.compactMap { $0.scans?.features?.finding }
    if features.count == sides.count {
      let finite = features.map(\.finitePictures).reduce(Set(features[0].pictures)) {
        $0.intersection($1)
      }
      let wantsAll = comparison.parts.contains(.similarity)
      comparedPictures = finite.count > 2 ? finite.count : nil
      alignments = features.dropFirst().map {
        wantsAll
          ? KernelAlignmentAnalysis().run(
            features[0].only(layers.matrix), $0.only(layers.matrix), pictures: finite) : nil
      }
      sameLayers = features.dropFirst().map {
        KernelAlignmentAnalysis().sameLayers(features[0], $0, pictures: finite)
      }
      allAlignments =
        wantsAll && sides.count > 2
        ? Self.matrices(features, finite, of: layers.representations) : []
    } else {
      comparedPictures = nil
      alignments = others.map { _ in nil }
      sameLayers = others.map { _ in [:] }
      allAlignments = []
    }
    let classifications = sides.map { $0.scans?.classification?.finding }
    self.classifications = classifications
    changes = classifications.dropFirst().map { other in
      guard comparison.comparesClasses, let own = classifications[0], let other else { return nil }
      return PredictionChanges(from: own.each, to: other.each)
    }
    let tops = sides.map { $0.scans?.top?.findings() ?? [] }
    self.tops = tops
    overlaps = tops.dropFirst().map { other in
      zip(tops[0], other).map { PatchOverlap($0, $1) }
    }
    let found = try sides.map { try $0.scans?.embedding?.finding(components: Self.components) }
    embeddings = try found.dropFirst().map { other in
      guard let own = found[0], let other else { return nil }
      return try AlignedEmbedding(of: other, to: own)
    }
  }

  /// Weights that were trained from the same initial ones are nearer, even after long training.
  private static let unrelatedCosine = 0.2

  /// What must be said where units are compared by their numbers; nil if they correspond.
  func unitRemark(in comparison: CheckpointComparison) -> String? {
    guard !unrelated.isEmpty else { return nil }
    return "The weights of \(firstOf(unrelated)) are unrelated to those of \(comparison.names[0]), "
      + "as after another initialization: units of one number need not correspond."
  }

  /// How many principal components of the features are laid over each other.
  private static let components = 50

  /// More layers than this make a sheet that nobody reads.
  private static let mostMatrices = 12

  private static func matrices(
    _ features: [LayerFeatures], _ pictures: Set<Int>, of layers: [String]
  ) -> [(layer: String, matrix: [Double])] {
    guard pictures.count > 2 else { return [] }
    return layers.spreadToEnd(most: mostMatrices).compactMap { layer in
      guard let place = layers.firstIndex(of: layer) else { return nil }
      let centred = features.map { CentredFeatures($0, place, pictures) }
      return (layer, centred.flatMap { a in centred.map { a.alignment(with: $0) } })
    }
  }

  /// What moved in each layer that has weights, from the reference to another network.
  func moved(_ other: Int, in comparison: CheckpointComparison) -> [MovedLayer] {
    let network = comparison.sides[0].network
    return distances[other].map { distance in
      let layer = network.rectified(distance.layer)
      return MovedLayer(
        name: distance.layer, distance: distance,
        alignment: sameLayers[other][layer])
    }
  }

  /// All numbers, for `gallery.json` and standard output.
  func record(of comparison: CheckpointComparison) throws -> ComparisonRecord {
    var record = comparison.identity
    if let remark = unitRemark(in: comparison) { record.remarks.append(remark) }
    let reference = comparison.sides[0]
    for index in record.checkpoints.indices {
      record.checkpoints[index].accuracy = classifications[index].flatMap {
        .init(of: $0, on: reference.pictures?.name ?? "")
      }
    }
    record.differences = try comparison.sides.indices.dropFirst().map { side in
      let other = side - 1
      let layers = moved(other, in: comparison).map { layer in
        let overlap = overlaps[other].first {
          $0.layer == reference.network.rectified(layer.name)
        }
        return ComparisonRecord.Layer(
          name: layer.name, weights: layer.distance?.shape ?? [],
          relativeDistance: layer.distance?.relative, cosine: layer.distance?.cosine,
          unitDistances: layer.distance?.units ?? [], cka: layer.alignment,
          commonTopPictures: overlap?.meanCommon, topPicturesJaccard: overlap?.meanJaccard)
      }
      return ComparisonRecord.Difference(
        checkpoint: comparison.names[side], layers: layers,
        cka: alignments[other].map { alignment in
          .init(
            rows: alignment.rows, columns: alignment.columns,
            values: alignment.values.map { $0.isFinite ? $0 : nil },
            pictures: alignment.pictures)
        },
        procrustes: embeddings[other].map {
          .init(layer: $0.layer, components: $0.components, residual: $0.residual)
        },
        predictions: try changes[other].map { try self.changes($0, in: comparison) })
    }
    return record
  }

  private func changes(
    _ changes: PredictionChanges, in comparison: CheckpointComparison
  ) throws -> ComparisonRecord.Changes {
    let names = comparison.reference.classNames
    let pictures = comparison.sides[0].pictures
    return ComparisonRecord.Changes(
      compared: changes.compared, rightToWrong: changes.count(.rightToWrong),
      wrongToRight: changes.count(.wrongToRight),
      wrongToOtherWrong: changes.count(.wrongToOtherWrong),
      unlabelled: changes.count(.unlabelled),
      pictures: try changes.changed.map { change in
        .init(
          picture: try pictures?.sourceName(of: change.picture) ?? "\(change.picture)",
          label: change.label.map { names[$0] }, before: names[change.before.index],
          after: names[change.after.index], kind: change.kind.rawValue)
      })
  }
}
