public import Networks
public import TensorCore

/// Hides the same part of an object in several pictures, and measures how alike their features
/// change: Zeiler and Fergus (2014), section 4.3 and table 1.
///
/// With the features xᵢ of picture i at a layer, and x̃ᵢ after a part is hidden, εᵢ = xᵢ − x̃ᵢ, and
///
///     Δ = Σ H(sign εᵢ, sign εⱼ) over all i ≠ j
///
/// where H is the Hamming distance, and a sign is −1, 0 or 1. The lower Δ is, compared with that of
/// random places, the more a layer knows which parts of different pictures correspond. The section
/// defines the sum; the table's numbers, called the mean feature sign change, are below 0.11, which
/// only a mean over pairs and features can be. The finding has both.
///
/// Departs from the paper in one detail: changes of less than 10⁻⁵ of the greatest magnitude among a
/// picture's features count as none, because sums in single precision are not exact, and the sign of
/// a rounding error says nothing.
public struct CorrespondenceAnalysis {
  /// Of the greatest magnitude among a picture's features at a layer.
  private static let rounding: Float = 1e-5

  private let network: Network
  private let layers: [String]
  private let color: [Float]
  private let parts: [String]
  private let draws: Int
  /// By layer and slot, of the pictures in which something was hidden there. The slots are the parts,
  /// then those of the first draw of random places, and so on.
  private var patterns: [[[SignPattern]]]

  /// - Parameters:
  ///   - network: Takes pictures, `[C, H, W]`.
  ///   - layers: Whose outputs are the features.
  ///   - color: What hides parts: one value per channel of the input.
  ///   - parts: Their names.
  ///   - draws: How often random places are hidden.
  public init(
    _ network: Network, layers: [String], color: [Float], parts: [String], draws: Int
  ) {
    (self.network, self.layers, self.color) = (network, layers, color)
    (self.parts, self.draws) = (parts, draws)
    patterns = layers.map { _ in
      [[SignPattern]](repeating: [], count: parts.count * (draws + 1))
    }
  }

  /// What a run keeps: for planning memory.
  public var keep: Keep { .only(layers) }

  /// The last of the layers: nothing after it is needed.
  public var lastLayer: String? { network.graph.nodes.last { layers.contains($0.name) }?.name }

  /// The memory that it needs for a number of pictures, in bytes.
  public func heldBytes(pictures: Int) -> Int {
    let slots = parts.count * (draws + 1)
    return layers.reduce(0) { sum, layer in
      sum + pictures * slots * SignPattern.bytes(of: network.shapes[layer]?.elementCount ?? 0)
    }
  }

  /// Hides the parts of one picture, and random places of it.
  ///
  /// - Parameters:
  ///   - picture: `[1, C, H, W]`.
  ///   - places: Where each part is; nil if it is not there.
  ///   - random: For each draw, a place for each part that is there.
  ///   - together: The number of pictures in a batch.
  ///   - progress: Called with the number of places that have been hidden.
  /// - Returns: The first layer with features that are not finite, at which the picture is left out
  ///   of all layers; nil if all are.
  public mutating func add(
    _ picture: Tensor, places: [HiddenBox?], random: [[HiddenBox?]], together: Int,
    progress: (Int) -> Void = { _ in }
  ) -> String? {
    let slots = (places + random.joined()).enumerated().compactMap { slot, box in
      box.map { (slot: slot, box: $0) }
    }
    var found: [(layer: Int, slot: Int, pattern: SignPattern)] = []
    // The picture itself is in every batch, so that both are computed alike.
    let step = max(together - 1, 1)
    for start in stride(from: 0, to: slots.count, by: step) {
      let some = slots[start..<min(start + step, slots.count)]
      let features = features(
        of: picture, hiding: [nil] + some.map { Optional($0.box) }, together: together)
      for (layer, rows) in features.enumerated() {
        let greatest = rows[0].reduce(0) { max($0, abs($1)) }
        for (own, row) in zip(some, rows.dropFirst()) {
          let pattern = rows[0].withUnsafeBufferPointer { original in
            row.withUnsafeBufferPointer { changed in
              SignPattern(original, changed, rounding: Self.rounding * greatest)
            }
          }
          guard let pattern else { return layers[layer] }
          found.append((layer, own.slot, pattern))
        }
      }
      progress(start + some.count)
    }
    for item in found { patterns[item.layer][item.slot].append(item.pattern) }
    return nil
  }

  /// The features of copies of a picture, by layer and copy, channels last.
  private func features(
    of picture: Tensor, hiding boxes: [HiddenBox?], together: Int
  ) -> [[[Float]]] {
    var rows = layers.map { _ in [[Float]]() }
    for start in stride(from: 0, to: boxes.count, by: max(together, 1)) {
      let some = Array(boxes[start..<min(start + max(together, 1), boxes.count)])
      let recording = network.record(
        picture.copies(hiding: some, under: color), keeping: keep, through: lastLayer)
      for (layer, name) in layers.enumerated() {
        let output = recording[name]
        let all = output.arranged(as: output.shape.rank == 4 ? .channelsLast : .rowMajor)
        all.withUnsafeElements { values in
          let count = values.count / some.count
          for row in some.indices {
            rows[layer].append(Array(values[(row * count)..<((row + 1) * count)]))
          }
        }
      }
    }
    return rows
  }

  /// What was found in the pictures that were added.
  public var finding: CorrespondenceFinding {
    CorrespondenceFinding(
      parts: parts,
      pictureCounts: parts.indices.map { patterns.first?[$0].count ?? 0 },
      layers: layers.enumerated().map { layer, name in
        func consistencies(from first: Int) -> [CorrespondenceFinding.Consistency] {
          parts.indices.map { consistency(of: patterns[layer][first + $0], at: name) }
        }
        return .init(
          name: name, parts: consistencies(from: 0),
          random: (0..<draws).map { consistencies(from: ($0 + 1) * parts.count) })
      })
  }

  private func consistency(
    of patterns: [SignPattern], at layer: String
  ) -> CorrespondenceFinding.Consistency {
    let count = network.shapes[layer]?.elementCount ?? 0
    let changed = patterns.reduce(0) { $0 + $1.changedCount }
    return .init(
      distances: patterns.indices.flatMap { i in
        patterns[(i + 1)...].map { patterns[i].distance(to: $0) }
      },
      featureCount: count, changedShare: Double(changed) / Double(count * patterns.count))
  }
}
