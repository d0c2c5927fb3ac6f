internal import CLAPACK
public import TensorCore

/// The directions of greatest variance in a set of rows.
public struct PrincipalComponents: Sendable {
  /// The rows' coordinates along the components, `[N, k]`.
  public let coordinates: Tensor
  /// The components, `[k, D]`, orthonormal, each with its greatest entry positive; zeros if all
  /// rows are equal.
  public let components: Tensor
  /// The rows' mean, `[D]`.
  public let mean: [Float]
  /// The variance along each component, in descending order (divided by `N − 1`).
  public let variances: [Double]
  /// The total variance over all directions.
  public let totalVariance: Double
}

/// LAPACK's status when it did not find the eigenvectors.
public struct EigenvectorError: Error, Sendable, CustomStringConvertible {
  public let status: Int
  public var description: String { "LAPACK's eigensolver ended with status \(status)" }
}

/// The inner products of all pairs of rows: `X Xᵀ` of `[N, D]`.
public func products(ofRows rows: Tensor) -> Tensor { innerProduct(rows, with: rows) }

/// Principal component analysis of `[N, D]` rows (Pearson 1901; Jolliffe 2002, section 3.5 for
/// the smaller of the two matrices).
///
/// Exact to the precision of `Float`: computed in `Double` from the eigenvectors of the covariance
/// matrix `[D, D]` or the Gram matrix `[N, N]`, whichever is smaller.
///
/// - Parameter count: The number of components; at most `min(N − 1, D)` are returned.
/// - Complexity: O(N·D·m + m³), m = min(N, D).
public func principalComponents(
  _ rows: Tensor, count: Int
) throws(EigenvectorError) -> PrincipalComponents {
  let (n, d) = (rows.shape[0], rows.shape[1])
  if let (rows, exponent) = nearOne(rows) {
    return try principalComponents(rows, count: count).scaled(by: exponent)
  }
  let (centred, mean) = centre(rows)
  let total = centred.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(n - 1, 1))
  let byRows = n <= d
  let side = min(n, d)
  let wanted = max(0, min(count, n - 1, d))
  guard wanted > 0 else {
    return PrincipalComponents(
      coordinates: Tensor(shape: [n, 0], []), components: Tensor(shape: [0, d], []), mean: mean,
      variances: [], totalVariance: total)
  }
  let matrix = products(ofRows: byRows ? centred : transposed(centred))
  let (values, vectors) = try greatestEigenvectors(matrix, count: wanted)
  var components = Tensor(shape: [wanted, side], vectors.map { Float($0) })
  if byRows {
    // X ᵀu / ‖X ᵀu‖ for an eigenvector u of X Xᵀ.
    components = innerProduct(components, with: transposed(centred))
  }
  components = orthonormalized(components)
  return PrincipalComponents(
    coordinates: innerProduct(centred, with: components), components: components, mean: mean,
    variances: values.map { max($0, 0) / Double(max(n - 1, 1)) }, totalVariance: total)
}

/// The variances along all principal components of `[N, D]` rows, in descending order (divided by
/// `N − 1`): `min(N, D)` numbers, none negative.
///
/// - Complexity: O(N·D·m + m³), m = min(N, D).
public func componentVariances(of rows: Tensor) throws(EigenvectorError) -> [Double] {
  let (n, d) = (rows.shape[0], rows.shape[1])
  guard n > 0, d > 0 else { return [] }
  if let (rows, exponent) = nearOne(rows) {
    let square = Double(sign: .plus, exponent: 2 * exponent, significand: 1)
    return try componentVariances(of: rows).map { $0 * square }
  }
  let centred = centre(rows).0
  let matrix = products(ofRows: n <= d ? centred : transposed(centred))
  let side = matrix.shape[0]
  var a = matrix.elements.map(Double.init)
  var values = [Double](repeating: 0, count: side)
  let status = LAPACKE_dsyevd(
    LAPACK_COL_MAJOR, CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "U")), Int32(side), &a,
    Int32(side), &values)
  guard status == 0 else { throw EigenvectorError(status: Int(status)) }
  return values.reversed().map { max($0, 0) / Double(max(n - 1, 1)) }
}

/// The rows divided by `2ᵉ` so that their magnitudes are near 1; nil if they need not be: products
/// of very large or small numbers overflow or vanish.
private func nearOne(_ rows: Tensor) -> (rows: Tensor, exponent: Int)? {
  let magnitude = rows.measuredMagnitude()
  guard magnitude > 0, magnitude.isFinite, !(1e-9...1e9).contains(magnitude) else { return nil }
  let exponent = Int(magnitude.exponent)
  return (rows.map { scaled($0, -exponent) }, exponent)
}

