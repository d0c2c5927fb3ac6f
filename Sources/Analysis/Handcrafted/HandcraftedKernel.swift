public import TensorCore

/// A small matrix of weights that was designed, not learned.
///
/// Its weights are written as they are laid over a picture: they are correlated with it, as a
/// network's filters are. A true convolution turns them by 180°.
public struct HandcraftedKernel: Sendable {
  /// As typed, such as `gaussian:1.5`; ``init(_:)`` makes the same kernel of it.
  public let name: String
  /// In words, such as `Gaussian, σ 1.5`.
  public let label: String
  /// The same with the orientation of its stripes or of its edge, anticlockwise from horizontal as
  /// ``GaborFunction/orientation``, instead of θ, the direction across them, clockwise.
  public let orientedLabel: String
  /// `[rows, columns]`.
  public let weights: Tensor

  /// The most rows and columns.
  public static let greatestSide = 1001

  /// - Parameters:
  ///   - name: As typed.
  ///   - label: In words.
  ///   - orientedLabel: Nil for a label without a direction.
  ///   - weights: `[rows, columns]`, each from 1 to ``greatestSide``.
  public init(name: String, label: String, orientedLabel: String? = nil, weights: Tensor) {
    precondition(
      weights.shape.rank == 2
        && weights.shape.extents.allSatisfy { (1...Self.greatestSide).contains($0) },
      "\(weights.shape) is no kernel")
    (self.name, self.label, self.weights) = (name, label, weights)
    self.orientedLabel = orientedLabel ?? label
  }

  /// The kernel of a function of rows and columns.
  init(
    _ name: String, _ label: String, orientedLabel: String? = nil, rows: Int, columns: Int,
    _ value: (Int, Int) -> Double
  ) {
    let values = (0..<rows).flatMap { row in (0..<columns).map { value(row, $0) } }
    // A sine of 180° in floating point is no weight.
    let least = 1e-12 * values.reduce(0) { max($0, abs($1)) }
    self.init(
      name: name, label: label, orientedLabel: orientedLabel,
      weights: Tensor(
        shape: [rows, columns], values.map { abs($0) < least ? 0 : Float($0) }))
  }

  public var rows: Int { weights.shape[0] }
  public var columns: Int { weights.shape[1] }

  /// The sum of all weights: 1 keeps a picture's brightness, and 0 answers to changes alone.
  public var sum: Double { weights.reduce(0) { $0 + Double($1) } }

  /// The sum of the weights' magnitudes.
  public var sumOfMagnitudes: Double { weights.reduce(0) { $0 + abs(Double($1)) } }

  /// Whether the weights sum to zero, within a twentieth of their magnitudes: the answers then
  /// have both signs, and a flat part of a picture gives nearly none.
  public var isDifference: Bool { abs(sum) <= 0.05 * sumOfMagnitudes }

  /// Whether the weights sum to one, so that the answers are on the scale of the picture.
  public var keepsBrightness: Bool { abs(sum - 1) <= 1e-4 * max(1, sumOfMagnitudes) }

  /// The same kernel turned by 180°, whose correlation with a picture is the kernel's convolution
  /// with it.
  public var turned: HandcraftedKernel {
    HandcraftedKernel(
      name: name, label: label, orientedLabel: orientedLabel,
      weights: Tensor(shape: weights.shape, weights.elements.reversed()))
  }

  /// The same weights in the middle of a matrix of zeros.
  ///
  /// - Precondition: The side is odd, as the kernel's own are, and not less than those.
  func padded(to side: Int) -> HandcraftedKernel {
    let (top, left) = ((side - rows) / 2, (side - columns) / 2)
    precondition(top >= 0 && left >= 0, "\(weights.shape) in \(side)×\(side)")
    let own = weights.elements
    var values = [Float](repeating: 0, count: side * side)
    for row in 0..<rows {
      for column in 0..<columns {
        values[(row + top) * side + column + left] = own[row * columns + column]
      }
    }
    return HandcraftedKernel(
      name: side == rows ? name : "\(name)\(name.contains(":") ? "," : ":")size=\(side)",
      label: label, orientedLabel: orientedLabel,
      weights: Tensor(shape: [side, side], values))
  }
}
