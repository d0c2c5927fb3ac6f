/// The order of a tensor's elements in memory. Shapes are written the same way in both layouts.
public enum Layout: Sendable, Hashable {
  /// The last axis varies fastest.
  case rowMajor
  /// `[N, C, …spatial]` is stored as `N, …spatial, C`: the order in which oneDNN is fastest.
  case channelsLast
}

extension Tensor {
  /// The same elements in another memory order.
  public func arranged(as layout: Layout) -> Tensor {
    guard layout != self.layout else { return self }
    guard shape.rank > 2 else { return relabelled(layout) }
    let (n, c) = (shape[0], shape[1])
    let positions = shape.spatial.reduce(1, *)
    if c == 1 || positions == 1 { return relabelled(layout) }
    let (rows, columns) = layout == .channelsLast ? (c, positions) : (positions, c)
    return withUnsafeElements { source in
      Tensor(shape: shape, layout: layout) { target in
        for image in 0..<n {
          transpose(
            UnsafeBufferPointer(rebasing: source[(image * c * positions)...]), rows: rows,
            columns: columns,
            into: UnsafeMutableBufferPointer(rebasing: target[(image * c * positions)...]))
        }
      }
    }
  }
}

/// Transposes `rows × columns` into `columns × rows`, in blocks that stay in the cache.
private func transpose(
  _ source: UnsafeBufferPointer<Float>, rows: Int, columns: Int,
  into target: UnsafeMutableBufferPointer<Float>
) {
  let block = 32
  for top in stride(from: 0, to: rows, by: block) {
    for left in stride(from: 0, to: columns, by: block) {
      for row in top..<min(top + block, rows) {
        for column in left..<min(left + block, columns) {
          target[column * rows + row] = source[row * columns + column]
        }
      }
    }
  }
}
