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

/// An activation of a unit, projected back to the pixels.
public struct ProjectedActivation: Sendable {
  public let unit: Int
  public let excitation: Excitation
  /// One for each rule, `[1, C, h, w]`: the part of the picture that was run.
  public let projections: [Tensor]
  /// The rows and columns of that part; beyond it, projections are zero.
  public let pixels: [Range<Int>]

  /// A projection on the whole picture, `[1, C, height, width]`.
  public func whole(_ index: Int, height: Int, width: Int) -> Tensor {
    let part = projections[index]
    guard part.shape.spatial != [height, width] else { return part }
    let channels = part.shape[1]
    return self.part(
      index, rows: 0..<height, columns: 0..<width, of: [channels, height, width]
    ).reshaped(to: [1, channels, height, width])
  }

  /// A box of a projection, `[C, H, W]`: zero where nothing was run, NaN outside the picture.
  ///
  /// - Parameter picture: `[C, H, W]`.
  package func part(
    _ index: Int, rows: Range<Int>, columns: Range<Int>, of picture: [Int]
  ) -> Tensor {
    let (channels, height, width) = (picture[0], rows.count, columns.count)
    let insideColumns = columns.clamped(to: 0..<picture[2])
    return projections[index].arranged(as: .channelsLast).withUnsafeElements { values in
      Tensor(shape: [channels, height, width]) { target in
        target.initialize(repeating: .nan)
        for channel in 0..<channels {
          for row in rows.clamped(to: 0..<picture[1]) {
            let place = (channel * height + row - rows.lowerBound) * width - columns.lowerBound
            for column in insideColumns { target[place + column] = 0 }
            guard pixels[0].contains(row) else { continue }
            let start = (row - pixels[0].lowerBound) * pixels[1].count - pixels[1].lowerBound
            for column in insideColumns.clamped(to: pixels[1]) {
              target[place + column] = values[(start + column) * channels + channel]
            }
          }
        }
      }
    }
  }
}

/// Projects activations of one layer back to the pixels: one activation stays, or becomes 1, all
/// others of the layer are zero, and that signal is propagated back through every layer before it,
/// max pools by the switches of the picture's own forward run (Zeiler and Fergus 2014, section 2).
///
/// A picture is run once for all its activations, each of which is a signal of its own on the way
/// back. Where an activation depends on a part of the picture only, that part alone is run
/// (`LayerCrops`); such parts wait until there are enough of one kind for a batch.
public struct ActivationProjection {
  public typealias Activation = (unit: Int, excitation: Excitation)

  /// What runs keep.
  public static let keep = Keep.forGradient()
  /// The crops that wait for a batch take no more memory than this number of pictures.
  private static let waitingPictures = 16
  /// The largest batch of crops.
  private static let mostCrops = 32
  /// The most activations that wait for a batch.
  public static let mostWaiting = 9 * mostCrops
  /// What it takes to make the kernels of a node for one kind of crops, forward and back, in
  /// multiplications: about 2 ms (oneDNN 2.6).
  public static let usualKernelCost = 3e8

  private struct Waiting {
    let unit: Int
    let excitation: Excitation
    let place: LayerCrops.Place
    /// `[1, C, h, w]`.
    let picture: Tensor
  }

  public let network: Network
  public let layer: String
  public let seed: ProjectionSeed
  private let rules: [RuleBook]
  public let together: Int
  private let crops: LayerCrops?
  /// The kinds of crops that are used, with the size of their batches.
  private var batchSizes: [LayerCrops.Kind: Int] = [:]
  private var waiting: [LayerCrops.Kind: [Waiting]] = [:]
  private var waitingElements = 0

