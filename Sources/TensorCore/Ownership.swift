extension Tensor {
  /// Whether nobody else holds these elements, so that writing into them copies nothing.
  package mutating func ownsItsElements() -> Bool { isKnownUniquelyReferenced(&storage) }

  /// How many elements lie between neighbours along each axis.
  package var strides: [Int] {
    var strides = [Int](repeating: 1, count: shape.rank)
    var step = 1
    for axis in layout.axes(rank: shape.rank).reversed() {
      strides[axis] = step
      step *= shape[axis]
    }
    return strides
  }
}

extension Layout {
  /// The axes in the order in which they lie in memory, the fastest last.
  package func axes(rank: Int) -> [Int] {
    self == .channelsLast && rank > 2 ? [0] + Array(2..<rank) + [1] : Array(0..<rank)
  }
}

extension Tensor {
  /// The same memory under another shape of as many elements, whose order is the memory's.
  package func memory(as shape: Shape, _ layout: Layout = .rowMajor) -> Tensor {
    precondition(shape.elementCount == count, "\(self.shape) does not lie as \(shape)")
    return Tensor(shape: shape, layout: layout, storage: storage)
  }
}
