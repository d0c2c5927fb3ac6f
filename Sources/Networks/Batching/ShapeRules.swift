internal import TensorCore

// Where the pictures go in operations that store the extents of their output: the batch extent is
// left open.

extension Reshape {
  /// In row-major order, the number of elements before and after a picture's own stays the same;
  /// which axis of the output these belong to depends on the rest of the network, so there may be
  /// several readings.
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    guard let place = batch.axes.first ?? nil else { return [] }
    let (input, output) = (batch.shapes[0].extents, batch.output.extents)
    /// The number of consecutive groups of pictures.
    let groups = input[..<place.axis].reduce(1, *) * place.outer
    var readings: [(rank: [Int], place: BatchAxis)] = []
    var before = 1
    for (axis, extent) in output.enumerated() {
      defer { before *= extent }
      guard groups % before == 0, extent % (groups / before * batch.pictures) == 0 else { continue }
      let outer = groups / before
      let reading = BatchAxis(axis, outer: outer, inner: extent / (outer * batch.pictures))
      let isAlone = outer == 1 && reading.inner == 1
      // Features vary fastest, and rarely share their axis with pictures.
      let isFastest = axis == output.count - 1 && output.count > 1 && extent > 1
      let leavesTheRest = place.inner == 1 && output[(axis + 1)...] == input[(place.axis + 1)...]
      readings.append(
        (
          [isAlone ? 0 : 1, isFastest ? 1 : 0, leavesTheRest ? 0 : 1, outer == 1 ? 0 : 1, axis],
          reading
        ))
    }
    return readings.sorted { $0.rank.lexicographicallyPrecedes($1.rank) }.map { reading in
      var extents = output
      extents[reading.place.axis] = -1
      return FollowedOperation(Reshape(extents), reading.place)
    }
  }
}

extension Flatten {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    guard let place = batch.axes.first ?? nil else { return [] }
    let extents = batch.shapes[0].extents
    let isFirst = place.axis < axis
    let (start, end) = isFirst ? (0, axis) : (axis, extents.count)
    return [
      FollowedOperation(
        self,
        BatchAxis(
          isFirst ? 0 : 1, outer: extents[start..<place.axis].reduce(1, *) * place.outer,
          inner: place.inner * extents[(place.axis + 1)..<end].reduce(1, *)))
    ]
  }
}

extension Expand {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    guard let place = batch.axes.first ?? nil else { return [] }
    let rank = batch.output.rank
    let axis = rank - batch.shapes[0].rank + place.axis
    var extents = self.extents
    if let own = extents.indices.first(where: { rank - extents.count + $0 == axis }) {
      extents[own] = 1
    }
    return [FollowedOperation(Expand(extents), place.moved(to: axis))]
  }
}

extension Tile {
  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    guard let place = batch.axes.first ?? nil else { return [] }
    return [
      FollowedOperation(
        self,
        BatchAxis(
          place.axis, outer: place.outer * repeats[place.axis], inner: place.inner))
    ]
  }
}