/// `x · 2ᵉ`, exact if representable.
private func scaled(_ x: Float, _ exponent: Int) -> Float {
  Float(Double(x) * Double(sign: .plus, exponent: exponent, significand: 1))
}

extension PrincipalComponents {
  /// The components of rows `2ᵉ` times as large.
  fileprivate func scaled(by exponent: Int) -> PrincipalComponents {
    let square = Double(sign: .plus, exponent: 2 * exponent, significand: 1)
    return PrincipalComponents(
      coordinates: coordinates.map { Kernels.scaled($0, exponent) }, components: components,
      mean: mean.map { Kernels.scaled($0, exponent) }, variances: variances.map { $0 * square },
      totalVariance: totalVariance * square)
  }
}

private func centre(_ rows: Tensor) -> (Tensor, [Float]) {
  let (n, d) = (rows.shape[0], rows.shape[1])
  var sums = [Double](repeating: 0, count: d)
  return rows.withUnsafeElements { x in
    for row in 0..<n { for column in 0..<d { sums[column] += Double(x[row * d + column]) } }
    let mean = sums.map { Float($0 / Double(max(n, 1))) }
    let centred = Tensor(shape: rows.shape) { target in
      for row in 0..<n {
        for column in 0..<d { target[row * d + column] = x[row * d + column] - mean[column] }
      }
    }
    return (centred, mean)
  }
}

private func transposed(_ matrix: Tensor) -> Tensor {
  // With channels last, [1, N, D] is the matrix's transpose.
  let (n, d) = (matrix.shape[0], matrix.shape[1])
  let turned = matrix.reshaped(to: [1, n, d]).arranged(as: .channelsLast)
  return turned.withUnsafeElements { Tensor(shape: [d, n], Array($0)) }
}

/// Each row scaled to norm 1, orthogonal to the previous ones (Gram and Schmidt), and with its
/// greatest entry positive, so that signs are not arbitrary.
///
/// If the rows of the data span fewer directions than requested, `X ᵀu` is rounding noise that may
/// point anywhere, even along a component that was already found.
private func orthonormalized(_ rows: Tensor) -> Tensor {
  let d = rows.shape[1]
  var basis: [[Double]] = []
  for row in 0..<rows.shape[0] {
    var vector = rows.withUnsafeElements { $0[(row * d)..<((row + 1) * d)].map(Double.init) }
    scale(&vector)
    // Twice is enough (Giraud et al. 2005).
    for _ in 0..<2 {
      for earlier in basis {
        let along = zip(vector, earlier).reduce(0) { $0 + $1.0 * $1.1 }
        for index in vector.indices { vector[index] -= along * earlier[index] }
      }
      scale(&vector)
    }
    basis.append(vector)
  }
  return Tensor(
    shape: rows.shape,
    basis.flatMap { vector in
      let greatest = vector.max { abs($0) < abs($1) } ?? 0
      return vector.map { Float(greatest < 0 ? -$0 : $0) }
    })
}

/// Scales to norm 1; a zero vector stays zero.
private func scale(_ vector: inout [Double]) {
  let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  guard norm > 0 else { return }
  for index in vector.indices { vector[index] /= norm }
}

/// The greatest eigenvalues of a symmetric matrix and their eigenvectors, row by row.
private func greatestEigenvectors(
  _ matrix: Tensor, count: Int
) throws(EigenvectorError) -> (values: [Double], vectors: [Double]) {
  let side = matrix.shape[0]
  var a = matrix.elements.map(Double.init)
  var values = [Double](repeating: 0, count: side)
  var vectors = [Double](repeating: 0, count: side * count)
  var support = [Int32](repeating: 0, count: 2 * side)
  var found: Int32 = 0
  let status = LAPACKE_dsyevr(
    LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "I")),
    CChar(UInt8(ascii: "U")), Int32(side), &a, Int32(side), 0, 0,
    Int32(side - count + 1), Int32(side), 0, &found, &values, &vectors,
    Int32(side), &support)
  guard status == 0, Int(found) == count else { throw EigenvectorError(status: Int(status)) }
  // LAPACK returns eigenvalues in ascending order.
  let order = (0..<count).reversed()
  return (
    order.map { values[$0] },
    order.flatMap { vectors[($0 * side)..<(($0 + 1) * side)] }
  )
}
