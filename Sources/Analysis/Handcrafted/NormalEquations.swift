/// The normal equations of a linear least-squares problem.
struct NormalEquations {
  let count: Int
  var matrix: [Double]
  var right: [Double]
  /// Others do not move.
  var isFree: [Bool]

  init(count: Int) {
    self.count = count
    matrix = [Double](repeating: 0, count: count * count)
    right = [Double](repeating: 0, count: count)
    isFree = [Bool](repeating: true, count: count)
  }

  /// The solution with the diagonal increased by a factor (Marquardt), by Cholesky's method.
  ///
  /// - Returns: Nil if the matrix is not positive definite.
  func step(damping: Double) -> [Double]? {
    let free = (0..<count).filter { isFree[$0] }
    guard !free.isEmpty else { return nil }
    let greatest = free.reduce(0) { max($0, matrix[$1 * count + $1]) }
    var lower = [[Double]](repeating: [Double](repeating: 0, count: free.count), count: free.count)
    for row in free.indices {
      for column in 0...row {
        var sum = matrix[free[row] * count + free[column]]
        // Also where a parameter changes nothing.
        if row == column { sum += damping * sum + 1e-12 * greatest }
        for index in 0..<column { sum -= lower[row][index] * lower[column][index] }
        if row == column {
          guard sum > 0, sum.isFinite else { return nil }
          lower[row][row] = sum.squareRoot()
        } else {
          lower[row][column] = sum / lower[column][column]
        }
      }
    }
    var solution = free.map { right[$0] }
    for row in free.indices {
      for column in 0..<row { solution[row] -= lower[row][column] * solution[column] }
      solution[row] /= lower[row][row]
    }
    for row in free.indices.reversed() {
      for column in (row + 1)..<max(row + 1, free.count) {
        solution[row] -= lower[column][row] * solution[column]
      }
      solution[row] /= lower[row][row]
    }
    var step = [Double](repeating: 0, count: count)
    for (index, parameter) in free.enumerated() { step[parameter] = solution[index] }
    return step.allSatisfy(\.isFinite) ? step : nil
  }
}
