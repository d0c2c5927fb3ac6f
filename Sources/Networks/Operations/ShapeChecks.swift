internal import Kernels
internal import TensorCore

extension Operation {
  /// The only input, which has an axis with elements along it.
  func single(_ inputs: [Shape], along axis: Int) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard input.extents.indices.contains(axis), input[axis] > 0 else {
      throw OperationError("\(input) has nothing along axis \(axis)")
    }
    return input
  }

  /// The shape to which all inputs broadcast.
  func broadcast(_ inputs: [Shape]) throws(OperationError) -> Shape {
    guard let shape = broadcastShape(inputs) else {
      let list = inputs.map(\.description).joined(separator: " and ")
      throw OperationError("inputs \(list) do not broadcast")
    }
    return try countable(shape.extents)
  }

  /// A shape whose elements can be counted in bytes.
  func countable(_ extents: [Int]) throws(OperationError) -> Shape {
    var bytes = MemoryLayout<Float>.stride
    for extent in extents {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflows else { throw OperationError("an output of \(extents) is too large") }
      bytes = product
    }
    return Shape(extents)
  }
}
