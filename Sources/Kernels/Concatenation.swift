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
  // Channels in bfloat16 are moved as `Float`s of two numbers each.
  let inPairs =
    axis == 1 && layout == .channelsLast && shape.rank > 2
    && parts.allSatisfy {
      $0.precision == .bfloat16 && $0.layout == layout && $0.shape[1].isMultiple(of: 2)
    }
  let precision = inPairs ? Precision.bfloat16 : .float32
  let joined = Tensor(shape: shape, layout: layout, precision: precision) { output in
    let output = output.assumingMemoryBound(to: Float.self)
    let whole = View(shape.moved(inPairs: inPairs), layout)
    var start = 0
    for part in parts {
      let own = part.shape.moved(inPairs: inPairs)
      let target = whole.sliced(axis, from: start, count: own[axis])
      part.withMemory(as: precision) {
        copy(
          $0.assumingMemoryBound(to: Float.self),
          View(own, part.layout).expanded(to: target.extents), to: output, target)
      }
      start += own[axis]
    }
  }
  let magnitudes = parts.compactMap(\.knownMagnitude)
  if magnitudes.count == parts.count, let greatest = magnitudes.max() {
    joined.noteMagnitude(greatest)
  }
  return joined
}

extension Shape {
  /// - Parameter inPairs: Whether two channels are moved as one.
  fileprivate func moved(inPairs: Bool) -> Shape {
    inPairs ? Shape([self[0], self[1] / 2] + spatial) : self
  }
}

/// The parts of a gradient of ``concatenate(_:along:)``, each with the shape of its part; the
/// gradients of repeated parts are summed.
public func separate(_ gradient: Tensor, along axis: Int, into shapes: [Shape]) -> [Tensor] {
  let layout = gradient.layout
  let inPairs =
    axis == 1 && gradient.precision == .bfloat16 && layout == .channelsLast
    && gradient.shape.rank > 2
    && shapes.allSatisfy { $0[0] == gradient.shape[0] && $0[1].isMultiple(of: 2) }
  let precision = inPairs ? Precision.bfloat16 : .float32
  let whole = View(gradient.shape.moved(inPairs: inPairs), layout)
  var start = 0
  return shapes.map { shape in
    let own = shape.moved(inPairs: inPairs)
    let source = whole.sliced(axis, from: start, count: own[axis])
    start += own[axis]
    let sums = source.count != own.elementCount
    return Tensor(shape: shape, layout: layout, precision: precision) { part in
      let part = part.assumingMemoryBound(to: Float.self)
      if sums { part.initialize(repeating: 0, count: own.elementCount) }
      gradient.withMemory(as: precision) {
        copy(
          $0.assumingMemoryBound(to: Float.self), source, to: part,
          View(own, layout).expanded(to: source.extents), adding: sums)
      }
    }
  }
}
