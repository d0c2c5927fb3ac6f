internal import TensorCore

extension Tensor {
  /// One array of values for each channel of a filter `[C, R, S]`, row by row.
  var channels: [[Double]] {
    precondition(shape.rank == 3, "\(shape) is no filter")
    let (area, values) = (shape[1] * shape[2], elements)
    return (0..<shape[0]).map { values[($0 * area)..<(($0 + 1) * area)].map(Double.init) }
  }
}

/// The same values times one positive factor, with a sum of squares of 1.
///
/// - Returns: Nil if all are zero or one is not finite.
func unitNorm(_ channels: [[Double]]) -> [[Double]]? {
  let greatest = channels.joined().reduce(0.0) { $1.isNaN ? .nan : max($0, abs($1)) }
  guard greatest.isFinite, greatest > 0, channels.joined().allSatisfy(\.isFinite) else {
    return nil
  }
  // In two steps, so that the squares of tiny numbers are not lost.
  let scaled = channels.map { $0.map { $0 / greatest } }
  let norm = scaled.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
  return scaled.map { $0.map { $0 / norm } }
}

func dot(_ first: [Double], _ second: [Double]) -> Double {
  precondition(first.count == second.count, "\(first.count) and \(second.count) numbers")
  return first.withUnsafeBufferPointer { first in
    second.withUnsafeBufferPointer { second in
      var sum = 0.0
      for index in first.indices { sum += first[index] * second[index] }
      return sum
    }
  }
}
