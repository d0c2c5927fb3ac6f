internal import OneDNN
public import TensorCore

/// The products of `[…, rows, inner]` and `[…, inner, columns]` matrices, with the other axes
/// broadcast as in NumPy.
///
/// - Parameters:
///   - transposingFirst: Whether the first operand's matrices are `[inner, rows]`.
///   - transposingSecond: Whether the second's are `[columns, inner]`.
/// - Precondition: Both ranks are at least two, and the shapes fit.
public func matrixProduct(
  _ a: Tensor, _ b: Tensor, transposingFirst: Bool = false, transposingSecond: Bool = false
) -> Tensor {
  let first = Matrices(a, transposed: transposingFirst)
  let second = Matrices(b, transposed: transposingSecond)
  guard let batch = broadcastShape([first.batch, second.batch]), first.columns == second.rows
  else { preconditionFailure("matrices \(a.shape) and \(b.shape) do not multiply") }
  let shape = Shape(batch.extents + [first.rows, second.columns])
  guard shape.elementCount > 0, first.columns > 0 else { return Tensor(shape: shape, repeating: 0) }

  let (left, right) = (first.repeated(for: batch), second.repeated(for: batch))
  var description = MatrixProductDescription(
    firstBatches: left.batch.elementCount, secondBatches: right.batch.elementCount,
    rows: first.rows, inner: first.columns, columns: second.columns,
    firstTransposed: transposingFirst, secondTransposed: transposingSecond)
  if description.secondBatches == 1, !transposingFirst {
    // The second operand is a single matrix: the first ones form one tall matrix.
    description.rows *= description.firstBatches
    description.firstBatches = 1
  }
  let primitive = primitive(.matrixProduct(description))
  return left.tensor.arranged(as: .rowMajor).withReadPointer { left in
    right.tensor.arranged(as: .rowMajor).withReadPointer { right in
      Tensor(shape: shape, layout: .rowMajor) { output in
        primitive.run([(.source, left), (.weights, right), (.destination, output)])
      }
    }
  }
}

/// A tensor as matrices over its last two axes.
private struct Matrices {
  let tensor: Tensor
  let batch: Shape
  let rows, columns: Int

  init(_ tensor: Tensor, transposed: Bool) {
    let rank = tensor.shape.rank
    self.tensor = tensor
    batch = Shape(Array(tensor.shape.extents.dropLast(2)))
    let (rows, columns) = (tensor.shape[rank - 2], tensor.shape[rank - 1])
    (self.rows, self.columns) = transposed ? (columns, rows) : (rows, columns)
  }

  private init(_ tensor: Tensor, batch: Shape, rows: Int, columns: Int) {
    (self.tensor, self.batch, self.rows, self.columns) = (tensor, batch, rows, columns)
  }

  /// oneDNN broadcasts a single matrix itself; other patterns are materialized.
  func repeated(for batch: Shape) -> Matrices {
    let count = self.batch.elementCount
    if count == 1 || count == batch.elementCount { return self }
    let matrix = tensor.shape.extents.suffix(2)
    return Matrices(
      expand(tensor, to: Shape(batch.extents + matrix)), batch: batch, rows: rows,
      columns: columns)
  }
}
