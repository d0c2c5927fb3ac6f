internal import TensorCore

/// How strongly units respond in a picture, in one number that single odd values do not decide: the
/// 99th percentile (nearest rank) of the map's finite values inside its border.
///
/// Zero padding gives maps bright or dark edges that say nothing about the picture. The border is a
/// sixteenth of the shorter side, at least one position; maps narrower than five have none. Along
/// the axis of a series, and the frames of a volume, it is a sixteenth of that axis. With fewer than
/// a hundred positions inside the border, the percentile is the greatest value.
///
/// - Parameter maps: `[C, H, W]`, `[C, L]` or `[C, D, H, W]`.
/// - Returns: One number for each unit; −∞ for one without a finite value.
func mapStrengths(_ maps: Tensor) -> [Float] {
  let extents = Array(maps.shape.extents.dropFirst())
  // A series has columns only, a picture rows of columns, a volume frames of rows of columns.
  let width = extents.last ?? 1
  let height = extents.count > 1 ? extents[extents.count - 2] : 1
  let depth = extents.dropLast(2).reduce(1, *)
  func inner(_ extent: Int, _ side: Int) -> Range<Int> {
    let border = side < 5 ? 0 : max(1, side / 16)
    return border..<(extent - border)
  }
  let side = extents.count > 1 ? min(height, width) : width
  let (columns, rows) = (inner(width, side), extents.count > 1 ? inner(height, side) : 0..<1)
  let frames = inner(depth, depth)
  return (0..<maps.shape[0]).map { unit in
    let map = maps.rows(unit..<(unit + 1)).elements
    let inside = frames.flatMap { frame in
      rows.flatMap { row in
        let start = (frame * height + row) * width
        return map[(start + columns.lowerBound)..<(start + columns.upperBound)]
          .filter(\.isFinite)
      }
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
