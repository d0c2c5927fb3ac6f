import Kernels
import TensorCore
import TestSupport
import Testing

/// The covariance's eigenvectors, by Jacobi rotations in `Double`.
private struct SlowComponents {
  /// In descending order.
  var variances: [Double] = []
  /// Row by row, each with its greatest entry positive.
  var vectors: [[Double]] = []
  var coordinates: [[Double]] = []

  init(_ rows: Tensor) {
    let (n, d) = (rows.shape[0], rows.shape[1])
    let x = rows.elements.map(Double.init)
    let mean = (0..<d).map { column in (0..<n).reduce(0) { $0 + x[$1 * d + column] } / Double(n) }
    let centred = (0..<n).map { row in (0..<d).map { x[row * d + $0] - mean[$0] } }
    var a = (0..<d).map { i in
      (0..<d).map { j in centred.reduce(0) { $0 + $1[i] * $1[j] } / Double(n - 1) }
    }
    var v = (0..<d).map { i in (0..<d).map { i == $0 ? 1.0 : 0 } }
    for _ in 0..<60 {
      for p in 0..<d {
        for q in (p + 1)..<max(d, p + 1) where abs(a[p][q]) > 1e-300 {
          let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
          let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          let s = t * c
          for k in 0..<d {
            (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q])
          }
          for k in 0..<d {
            (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k])
            (v[p][k], v[q][k]) = (c * v[p][k] - s * v[q][k], s * v[p][k] + c * v[q][k])
          }
        }
      }
    }
    for index in (0..<d).sorted(by: { a[$0][$0] > a[$1][$1] }) {
      let greatest = v[index].max { abs($0) < abs($1) } ?? 1
      let vector = v[index].map { greatest < 0 ? -$0 : $0 }
      variances.append(a[index][index])
      vectors.append(vector)
      coordinates.append(centred.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } })
    }
  }
}

/// Rows whose variance decreases from one direction to the next.
private func stretched(_ n: Int, _ d: Int, seed: Int, rank: Int? = nil) -> Tensor {
  let rank = rank ?? d
  let (left, right) = (
    Tensor.random([n, rank], seed: seed), Tensor.random([rank, d], seed: seed + 1)
  )
  let (a, b) = (left.elements, right.elements)
  return Tensor(shape: [n, d]) { target in
    for row in 0..<n {
      for column in 0..<d {
        target[row * d + column] = (0..<rank).reduce(Float(3)) {
          let size: Float = 4 / Float(1 + $1 * $1)
          return $0 + size * a[row * rank + $1] * b[$1 * d + column]
        }
      }
    }
  }
}

