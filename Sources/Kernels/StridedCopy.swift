internal import TensorCore

/// Copies the elements of the view `source` to those of `target`, or adds them there.
///
/// Neighbouring axes that can be merged on both sides are walked as one. Rows that are contiguous
/// on both sides are copied whole; if the sides are contiguous along different axes, small blocks
/// that stay in the cache are transposed.
///
/// - Precondition: Both views have the same extents and stay inside their memory.
func copy(
  _ source: UnsafePointer<Float>, _ from: View, to target: UnsafeMutablePointer<Float>, _ to: View,
  adding: Bool = false
) {
  precondition(from.extents == to.extents, "views of \(from.extents) and \(to.extents)")
  guard from.count > 0 else { return }
  var axes = from.extents.indices.filter { from.extents[$0] > 1 }.map {
    Axis(extent: from.extents[$0], from: from.strides[$0], to: to.strides[$0])
  }
  axes.sort { (abs($0.to), abs($0.from)) > (abs($1.to), abs($1.from)) }
  let walk = StridedWalk(merging: axes, adding: adding)
  walk.run(source + from.offset, target + to.offset)
}

private struct Axis {
  var extent, from, to: Int
}

private struct StridedWalk {
  /// The edge of a block whose rows and columns fit together into the L1 cache.
  private static let block = 16
  /// Fewer elements keep a thread busy with being woken.
  private static let fewest = 1 << 15
  private static let shortRow = 512

  private var outer: [Axis]
  private let inner: Axis
  /// The axis along which the source is contiguous, if that is not the inner one.
  private let crossing: Axis?
  private let adding: Bool

  /// - Parameter axes: In the target's order in memory.
  init(merging axes: [Axis], adding: Bool) {
    var merged: [Axis] = []
    for axis in axes {
      if let last = merged.last, last.from == axis.from * axis.extent,
        last.to == axis.to * axis.extent
      {
        merged[merged.count - 1] = Axis(
          extent: last.extent * axis.extent, from: axis.from, to: axis.to)
      } else {
        merged.append(axis)
      }
    }
    inner = merged.popLast() ?? Axis(extent: 1, from: 1, to: 1)
    if inner.from != 1, inner.from != 0, let contiguous = merged.firstIndex(where: { $0.from == 1 })
    {
      crossing = merged.remove(at: contiguous)
    } else {
      crossing = nil
    }
    outer = merged
    self.adding = adding
  }

  /// Large copies are shared by all threads.
  func run(_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
    guard let parts else { return walk(0, source, target) }
    nonisolated(unsafe) let (source, target) = (source, target)
    concurrentlyBetweenKernels(parts.count) { index in
      var part = self
      part.outer[0].extent = parts[index].count
      let start = parts[index].lowerBound
      part.walk(0, source + start * outer[0].from, target + start * outer[0].to)
    }
  }

  /// Ranges of the outermost axis, each enough work for a thread; nil for a small copy, or if they
  /// write to the same places.
  private var parts: [Range<Int>]? {
    guard let axis = outer.first, axis.extent > 1 else { return nil }
    let rest = outer.dropFirst() + [crossing, inner].compactMap(\.self)
    let count = rest.reduce(axis.extent) { $0 * $1.extent }
    let parts = min(axis.extent, count / Self.fewest, 4 * ThreadCount.current)
    guard parts > 1, abs(axis.to) > rest.reduce(0, { $0 + ($1.extent - 1) * abs($1.to) }) else {
      return nil
    }
    return (0..<parts).map {
      (axis.extent * $0 / parts)..<(axis.extent * ($0 + 1) / parts)
    }
  }

  private func walk(
    _ depth: Int, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
  ) {
    guard depth < outer.count else {
      if let crossing {
        transposeBlocks(crossing, source, target)
      } else {
        moveRow(source, target)
      }
      return
    }
    let axis = outer[depth]
    if depth == outer.count - 1, crossing == nil, inner.from == 1, inner.to == 1, !adding {
      for index in 0..<axis.extent {
        copyRow(source + index * axis.from, target + index * axis.to)
      }
      return
    }
    for index in 0..<axis.extent {
      walk(depth + 1, source + index * axis.from, target + index * axis.to)
    }
  }

  /// A call for each row would take longer than short rows themselves, such as those of a
  /// concatenation.
  private func copyRow(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
  ) {
    guard inner.extent <= Self.shortRow else {
      return target.update(from: source, count: inner.extent)
    }
    let (from, to) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
    let bytes = inner.extent * MemoryLayout<Float>.stride
    var byte = 0
    while byte + 64 <= bytes {
      let block = from.loadUnaligned(fromByteOffset: byte, as: SIMD16<Float>.self)
      to.storeBytes(of: block, toByteOffset: byte, as: SIMD16<Float>.self)
      byte += 64
    }
    while byte < bytes {
      to.storeBytes(
        of: from.loadUnaligned(fromByteOffset: byte, as: Float.self), toByteOffset: byte,
        as: Float.self)
      byte += MemoryLayout<Float>.stride
    }
  }

  private func moveRow(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
  ) {
    switch (inner.from, inner.to, adding) {
    case (1, 1, false): target.update(from: source, count: inner.extent)
    case (0, 1, false): target.update(repeating: source[0], count: inner.extent)
    case (1, 1, true): for index in 0..<inner.extent { target[index] += source[index] }
    case (_, _, false):
      for index in 0..<inner.extent { target[index * inner.to] = source[index * inner.from] }
    case (_, _, true):
      for index in 0..<inner.extent { target[index * inner.to] += source[index * inner.from] }
    }
  }

  private func transposeBlocks(
    _ other: Axis, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
  ) {
    for top in stride(from: 0, to: other.extent, by: Self.block) {
      let bottom = min(top + Self.block, other.extent)
      for left in stride(from: 0, to: inner.extent, by: Self.block) {
        let right = min(left + Self.block, inner.extent)
        for row in top..<bottom {
          let (source, target) = (source + row, target + row * other.to)
          if adding {
            for column in left..<right { target[column * inner.to] += source[column * inner.from] }
          } else {
            for column in left..<right { target[column * inner.to] = source[column * inner.from] }
          }
        }
      }
    }
  }
}
