internal import TensorCore

/// The greatest finite value of each unit of `[units, …]`; −∞ if it has none.
func finiteMaxima(_ values: Tensor) -> [Float] {
  (0..<values.shape[0]).map { unit in
    values.rows(unit..<(unit + 1)).reduce(-.infinity) { $1.isFinite ? max($0, $1) : $0 }
  }
}

/// Units by their greatest value, greatest first; ties are broken by the greater rank, then by the
/// smaller index.
///
/// - Parameter ranks: The greatest values before saturation; nil if no unit saturates.
func unitsByStrength(_ maxima: [Float], _ ranks: [Float]?) -> [Int] {
  maxima.indices.sorted {
    (-maxima[$0], -(ranks?[$0] ?? 0), $0) < (-maxima[$1], -(ranks?[$1] ?? 0), $1)
  }
}
