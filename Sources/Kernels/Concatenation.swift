public import TensorCore

/// Joins tensors along an axis. A part whose first extent is 1 is repeated for all pictures of the
/// others.
///
/// - Precondition: The parts agree along all other axes.
public func concatenate(_ parts: [Tensor], along axis: Int) -> Tensor {
  guard let largest = parts.max(by: { $0.count < $1.count }) else {
    preconditionFailure("nothing to concatenate")
  }
  var extents = largest.shape.extents
  extents[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
  if axis != 0 { extents[0] = parts.map { $0.shape[0] }.max() ?? extents[0] }
  let shape = Shape(extents)
  // The largest part is copied fastest in its own order.
  let layout = largest.layout
  if let joined = concatenatePairs(parts, along: axis, shape, layout) { return joined }
  return Tensor(
    shape: shape, layout: layout,
    filledBy: { output in
      let whole = View(shape, layout)
      var start = 0
      for part in parts {
        let count = part.shape[axis]
        let target = whole.sliced(axis, from: start, count: count)
        part.withReadPointer {
          copy(
            $0, View(part.shape, part.layout).expanded(to: target.extents), to: output, target)
        }
        start += count
      }
    })
}

/// The same of channels in bfloat16, which are moved as `Float`s of two numbers each.
///
/// - Returns: Nil if not all parts are stored that way, or one has an odd number of channels.
private func concatenatePairs(
  _ parts: [Tensor], along axis: Int, _ shape: Shape, _ layout: Layout
) -> Tensor? {
  guard axis == 1, layout == .channelsLast, shape.rank > 2,
    parts.allSatisfy({
      $0.precision == .bfloat16 && $0.layout == layout && $0.shape[1].isMultiple(of: 2)
    })
  else { return nil }
  return Tensor(shape: shape, layout: layout, precision: .bfloat16) { output in
    let output = output.assumingMemoryBound(to: Float.self)
    let whole = View(shape.inPairs, layout)
    var start = 0
    for part in parts {
      let pairs = part.shape.inPairs
      let target = whole.sliced(1, from: start, count: pairs[1])
      part.withMemory(as: .bfloat16) {
        copy(
          $0.assumingMemoryBound(to: Float.self),
          View(pairs, layout).expanded(to: target.extents), to: output, target)
      }
      start += pairs[1]
    }
  }
}

extension Shape {
  /// With two channels in the place of one.
  fileprivate var inPairs: Shape { Shape([self[0], self[1] / 2] + spatial) }
}

/// The parts of a gradient of ``concatenate(_:along:)``, each with the shape of its part; the
/// gradients of repeated parts are summed.
public func separate(_ gradient: Tensor, along axis: Int, into shapes: [Shape]) -> [Tensor] {
  let whole = View(gradient.shape, gradient.layout)
  var start = 0
  if let parts = separatePairs(gradient, along: axis, into: shapes) { return parts }
  return shapes.map { shape in
    let source = whole.sliced(axis, from: start, count: shape[axis])
    start += shape[axis]
    let sums = source.count != shape.elementCount
    return Tensor(
      shape: shape, layout: gradient.layout,
      filledBy: { part in
        if sums { part.initialize(repeating: 0, count: shape.elementCount) }
        gradient.withReadPointer {
          copy(
            $0, source, to: part, View(shape, gradient.layout).expanded(to: source.extents),
            adding: sums)
        }
      })
  }
}

private func separatePairs(
  _ gradient: Tensor, along axis: Int, into shapes: [Shape]
) -> [Tensor]? {
  guard axis == 1, gradient.precision == .bfloat16, gradient.layout == .channelsLast,
    gradient.shape.rank > 2,
    shapes.allSatisfy({ $0[0] == gradient.shape[0] && $0[1].isMultiple(of: 2) })
  else { return nil }
  let whole = View(gradient.shape.inPairs, .channelsLast)
  var start = 0
  return shapes.map { shape in
    let pairs = shape.inPairs
    let source = whole.sliced(1, from: start, count: pairs[1])
    start += pairs[1]
    return Tensor(shape: shape, layout: .channelsLast, precision: .bfloat16) { part in
      gradient.withMemory(as: .bfloat16) {
        copy(
          $0.assumingMemoryBound(to: Float.self), source,
          to: part.assumingMemoryBound(to: Float.self), View(pairs, .channelsLast))
      }
    }
  }
}
