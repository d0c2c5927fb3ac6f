public import TensorCore

/// Gradient ascent with steps of a fixed root mean square, which falls linearly, so that one rate
/// suits every network. If the gradient is zero, as it is while a network's first layer is silent,
/// the step goes in a random direction.
///
/// The penalty λ‖p‖² on the parameters belongs to the ascent, not to the objective. An objective is
/// a scalar of a recording, which sees transformed pictures, and its values are to be comparable
/// between different λ; and here gradient and penalty are added in double precision, in which
/// neither overflows. For pixels it is the λ‖I‖² of Simonyan et al. (2014), section 2.
public struct NormalizedAscent: Ascent {
  /// The first step's root mean square, in units of `unit`.
  public var rate: Float
  /// What is left of the rate at the last step, as a share.
  public var finalShare: Float = 0.1
  /// What the parameters are measured in: `rate`, `penalty` and `nudge` mean parameters so
  /// measured.
  public var unit: Float = 1
  /// λ.
  public var penalty: Float = 0
  /// The deviation of a random step, in units of `unit`.
  public var nudge: Float = 0.2

  public init(rate: Float) { self.rate = rate }

  public func step(
    _ parameters: inout Tensor, along gradient: Tensor, rows: [Int], progress: Float,
    randomness: [SeededGenerator]
  ) {
    let width = parameters.count / max(parameters.shape[0], 1)
    let rate = rate * (1 - (1 - finalShare) * progress)
    gradient.withUnsafeElements { g in
      parameters.withUnsafeMutableElements { x in
        nonisolated(unsafe) let (g, x) = (g, x)
        concurrently(rows.count) { place in
          let row = rows[place]
          let range = (row * width)..<((row + 1) * width)
          guard range.contains(where: { g[$0] != 0 }) else {
            var generator = randomness[row]
            for index in range { x[index] += unit * nudge * generator.normal() }
            return
          }
          // In double precision the squares of great and small gradients are still numbers.
          func direction(_ index: Int) -> Double {
            Double(unit) * Double(g[index]) - Double(2 * penalty * x[index] / unit)
          }
          let squares = range.reduce(0.0) { $0 + direction($1) * direction($1) }
          let size = (squares / Double(width)).squareRoot()
          let step = Double(rate * unit) / max(size, .leastNormalMagnitude)
          for index in range { x[index] += Float(step * direction(index)) }
        }
      }
    }
  }
}
