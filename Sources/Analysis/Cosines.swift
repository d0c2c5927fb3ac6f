internal import Kernels
internal import TensorCore

/// A vector's Euclidean norm. In double precision, the squares of great and small numbers stay
/// finite and above zero.
func norm(_ vector: [Float]) -> Double {
  vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// The cosines between all pairs of vectors of length 1, row by row, in single precision.
func cosines(between directions: [[Double]]) -> [Float] {
  guard let first = directions.first else { return [] }
  // At norm 1 products neither overflow nor vanish.
  let matrix = Tensor(
    shape: [directions.count, first.count], directions.joined().map { Float($0) })
  return products(ofRows: matrix).elements
}
