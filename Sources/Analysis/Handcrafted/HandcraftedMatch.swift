public import TensorCore

/// The handcrafted kernel that is nearest to a filter.
public struct HandcraftedMatch: Sendable, Hashable {
  /// The kernel's index in the bank.
  public let kernel: Int
  /// The cosine between the filter and the kernel times one weight for each channel, with the sign
  /// of the weight of greatest magnitude: −1 is the same kernel with dark and bright exchanged.
  public let correlation: Double
  /// How far the kernel is moved, in pixels, down and to the right.
  public let rowShift, columnShift: Int
  /// The kernel's weight in each channel; the kernel has its own norm in the bank.
  public let weights: [Double]

  /// The share of the filter's sum of squares that the kernel explains.
  public var share: Double { correlation * correlation }
}

/// Handcrafted kernels in the window of a layer's filters, each in its place and moved a little.
public struct HandcraftedMatching: Sendable {
  private struct Candidate: Sendable {
    let kernel: Int
    let rowShift, columnShift: Int
    /// With a sum of squares of 1.
    let values: [Double]
    let norm: Double
  }

  public let bank: [HandcraftedKernel]
  private let candidates: [Candidate]
  private let height: Int
  private let width: Int

  /// A kernel is moved no further than this share of the window's shorter side: it stays about in
  /// the middle.
  private static let shiftShare = 0.2
  private static let mostPixels = 3
  /// A kernel that loses more of its sum of squares at the window's edge is another kernel.
  private static let leastKept = 0.75

  /// How far kernels are moved, in pixels.
  static func greatestShift(height: Int, width: Int) -> Int {
    min(mostPixels, Int(shiftShare * Double(min(height, width))))
  }

  /// - Parameters:
  ///   - height: Of the filters, at least 1.
  ///   - width: The same.
  public init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    let side = max(height, width)
    bank = HandcraftedKernel.bank(side: side)
    let shift = Self.greatestShift(height: height, width: width)
    // The nearest places first, so that a kernel is moved only if that is better.
    let steps = Array(-shift...shift)
    var shifts: [(row: Int, column: Int)] = []
    for row in steps { shifts += steps.map { (row, $0) } }
    func order(_ shift: (row: Int, column: Int)) -> (Int, Int, Int) {
      (shift.row * shift.row + shift.column * shift.column, shift.row, shift.column)
    }
    shifts.sort { order($0) < order($1) }
    var candidates: [Candidate] = []
    for (index, kernel) in bank.enumerated() {
      let whole = kernel.weights.elements.map(Double.init)
      // A window that is no square sees the middle of the kernel.
      let (top, left) = ((side - height) / 2, (side - width) / 2)
      func values(_ rowShift: Int, _ columnShift: Int) -> [Double] {
        (0..<(height * width)).map { place in
          let row = place / width - rowShift
          let column = place % width - columnShift
          guard (0..<height).contains(row), (0..<width).contains(column) else { return 0 }
          return whole[(row + top) * side + column + left]
        }
      }
      let own = dot(values(0, 0), values(0, 0))
      for (row, column) in shifts {
        let moved = values(row, column)
        let sum = dot(moved, moved)
        guard sum > 0, sum >= Self.leastKept * own else { continue }
        let norm = sum.squareRoot()
        candidates.append(
          Candidate(
            kernel: index, rowShift: row, columnShift: column, values: moved.map { $0 / norm },
            norm: norm))
      }
    }
    self.candidates = candidates
  }

  /// The kernel that explains most of a filter.
  ///
  /// - Parameter filter: `[C, R, S]`, with the height and width of this.
  /// - Returns: Nil if all weights are zero or one is not finite.
  public func match(of filter: Tensor) -> HandcraftedMatch? {
    precondition(
      filter.shape[1] == height && filter.shape[2] == width,
      "\(filter.shape) among kernels of \(height)×\(width)")
    return unitNorm(filter.channels).flatMap { match(of: $0) }
  }

  /// - Parameter channels: With a sum of squares of 1.
  func match(of channels: [[Double]]) -> HandcraftedMatch? {
    var best: (candidate: Candidate, share: Double)?
    for candidate in candidates {
      var share = 0.0
      for channel in channels {
        let product = dot(channel, candidate.values)
        share += product * product
      }
      if share > (best?.share ?? 0) + 1e-9 { best = (candidate, share) }
    }
    guard let (candidate, share) = best else { return nil }
    let weights = channels.map { dot($0, candidate.values) }
    let greatest = weights.max { abs($0) < abs($1) } ?? 0
    let cosine = min(1, share.squareRoot())
    return HandcraftedMatch(
      kernel: candidate.kernel, correlation: greatest < 0 ? -cosine : cosine,
      rowShift: candidate.rowShift, columnShift: candidate.columnShift,
      weights: weights.map { $0 / candidate.norm })
  }

  /// A match's values in the window, for each channel.
  func values(of match: HandcraftedMatch) -> [[Double]] {
    guard
      let candidate = candidates.first(where: {
        $0.kernel == match.kernel && $0.rowShift == match.rowShift
          && $0.columnShift == match.columnShift
      })
    else { return [] }
    return match.weights.map { weight in
      candidate.values.map { weight * candidate.norm * $0 }
    }
  }
}
