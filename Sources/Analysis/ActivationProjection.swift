public import Networks
public import TensorCore

/// How a single activation is propagated back to the pixels.
public enum ProjectionRule: String, Sendable, Hashable, CaseIterable {
  /// Each ReLU passes only positive signals (Zeiler and Fergus 2014, section 2.1).
  case deconvnet
  /// Each ReLU passes only positive signals where it was active (Springenberg et al. 2015).
  case guided
  /// The derivative of the activation by each pixel (Simonyan et al. 2014).
  case gradient

  public var citation: String {
    switch self {
    case .deconvnet: "Zeiler and Fergus 2014"
    case .guided: "Springenberg et al. 2015"
    case .gradient: "Simonyan et al. 2014"
    }
  }

  fileprivate var rules: RuleBook {
    switch self {
    case .deconvnet: .deconvnet
    case .guided: .guidedBackpropagation
    case .gradient: .gradient
    }
  }
}

/// What a projection starts from.
public enum ProjectionSeed: String, Sendable, Hashable, CaseIterable {
  /// The activation itself, as in the paper.
  case activation
  case one
}

/// Projects activations of one layer back to the pixels: one activation stays, or becomes 1, all
/// others of the layer are zero, and that signal is propagated back through every layer before it,
/// max pools by the switches of the picture's own forward run (Zeiler and Fergus 2014, section 2).
public struct ActivationProjection: Sendable {
  public let network: Network
  public let layer: String
  public let seed: ProjectionSeed

  public init(_ network: Network, layer: String, seed: ProjectionSeed = .activation) {
    self.network = network
    self.layer = layer
    self.seed = seed
  }

  /// What the runs of ``forEach(of:in:by:_:)`` keep.
  public static let keep = Keep.forGradient()

  /// Runs pictures up to the layer, once for each of their activations, and projects these.
  ///
  /// - Parameters:
  ///   - activations: For each picture of the batch, the unit and the activation.
  ///   - pictures: `[N, C, H, W]`.
  ///   - rules: How to project; each activation is projected in all these ways.
  ///   - together: How many activations to run at once.
  ///   - body: Takes the picture's row in the batch, the activation's index in
  ///     `activations[row]`, and one projection for each rule, `[1, C, H, W]`.
  /// - Precondition: Every position is one of the layer's.
  public func forEach(
    of activations: [[(unit: Int, excitation: Excitation)]], in pictures: Tensor,
    by rules: [ProjectionRule], together: Int, _ body: (Int, Int, [Tensor]) throws -> Void
  ) rethrows {
    let places = activations.enumerated().flatMap { row, own in own.indices.map { (row, $0) } }
    for start in stride(from: 0, to: places.count, by: max(together, 1)) {
      let part = places[start..<min(start + max(together, 1), places.count)]
      let recording = network.record(
        Tensor(concatenatingRows: part.map { pictures.rows($0.0..<($0.0 + 1)) }),
        keeping: Self.keep, through: layer)
      let shape = recording[layer].shape
      let width = shape.rank > 3 ? shape[3] : 1
      let positions = shape.spatial.reduce(1, *)
      let signal = Tensor(shape: shape) { target in
        target.initialize(repeating: 0)
        for (index, (row, place)) in part.enumerated() {
          let (unit, excitation) = activations[row][place]
          let position = excitation.position[0] * width + excitation.position[1]
          target[(index * shape[1] + unit) * positions + position] =
            seed == .one ? 1 : excitation.value
        }
      }
      let projected = rules.map {
        recording.propagate(signal, from: layer, by: $0.rules).input
      }
      for (index, (row, place)) in part.enumerated() {
        try body(row, place, projected.map { $0.rows(index..<(index + 1)) })
      }
    }
  }
}
