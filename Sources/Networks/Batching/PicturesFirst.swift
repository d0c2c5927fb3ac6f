internal import Kernels
internal import TensorCore

// Tensors in the form in which a network returns them: the pictures alone along the first axis, and
// at least one number for each.

extension BatchAxis {
  private var isFirst: Bool { axis == 0 && outer == 1 && inner == 1 }

  /// What remains of an axis without the pictures.
  private var rest: [Int] { outer * inner > 1 ? [outer * inner] : [] }

  /// - Parameter shape: For one picture.
  func picturesFirst(_ shape: Shape, pictures: Int) -> Shape {
    let others = shape.extents[..<axis] + rest + shape.extents[(axis + 1)...]
    return Shape([pictures] + (others.isEmpty ? [1] : others))
  }

  /// A node's output with its pictures in front.
  func picturesFirst(_ tensor: Tensor) -> Tensor {
    let one = oneShape(of: tensor.shape)
    let pictures = tensor.shape[axis] / max(outer * inner, 1)
    guard !isFirst || tensor.shape.rank < 2 else { return tensor }
    let split = split(tensor.shape, pictures)
    let order = [axis + 1] + split.indices.filter { $0 != axis + 1 }
    let moved =
      axis == 0 && outer == 1
      ? tensor
      : Rearrangement.transposition(of: Shape(split), order: order)
        .apply(to: tensor.reshaped(to: Shape(split)))
    return moved.reshaped(to: picturesFirst(one, pictures: pictures))
  }

  /// Converts a signal of the shape of ``picturesFirst(_:)`` to the node's own shape.
  ///
  /// - Parameter one: The node's shape for one picture.
  func inPlace(_ signal: Tensor, of one: Shape) -> Tensor {
    let pictures = signal.shape[0]
    let own = shape(one, pictures: pictures)
    guard !isFirst || own.rank < 2 else { return signal }
    let split = split(own, pictures)
    let order = [axis + 1] + split.indices.filter { $0 != axis + 1 }
    let inverse = order.indices.sorted { order[$0] < order[$1] }
    let first = Shape(order.map { split[$0] })
    return Rearrangement.transposition(of: first, order: inverse)
      .apply(to: signal.reshaped(to: first)).reshaped(to: own)
  }

  private func oneShape(of shape: Shape) -> Shape { self.shape(shape, pictures: 1) }

  /// The extents with the batch axis split into three: outer, pictures, inner.
  private func split(_ shape: Shape, _ pictures: Int) -> [Int] {
    Array(shape.extents[..<axis] + [outer, pictures, inner] + shape.extents[(axis + 1)...])
  }
}

extension Shape {
  /// A shape computed for one picture, with a leading axis for it.
  var onePicture: Shape {
    rank > 1 && self[0] == 1 ? self : Shape([1] + (extents.isEmpty ? [1] : extents))
  }
}

extension Network {
  /// A node's own output with the pictures in front.
  func picturesFirst(_ tensor: Tensor, of node: String) -> Tensor {
    if let axis = batchAxes[node] { return axis.picturesFirst(tensor) }
    guard graph.batch == 1, dependsOnPictures(node) else { return tensor }
    return tensor.shape == tensor.shape.onePicture
      ? tensor : tensor.reshaped(to: tensor.shape.onePicture)
  }

  /// Converts a signal of the shape of ``picturesFirst(_:of:)`` to the node's own shape.
  func inPlace(_ signal: Tensor, of node: String) -> Tensor {
    guard let one = ownShapes[node] else { return signal }
    if let axis = batchAxes[node] { return axis.inPlace(signal, of: one) }
    return signal.shape == one ? signal : signal.reshaped(to: one)
  }
}
