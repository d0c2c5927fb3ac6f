internal import TensorCore

/// How strongly units respond in a picture, in one number that single odd values do not decide: the
/// 99th percentile (nearest rank) of the map's finite values inside its border.
///
/// Zero padding gives maps bright or dark edges that say nothing about the picture. The border is a
/// sixteenth of the shorter side, at least one position; maps narrower than five have none. With
/// fewer than a hundred positions inside the border, the percentile is the greatest value.
///
/// - Parameter maps: `[C, H, W]`.
/// - Returns: One number for each unit; −∞ for one without a finite value.
func mapStrengths(_ maps: Tensor) -> [Float] {
  let (height, width) = (maps.shape[1], maps.shape[2])
  let side = min(height, width)
  let border = side < 5 ? 0 : max(1, side / 16)
  return (0..<maps.shape[0]).map { unit in
    let map = maps.rows(unit..<(unit + 1)).elements
    let inside = (border..<(height - border)).flatMap { row in
      map[(row * width + border)..<((row + 1) * width - border)].filter(\.isFinite)
    }
    // If nothing inside is finite, the border is all there is.
    return percentile99(inside) ?? percentile99(map.filter(\.isFinite)) ?? -.infinity
  }
}

private func percentile99(_ values: [Float]) -> Float? {
  guard !values.isEmpty else { return nil }
  // ⌈0.99 · n⌉ in integers, which do not round.
  return values.sorted()[(99 * values.count + 99) / 100 - 1]
}
