package import TensorCore

/// A way of stepping through memory: a start, and for every axis the number and length of its
/// steps. Rearranging operations consist of two views with the same extents.
package struct View {
  package var offset = 0
  package var extents: [Int]
  /// In elements; 0 reads the same element repeatedly, a negative stride steps backwards.
  package var strides: [Int]

  package init(_ shape: Shape, _ layout: Layout) {
    extents = shape.extents
    strides = shape.extents
    var step = 1
    for axis in shape.memoryOrder(layout).reversed() {
      strides[axis] = step
      step *= extents[axis]
    }
  }

  /// - Parameter order: For each axis of the new view, the axis of this one.
  package func permuted(_ order: [Int]) -> View {
    var view = self
    view.extents = order.map { extents[$0] }
    view.strides = order.map { strides[$0] }
    return view
  }

  /// `count` indices of one axis: `start`, `start + step` and so on.
  package func sliced(_ axis: Int, from start: Int, step: Int = 1, count: Int) -> View {
    var view = self
    if count > 0 { view.offset += start * strides[axis] }
    view.extents[axis] = count
    view.strides[axis] *= step
    return view
  }

  /// One axis split into several, of which the last varies fastest.
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

  /// Axes of extent 1 repeated to `extents`, with new leading axes (NumPy's broadcasting).
  package func expanded(to extents: [Int]) -> View {
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

  /// Whether the view covers a whole tensor of `shape` in memory order.
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