@Suite struct `Principal components` {
  @Test(arguments: [(40, 6), (6, 20), (12, 12), (3, 8), (30, 1), (9, 8), (8, 9)])
  func `agree with Jacobi's rotations`(n: Int, d: Int) throws {
    let rows = stretched(n, d, seed: n * d)
    let slow = SlowComponents(rows)
    let count = min(3, n - 1, d)
    let found = try principalComponents(rows, count: 3)
    #expect(found.components.shape == [count, d])
    #expect(found.coordinates.shape == [n, count])
    let spread = slow.variances[0]
    for k in 0..<count {
      #expect(abs(found.variances[k] - slow.variances[k]) < 1e-4 * spread)
      expectClose(
        found.components.rows(k..<(k + 1)).elements, slow.vectors[k], absolute: 2e-3,
        "component \(k)")
      expectClose(
        (0..<n).map { found.coordinates.elements[$0 * count + k] }, slow.coordinates[k],
        absolute: 2e-3 * spread.squareRoot(), "coordinates \(k)")
    }
    #expect(
      abs(found.totalVariance / slow.variances.reduce(0, +) - 1) < 1e-4)
    let mean = (0..<d).map { column in
      (0..<n).reduce(0.0) { $0 + Double(rows.elements[$1 * d + column]) } / Double(n)
    }
    expectClose(found.mean, mean, absolute: 1e-5)
  }

  @Test(arguments: [(30, 7), (7, 30)])
  func `explain all variance together`(n: Int, d: Int) throws {
    let found = try principalComponents(stretched(n, d, seed: 5), count: 100)
    #expect(found.variances.count == min(n - 1, d))
    #expect(abs(found.variances.reduce(0, +) / found.totalVariance - 1) < 1e-4)
    #expect(found.variances == found.variances.sorted(by: >))
    #expect(found.variances.allSatisfy { $0 >= 0 })
  }

  /// If there are fewer directions than components, the remaining ones must carry no information:
  /// orthonormal, with zero coordinates for every row.
  @Test(arguments: [(40, 12, 2), (12, 40, 2), (10, 300, 1), (300, 10, 3), (60, 5000, 3)])
  func `beyond the rank of the rows are empty`(n: Int, d: Int, rank: Int) throws {
    let rows = stretched(n, d, seed: n, rank: rank)
    let found = try principalComponents(rows, count: 6)
    let first = found.variances[0]
    #expect(found.variances.dropFirst(rank).allSatisfy { $0 < 1e-5 * first })
    let products = products(ofRows: found.components).elements
    for i in 0..<6 {
      for j in 0..<6 { #expect(abs(products[6 * i + j] - (i == j ? 1 : 0)) < 1e-3) }
    }
    let coordinates = found.coordinates.elements
    for index in coordinates.indices where index % 6 >= rank {
      #expect(abs(coordinates[index]) < 3e-3 * Float(first.squareRoot()))
    }
  }

  @Test(arguments: [(30, 7), (7, 30)])
  func `have the variances of all directions`(shape: (Int, Int)) throws {
    let rows = Tensor.random([shape.0, shape.1], seed: 8)
    let found = try componentVariances(of: rows)
    let known = try principalComponents(rows, count: 6)
    #expect(found.count == 7 && found == found.sorted(by: >))
    for (variance, expected) in zip(found, known.variances) {
      #expect(abs(variance - expected) < 1e-4 * known.totalVariance)
    }
    #expect(abs(found.reduce(0, +) - known.totalVariance) < 1e-4 * known.totalVariance)
    for exponent in [-80, 70] {
      let factor = Float(sign: .plus, exponent: exponent, significand: 1)
      let scaled = try componentVariances(of: rows.map { $0 * factor })
      for (variance, expected) in zip(scaled, found) {
        let own = variance / Double(factor) / Double(factor)
        #expect(abs(own - expected) < 1e-4 * known.totalVariance)
      }
    }
  }

  @Test func `ignore features that never change`() throws {
    let rows = stretched(20, 3, seed: 2)
    let wider = Tensor(
      shape: [20, 6],
      (0..<20).flatMap { rows.rows($0..<($0 + 1)).elements + [7, -1e3, 0] })
    let (one, other) = try (
      principalComponents(rows, count: 2), principalComponents(wider, count: 2)
    )
    expectClose(other.coordinates, one.coordinates, relativeNorm: 1e-4)
  }

  @Test func `of too few rows, or of equal ones, do not trap`() throws {
    for n in 0...2 {
      let found = try principalComponents(.random([n, 4], seed: 1), count: 3)
      #expect(found.coordinates.shape == [n, max(0, n - 1)])
      #expect(found.components.shape == [max(0, n - 1), 4])
    }
    for shape: Shape in [[5, 3], [3, 5]] {
      let found = try principalComponents(Tensor(shape: shape, repeating: 2), count: 2)
      #expect(found.coordinates.elements.allSatisfy { $0 == 0 })
      #expect(found.totalVariance == 0)
    }
  }

  @Test func `of numbers that are none are refused`() {
    var rows = Tensor.random([5, 3], seed: 1)
    rows.withUnsafeMutableElements { $0[4] = .nan }
    #expect(throws: EigenvectorError.self) { try principalComponents(rows, count: 2) }
  }
}
