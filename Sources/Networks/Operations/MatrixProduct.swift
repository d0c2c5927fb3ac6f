internal import Kernels
public import TensorCore

/// The product over two inputs' last two axes, with the others broadcast, as NumPy's `matmul`.
public struct MatrixProduct: Operation {
  public init() {}

  public var kind: String { "matrix product" }
  public var pullbackReads: PullbackReads { .inputs }

  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    guard inputs.count == 2, inputs.allSatisfy({ $0.rank > 1 }) else { return .everything }
    // The first keeps its rows, the second its columns; the axes before them are broadcast.
    return .axes(
      zip(inputs, [1, 2]).map { input, summed in
        (0..<input.rank).map { axis in
          let place = axis + output.rank - input.rank
          return axis == input.rank - summed || input[axis] != output[place]
            ? .everything : .along(place)
        }
      })
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard inputs.count == 2 else {
      throw OperationError("takes two inputs, not \(inputs.count)")
    }
    guard inputs[0].rank > 0, inputs[1].rank > 0 else {
      throw OperationError("inputs \(inputs[0]) and \(inputs[1]) are not matrices")
    }
    let (a, b) = (firstMatrices(inputs[0]).extents, secondMatrices(inputs[1]).extents)
    guard a[a.count - 1] == b[b.count - 2] else {
      throw OperationError("matrices \(inputs[0]) and \(inputs[1]) do not multiply")
    }
    let batch = try broadcast([Shape(Array(a.dropLast(2))), Shape(Array(b.dropLast(2)))])
    return try .checked(
      batch.extents + (inputs[0].rank > 1 ? [a[a.count - 2]] : [])
        + (inputs[1].rank > 1 ? [b[b.count - 1]] : []))
  }

  /// A vector on the left is a row, on the right it is a column.
  private func firstMatrices(_ shape: Shape) -> Shape {
    shape.rank > 1 ? shape : Shape([1] + shape.extents)
  }

  private func secondMatrices(_ shape: Shape) -> Shape {
    shape.rank > 1 ? shape : Shape(shape.extents + [1])
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shapes = inputs.map(\.shape)
    var product = matrixProduct(
      inputs[0].reshaped(to: firstMatrices(shapes[0])),
      inputs[1].reshaped(to: secondMatrices(shapes[1])))
    let rank = product.shape.rank
    let vectors = (shapes[0].rank > 1 ? [] : [rank - 2]) + (shapes[1].rank > 1 ? [] : [rank - 1])
    if !vectors.isEmpty { product = product.reshaped(to: product.shape.without(vectors)) }
    return Evaluation(inputShapes: shapes, output: product)
  }

  /// `∂A = G Bᵀ` and `∂B = Aᵀ G`.
  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let shapes = evaluation.inputShapes
    let (first, second) = (firstMatrices(shapes[0]), secondMatrices(shapes[1]))
    let a = evaluation.keptInputs[0].reshaped(to: first)
    let b = evaluation.keptInputs[1].reshaped(to: second)
    let (rows, columns) = (first[first.rank - 2], second[second.rank - 1])
    let batch = broadcastShape([
      Shape(Array(first.extents.dropLast(2))), Shape(Array(second.extents.dropLast(2))),
    ])
    let product = gradient.reshaped(to: Shape((batch?.extents ?? []) + [rows, columns]))
    let atFirst = matrixProduct(product, b, transposingSecond: true)
    let atSecond: Tensor
    if second.rank == 2 {
      // A single matrix for all: its gradient is one product, not a sum of many.
      let inner = first[first.rank - 1]
      let count = a.count / max(inner, 1)
      atSecond = matrixProduct(
        a.reshaped(to: [count, inner]), product.reshaped(to: [count, columns]),
        transposingFirst: true)
    } else {
      atSecond = matrixProduct(a, product, transposingFirst: true)
    }
    return [
      sum(atFirst, to: first).reshaped(to: shapes[0]),
      sum(atSecond, to: second).reshaped(to: shapes[1]),
    ]
  }

  public func multiplyAdds(inputs: [Shape], parameters: [Shape], output: Shape) -> Int {
    output.elementCount * (inputs.first?.extents.last ?? 0)
  }
}
