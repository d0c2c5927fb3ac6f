extension Tensor {
  /// Whether these elements are uniquely referenced, so that writing into them copies nothing.
  package mutating func ownsItsElements() -> Bool { isKnownUniquelyReferenced(&storage) }

  /// The same memory under another shape with the same number of elements, in memory order.
  package func memory(as shape: Shape, _ layout: Layout = .rowMajor) -> Tensor {
    precondition(shape.elementCount == count, "\(self.shape) does not lie as \(shape)")
    return Tensor(shape: shape, layout: layout, storage: storage)
  }
}
