internal import CLAPACK

/// How one set of points is best laid over another of as many.
public struct ProcrustesAlignment: Sendable {
  /// The orthogonal matrix R, `[D, D]` row by row; it may reflect.
  public let rotation: [Double]
  /// The factor that the second set is multiplied by, after both were scaled to norm 1.
  public let scale: Double
  /// What is left of the squared distance between the sets after both were scaled to norm 1: 0 if
  /// they coincide, 1 if nothing of one is found in the other.
  public let residual: Double
  /// The second set in the place, size and orientation of the first, `[N, D]` row by row.
  public let aligned: [Double]
}

/// LAPACK's status when it did not find the singular values.
public struct SingularValueError: Error, Sendable, CustomStringConvertible {
  public let status: Int
  public var description: String { "LAPACK's dgesdd ended with status \(status)" }
}

/// Lays points over others by a translation, a rotation or reflection, and a scale: the orthogonal
/// Procrustes problem (Schönemann 1966), with both sets centred and scaled to norm 1 (Gower 1975).
///
/// With `Yᵀ X = U Σ Vᵀ`, the matrix that minimizes `‖X − s Y R‖` is `R = U Vᵀ`, with `s = Σ σ`, and
/// the residual is `1 − (Σ σ)²`.
///
/// - Parameters:
///   - moved: Y, `[N, D]` row by row.
///   - fixed: X, `[N, D]` row by row.
/// - Returns: Nil if all points of a set coincide.
/// - Complexity: O(N·D² + D³).
public func procrustesAlignment(
  of moved: [Double], to fixed: [Double], dimensions d: Int
) throws(SingularValueError) -> ProcrustesAlignment? {
  precondition(
    d > 0 && moved.count == fixed.count && moved.count.isMultiple(of: d),
    "\(moved.count) and \(fixed.count) numbers of \(d) dimensions")
  let (x, y) = (NormalizedPoints(fixed, d), NormalizedPoints(moved, d))
  guard x.norm > 0, y.norm > 0, x.norm.isFinite, y.norm.isFinite else { return nil }
  let n = moved.count / d
  var product = [Double](repeating: 0, count: d * d)
  for row in 0..<n {
    for i in 0..<d {
      let value = y.values[row * d + i]
      for j in 0..<d { product[i * d + j] += value * x.values[row * d + j] }
    }
  }
  // Row by row, LAPACK reads the transpose Xᵀ Y = V Σ Uᵀ.
  var (sigma, v, u) = (
    [Double](repeating: 0, count: d), [Double](repeating: 0, count: d * d),
    [Double](repeating: 0, count: d * d)
  )
  let side = Int32(d)
  let status = LAPACKE_dgesdd(
    LAPACK_COL_MAJOR, CChar(UInt8(ascii: "A")), side, side, &product, side, &sigma, &v, side, &u,
    side)
  guard status == 0 else { throw SingularValueError(status: Int(status)) }
  // `v` has V's columns one after another, and `u` the rows of Uᵀ in columns: U row by row.
  var rotation = [Double](repeating: 0, count: d * d)
  for k in 0..<d {
    for i in 0..<d {
      let value = u[i * d + k]
      for j in 0..<d { rotation[i * d + j] += value * v[k * d + j] }
    }
  }
  let scale = sigma.reduce(0, +)
  var aligned = [Double](repeating: 0, count: moved.count)
  for row in 0..<n {
    for i in 0..<d {
      let value = x.norm * scale * y.values[row * d + i]
      for j in 0..<d { aligned[row * d + j] += value * rotation[i * d + j] }
    }
    for j in 0..<d { aligned[row * d + j] += x.mean[j] }
  }
  return ProcrustesAlignment(
    rotation: rotation, scale: scale, residual: max(0, 1 - scale * scale), aligned: aligned)
}

/// Points around their mean, scaled to a Frobenius norm of 1.
private struct NormalizedPoints {
  var values: [Double]
  var mean: [Double]
  /// Before scaling.
  let norm: Double

  init(_ points: [Double], _ d: Int) {
    let n = points.count / d
    var mean = [Double](repeating: 0, count: d)
    for index in points.indices { mean[index % d] += points[index] / Double(n) }
    var values = points.indices.map { points[$0] - mean[$0 % d] }
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if norm > 0 { for index in values.indices { values[index] /= norm } }
    (self.values, self.mean, self.norm) = (values, mean, norm)
  }
}
