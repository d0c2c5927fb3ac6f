internal import TensorCore

/// A way of stepping through memory: where to start, and for every axis how many steps of which
/// length. Rearranging operations are two of these with the same extents.
struct View {
  var offset = 0
  var extents: [Int]
  /// In elements; 0 reads one element again and again, a negative stride walks backwards.
  var strides: [Int]

  init(_ shape: Shape, _ layout: Layout) {
    extents = shape.extents
    strides = shape.extents
    var step = 1
    for axis in shape.memoryOrder(layout).reversed() {
      strides[axis] = step
      step *= extents[axis]
    }
  }

  /// - Parameter order: Which axis of this view each axis of the new one is.
  func permuted(_ order: [Int]) -> View {
    var view = self
    view.extents = order.map { extents[$0] }
    view.strides = order.map { strides[$0] }
    return view
  }

  /// `count` indices of one axis: `start`, `start + step` and so on.
  func sliced(_ axis: Int, from start: Int, step: Int = 1, count: Int) -> View {
    var view = self
    if count > 0 { view.offset += start * strides[axis] }
    view.extents[axis] = count
    view.strides[axis] *= step
    return view
  }

  /// One axis as several, of which the last runs fastest.
  func split(_ axis: Int, into parts: [Int]) -> View {
    var view = self
    var steps: [Int] = []
    var step = strides[axis]
    for part in parts.reversed() {
      steps.insert(step, at: 0)
      step *= part
    }
    view.extents.replaceSubrange(axis...axis, with: parts)
    view.strides.replaceSubrange(axis...axis, with: steps)
    return view
  }

  /// Axes of one index repeated to `extents`, with new axes in front (NumPy's broadcasting).
  func expanded(to extents: [Int]) -> View {
    var view = self
    let new = extents.count - self.extents.count
    view.extents = extents
    view.strides = extents.indices.map { axis in
      guard axis >= new else { return 0 }
      return self.extents[axis - new] == extents[axis] ? strides[axis - new] : 0
    }
    return view
  }

  var count: Int { extents.reduce(1, *) }

  /// Whether the view steps through a whole tensor of `shape` as it lies in memory.
  func isWhole(_ shape: Shape, _ layout: Layout) -> Bool {
    let whole = View(shape, layout)
    return offset == 0 && extents == whole.extents
      && extents.indices.allSatisfy { extents[$0] == 1 || strides[$0] == whole.strides[$0] }
  }
}

extension Shape {
  /// The axes from the slowest to the fastest in memory.
  func memoryOrder(_ layout: Layout) -> [Int] {
    guard layout == .channelsLast, rank > 2 else { return Array(0..<rank) }
    return [0] + (2..<rank) + [1]
  }
}
