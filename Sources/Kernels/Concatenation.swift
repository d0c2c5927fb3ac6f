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

/// The parts of a gradient of ``concatenate(_:along:)``, each with the shape of its part; the
/// gradients of repeated parts are summed.
public func separate(_ gradient: Tensor, along axis: Int, into shapes: [Shape]) -> [Tensor] {
  let whole = View(gradient.shape, gradient.layout)
  var start = 0
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
