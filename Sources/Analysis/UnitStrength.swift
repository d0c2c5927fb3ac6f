internal import TensorCore

/// The greatest finite value of each unit of `[units, …]`; −∞ if it has none.
func finiteMaxima(_ values: Tensor) -> [Float] {
  (0..<values.shape[0]).map { unit in
    values.rows(unit..<(unit + 1)).reduce(-.infinity) { $1.isFinite ? max($0, $1) : $0 }
  }
}

/// Units by their strength, greatest first; ties are broken by the greater rank, then by the
/// smaller index.
///
/// - Parameter ranks: The strengths before saturation; nil if no unit saturates.
func unitsByStrength(_ strengths: [Float], _ ranks: [Float]?) -> [Int] {
  strengths.indices.sorted {
    (-strengths[$0], -(ranks?[$0] ?? 0), $0) < (-strengths[$1], -(ranks?[$1] ?? 0), $1)
  }
}