  /// - Parameters:
  ///   - layer: The layer that all activations belong to.
  ///   - activations: All that will be projected, so that no kernels are made for a few of them.
  ///   - rules: How to project; each activation is projected in all these ways.
  ///   - together: The number of pictures for whose run there is memory.
  ///   - crops: On what to run positions instead of whole pictures; nil for whole pictures only.
  ///   - kernelCost: What making a node's kernels for crops costs, in multiplications.
  public init(
    _ network: Network, layer: String, of activations: [Excitation], by rules: [ProjectionRule],
    seed: ProjectionSeed = .activation, together: Int, crops: LayerCrops?,
    kernelCost: Double = usualKernelCost
  ) {
    (self.network, self.layer, self.seed, self.crops) = (network, layer, seed, crops)
    self.rules = rules.map(\.rules)
    self.together = max(together, 1)
    guard let crops else { return }
    let counts = activations.reduce(into: [LayerCrops.Kind: Int]()) { counts, excitation in
      if let place = crops[excitation.position] { counts[place.kind, default: 0] += 1 }
    }
    let memory = network.runBytes(pictures: self.together, keeping: Self.keep, through: layer)
    for (kind, count) in counts {
      guard let crop = crops.crops[kind] else { continue }
      let cropped = crop.network.network
      let saved = 2 * Double(count) * (crops.wholeCost - crop.cost)
      guard saved > kernelCost * Double(cropped.graph.nodes.count),
        let size = cropped.mostPictures(upTo: Self.mostCrops, within: memory, keeping: Self.keep)
      else { continue }
      // Batches of one size, which share their kernels.
      let batches = (count + size - 1) / size
      batchSizes[kind] = (count + batches - 1) / batches
    }
  }

  /// The most memory that crops take while they wait.
  public static func waitingBytes(in network: Network) -> Int {
    waitingPictures * network.graph.inputShape.elementCount * MemoryLayout<Float>.stride
  }

  /// Whether an activation needs a run of its whole picture.
  public func needsWholePicture(_ excitation: Excitation) -> Bool { place(of: excitation) == nil }

  private func place(of excitation: Excitation) -> LayerCrops.Place? {
    crops?[excitation.position].flatMap { batchSizes[$0.kind] == nil ? nil : $0 }
  }

  /// Projects activations of some pictures, or keeps them for a later batch.
  ///
  /// Fewest rows are run in vain if pictures with the same number of activations that need whole
  /// pictures come together.
  ///
  /// - Parameters:
  ///   - activations: For each picture, its activations.
  ///   - pictures: `[N, C, H, W]`.
  ///   - body: Takes what was projected, in any order.
  /// - Precondition: Every position is one of the layer's.
  public mutating func project(
    _ activations: [[Activation]], in pictures: Tensor,
    _ body: ([ProjectedActivation]) throws -> Void
  ) rethrows {
    var whole = activations
    for (row, own) in activations.enumerated() {
      whole[row] = own.filter { needsWholePicture($0.excitation) }
      for (unit, excitation) in own {
        guard let place = place(of: excitation) else { continue }
        let picture = pictures.part(row, place.pixels)
        waiting[place.kind, default: []].append(
          Waiting(unit: unit, excitation: excitation, place: place, picture: picture))
        waitingElements += picture.count
        let size = batchSizes[place.kind] ?? 1
        if waiting[place.kind, default: []].count >= size { try run(place.kind, body) }
      }
    }
    let most = Self.waitingPictures * pictures.shape.withCount(1).elementCount
    while waitingElements > most, let kind = fullest { try run(kind, body) }
    let rows = whole.indices.filter { !whole[$0].isEmpty }
    for start in stride(from: 0, to: rows.count, by: together) {
      let part = Array(rows[start..<min(start + together, rows.count)])
      try run(part.map { whole[$0] }, in: pictures.gathered(part), body)
    }
  }

  /// The kind of which most crops wait.
  private var fullest: LayerCrops.Kind? {
    // In a fixed order, so that batches are the same in every run.
    let counts = waiting.mapValues(\.count)
    return counts.keys.sorted().max { counts[$0, default: 0] < counts[$1, default: 0] }
  }

  /// Projects what is still kept.
  public mutating func finish(_ body: ([ProjectedActivation]) throws -> Void) rethrows {
    for kind in waiting.keys.sorted() { try run(kind, body) }
  }

