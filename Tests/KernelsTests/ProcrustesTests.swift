import Foundation
import Kernels
import TensorCore
import TestSupport
import Testing

/// A matrix that turns by several random angles, and reflects if it is asked to.
private func rotation(_ d: Int, seed: Int, reflects: Bool = false) -> [Double] {
  var matrix = (0..<d * d).map { $0 / d == $0 % d ? 1.0 : 0 }
  if reflects { matrix[0] = -1 }
  let angles = Tensor.random([d * d], seed: seed).elements
  for p in 0..<d {
    for q in (p + 1)..<max(d, p + 1) {
      let (c, s) = (cos(Double(angles[p * d + q])), sin(Double(angles[p * d + q])))
      for row in 0..<d {
        let (x, y) = (matrix[row * d + p], matrix[row * d + q])
        (matrix[row * d + p], matrix[row * d + q]) = (c * x - s * y, s * x + c * y)
      }
    }
  }
  return matrix
}

private func product(_ x: [Double], _ matrix: [Double], _ d: Int) -> [Double] {
  x.indices.map { index in
    (0..<d).reduce(0) { $0 + x[index / d * d + $1] * matrix[$1 * d + index % d] }
  }
}

private func points(_ n: Int, _ d: Int, seed: Int) -> [Double] {
  Tensor.random([n, d], seed: seed).elements.map(Double.init)
}

@Suite struct `Procrustes alignment` {
  @Test(arguments: [(20, 2), (9, 3), (40, 10), (3, 5)], [false, true])
  func `recovers a known rotation, reflection, scale and shift`(
    size: (n: Int, d: Int), reflects: Bool
  ) throws {
    let (n, d) = size
    let fixed = points(n, d, seed: n)
    let turn = rotation(d, seed: d, reflects: reflects)
    // Y = 3 X Rᵀ + 7, so that R lays it over X.
    let turned = (0..<d * d).map { turn[$0 % d * d + $0 / d] }
    let moved = product(fixed, turned, d).map { 3 * $0 + 7 }
    let found = try #require(try procrustesAlignment(of: moved, to: fixed, dimensions: d))
    #expect(found.residual < 1e-12)
    #expect(zip(found.aligned, fixed).allSatisfy { abs($0 - $1) < 1e-9 })
    // Fewer points than dimensions leave directions in which anything fits.
    if n > d { #expect(zip(found.rotation, turn).allSatisfy { abs($0 - $1) < 1e-9 }) }
  }

  @Test(arguments: 0..<6) func `is the best of all angles in the plane`(seed: Int) throws {
    let (x, y) = (points(12, 2, seed: seed), points(12, 2, seed: seed + 100))
    func normalized(_ points: [Double]) -> [Double] {
      let mean = (0..<2).map { axis in
        stride(from: axis, to: points.count, by: 2).reduce(0) { $0 + points[$1] } / 12
      }
      let centred = points.indices.map { points[$0] - mean[$0 % 2] }
      let norm = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return centred.map { $0 / norm }
    }
    let (a, b) = (normalized(x), normalized(y))
    var least = Double.infinity
    for step in 0..<7200 {
      let angle = Double(step) * .pi / 3600
      for sign in [1.0, -1] {
        let matrix = [cos(angle), sin(angle), -sign * sin(angle), sign * cos(angle)]
        let turned = product(b, matrix, 2)
        // The best factor for this angle is the projection on the turned points.
        let factor = zip(a, turned).reduce(0) { $0 + $1.0 * $1.1 }
        least = min(
          least,
          zip(a, turned).reduce(0) { $0 + ($1.0 - factor * $1.1) * ($1.0 - factor * $1.1) })
      }
    }
    let found = try #require(try procrustesAlignment(of: y, to: x, dimensions: 2))
    #expect(abs(found.residual - least) < 1e-5 && found.residual <= least + 1e-12)
    // The residual is the squared distance that is left, as a share of the first set's size.
    let mean = (0..<2).map { axis in
      stride(from: axis, to: x.count, by: 2).reduce(0) { $0 + x[$1] } / 12
    }
    let size = x.indices.reduce(0) { $0 + (x[$1] - mean[$1 % 2]) * (x[$1] - mean[$1 % 2]) }
    let left = zip(x, found.aligned).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(abs(left / size - found.residual) < 1e-9)
  }

  @Test(arguments: 0..<4) func `turns by an orthogonal matrix`(seed: Int) throws {
    let d = 4
    let found = try #require(
      try procrustesAlignment(
        of: points(30, d, seed: seed), to: points(30, d, seed: seed + 9), dimensions: d))
    for i in 0..<d {
      for j in 0..<d {
        let dot = (0..<d).reduce(0) {
          $0 + found.rotation[i * d + $1] * found.rotation[j * d + $1]
        }
        #expect(abs(dot - (i == j ? 1 : 0)) < 1e-12)
      }
    }
    #expect((0...1).contains(found.residual) && (0...1).contains(found.scale))
  }

  @Test func `of points that coincide there is none`() throws {
    let same = [Double](repeating: 2, count: 8)
    #expect(try procrustesAlignment(of: same, to: points(4, 2, seed: 1), dimensions: 2) == nil)
    #expect(try procrustesAlignment(of: points(4, 2, seed: 1), to: same, dimensions: 2) == nil)
  }
}
