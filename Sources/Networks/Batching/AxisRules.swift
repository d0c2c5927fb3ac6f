internal import Kernels
internal import TensorCore

// Where the batch axis goes in operations that refer to axes. An operation without a rule of its
// own treats each row of its first axis separately.

extension Operation {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] { batch.rows(self) }
}

extension Activation {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] { batch.elements(self) }
}

extension Dropout {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] { batch.elements(self) }
}

extension Quantize {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] { batch.elements(self) }
}

extension Dequantize {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] { batch.elements(self) }
}

extension Arithmetic {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] { batch.broadcast(self) }
}

extension Comparison {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] { batch.broadcast(self) }
}

extension Select {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] { batch.broadcast(self) }
}

extension LayerNormalization {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    batch.others(than: Array(axis..<max(axis, batch.output.rank)), self)
  }
}

extension Linear {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    batch.others(than: [batch.output.rank - 1], self)
  }
}

extension Reduce {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    batch.others(than: axes, removing: keepsAxes ? [] : axes, self)
  }
}

extension ArgMax {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    batch.others(than: [axis], removing: keepsAxis ? [] : [axis], self)
  }
}

extension Transpose {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    guard let axis = batch.axes.first ?? nil, let place = order.firstIndex(of: axis.axis) else {
      return []
    }
    return [FollowedOperation(self, axis.moved(to: place))]
  }
}

extension Concatenate {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    let batched = Set(batch.axes.compactMap(\.self))
    guard batched.count == 1, let place = batched.first, place.axis != axis else { return [] }
    return [FollowedOperation(self, place)]
  }
}

extension Gather {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    guard let place = batch.axes.first ?? nil else { return [] }
    guard place.axis != axis else {
      let takesAll = indexShape.count == 1 && indices.elementsEqual(0..<batch.shapes[0][axis])
      let nothing = Slice(axes: [], starts: [], ends: [], steps: [])
      return takesAll ? [FollowedOperation(nothing, place)] : []
    }
    let added = place.axis > axis ? indexShape.count - 1 : 0
    return [FollowedOperation(self, place.moved(to: place.axis + added))]
  }
}

extension Slice {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    guard let place = batch.axes.first ?? nil else { return [] }
    guard let index = axes.firstIndex(of: place.axis) else {
      return [FollowedOperation(self, place)]
    }
    let takesAll =
      starts[index] == 0 && steps[index] == 1 && ends[index] >= batch.shapes[0][place.axis]
    guard takesAll else { return [] }
    let slice = Slice(
      axes: axes.removing(at: index), starts: starts.removing(at: index),
      ends: ends.removing(at: index), steps: steps.removing(at: index))
    return [FollowedOperation(slice, place)]
  }
}

extension Pad {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    batch.others(than: before.indices.filter { before[$0] != 0 || after[$0] != 0 }, self)
  }
}

extension Resample {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    guard let place = batch.axes.first ?? nil else { return [] }
    guard let index = axes.firstIndex(of: place.axis) else {
      return [FollowedOperation(self, place)]
    }
    // TensorFlow's nearest-neighbour rule moves elements even if nothing is resized.
    guard batch.output[place.axis] == batch.shapes[0][place.axis], (scales?[index] ?? 1) == 1,
      rule.coordinates != .tfHalfPixelForNearest
    else { return [] }
    let resample = Resample(
      rule, axes: axes.removing(at: index), extents: extents?.removing(at: index),
      scales: scales?.removing(at: index))
    return [FollowedOperation(resample, place)]
  }
}

extension MatrixProduct {
  /// Pictures may be matrices of either operand, rows of the first or columns of the second.
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    guard batch.axes.count == 2 else { return [] }
    let (first, second) = (batch.shapes[0], batch.shapes[1])
    // The row axis of a first operand, the column axis of a second, as axes of the output.
    let isMatrix = (first.rank > 1, second.rank > 1)
    switch (batch.axes[0], batch.axes[1]) {
    case (let rows?, nil) where isMatrix.0 && rows.axis == first.rank - 2:
      return [
        FollowedOperation(self, rows.moved(to: batch.output.rank - (isMatrix.1 ? 2 : 1)))
      ]
    case (nil, let columns?) where isMatrix.1 && columns.axis == second.rank - 1:
      return [FollowedOperation(self, columns.moved(to: batch.output.rank - 1))]
    default:
      // The axes before the matrices broadcast; those of the matrices are counted from the last.
      let rank = batch.output.rank + (isMatrix.0 ? 0 : 1) + (isMatrix.1 ? 0 : 1)
      let aligned = zip(batch.axes, batch.shapes).compactMap { axis, shape -> BatchAxis? in
        axis.map { $0.moved(to: $0.axis < shape.rank - 2 ? rank - shape.rank + $0.axis : -1) }
      }
      guard Set(aligned).count == 1, let place = aligned.first, place.axis >= 0 else { return [] }
      return [FollowedOperation(self, place)]
    }
  }
}

extension Array {
  fileprivate func removing(at index: Int) -> [Element] {
    var rest = self
    rest.remove(at: index)
    return rest
  }
}