  /// Runs pictures once, and sends back an activation of each as often as there are any left.
  private func run(
    _ activations: [[Activation]], in pictures: Tensor,
    _ body: ([ProjectedActivation]) throws -> Void
  ) rethrows {
    let recording = network.record(pictures, keeping: Self.keep, through: layer)
    let pixels = pictures.shape.spatial.map { 0..<$0 }
    for round in 0..<(activations.map(\.count).max() ?? 0) {
      let signals = activations.map { own in
        round < own.count
          ? (own[round].unit, own[round].excitation.position, value(own[round].excitation)) : nil
      }
      let projected = project(signals, in: recording)
      try body(
        activations.indices.filter { round < activations[$0].count }.map { row in
          let (unit, excitation) = activations[row][round]
          return ProjectedActivation(
            unit: unit, excitation: excitation,
            projections: projected.map { $0.rows(row..<(row + 1)) }, pixels: pixels)
        })
    }
  }

  /// Runs the crops of one kind that wait.
  private mutating func run(
    _ kind: LayerCrops.Kind, _ body: ([ProjectedActivation]) throws -> Void
  ) rethrows {
    guard let crop = crops?.crops[kind]?.network, let batch = waiting.removeValue(forKey: kind),
      !batch.isEmpty
    else { return }
    waitingElements -= batch.reduce(0) { $0 + $1.picture.count }
    // Empty pictures make a last batch as large as those before.
    let missing = max((batchSizes[kind] ?? 0) - batch.count, 0)
    let empty = Tensor(
      shape: batch[0].picture.shape.withCount(missing), layout: batch[0].picture.layout,
      repeating: 0)
    let recording = crop.network.record(
      Tensor(concatenatingRows: batch.map(\.picture) + [empty]), keeping: Self.keep)
    let projected = project(
      batch.map { ($0.unit, $0.place.position, value($0.excitation)) }
        + [(Int, [Int], Float)?](repeating: nil, count: missing), in: recording)
    try body(
      batch.enumerated().map { row, one in
        ProjectedActivation(
          unit: one.unit, excitation: one.excitation,
          projections: projected.map { $0.rows(row..<(row + 1)) }, pixels: one.place.pixels)
      })
  }

  private func value(_ excitation: Excitation) -> Float {
    seed == .one ? 1 : excitation.value
  }

  /// Propagates at most one number of each picture back by all rules.
  private func project(
    _ signals: [(unit: Int, position: [Int], value: Float)?], in recording: Recording
  ) -> [Tensor] {
    let shape = recording.shape(of: layer)
    let width = shape.rank > 3 ? shape[3] : 1
    let positions = shape.spatial.reduce(1, *)
    let signal = Tensor(shape: shape, layout: .channelsLast) { target in
      target.initialize(repeating: 0)
      for (row, signal) in signals.enumerated() {
        guard let (unit, position, value) = signal else { continue }
        target[(row * positions + position[0] * width + position[1]) * shape[1] + unit] = value
      }
    }
    return rules.map { recording.propagate(signal, from: layer, by: $0).input }
  }
}

extension Tensor {
  /// A part of a picture of `[N, C, H, W]`, `[1, C, h, w]`.
  fileprivate func part(_ picture: Int, _ pixels: [Range<Int>]) -> Tensor {
    let (channels, height, width) = (shape[1], shape[2], shape[3])
    let (rows, columns) = (pixels[0], pixels[1])
    return arranged(as: .channelsLast).withUnsafeElements { source in
      Tensor(shape: [1, channels, rows.count, columns.count], layout: .channelsLast) { target in
        let count = columns.count * channels
        for (index, row) in rows.enumerated() {
          let start = ((picture * height + row) * width + columns.lowerBound) * channels
          for place in 0..<count { target[index * count + place] = source[start + place] }
        }
      }
    }
  }

  /// Some rows of the first axis.
  fileprivate func gathered(_ rows: [Int]) -> Tensor {
    rows == Array(0..<shape[0])
      ? self : Tensor(concatenatingRows: rows.map { self.rows($0..<($0 + 1)) })
  }
}
