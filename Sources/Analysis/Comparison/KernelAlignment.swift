internal import Synchronization
internal import TensorCore

/// How alike the representations of two networks' layers are: linear centred kernel alignment.
public struct AlignmentFinding: Sendable, Hashable {
  /// Of the first network: the rows.
  public let rows: [String]
  /// Of the second network: the columns.
  public let columns: [String]
  /// Row by row, in `0...1`; NaN if a layer gives the same features for every picture.
  public let values: [Double]
  /// On how many pictures.
  public let pictures: Int
  /// The greatest number of features of a layer.
  public let mostFeatures: Int

  public subscript(row: String, column: String) -> Double? {
    guard let i = rows.firstIndex(of: row), let j = columns.firstIndex(of: column) else {
      return nil
    }
    let value = values[i * columns.count + j]
    return value.isFinite ? value : nil
  }
}

/// Features around their mean, prepared for linear centred kernel alignment (Kornblith, Norouzi,
/// Lee and Hinton 2019, section 3, with the biased HSIC of Gretton et al. 2005, as there).
///
/// For centred features X and Y, `CKA = ‖Yᵀ X‖² / (‖Xᵀ X‖ ‖Yᵀ Y‖)` in Frobenius norms, which is the
/// same as `⟨X Xᵀ, Y Yᵀ⟩ / (‖X Xᵀ‖ ‖Y Yᵀ‖)`; the second form is used if there are fewer pictures
/// than features in both. It does not change under orthogonal transformations and scalings of the
/// features, permutations among them. With few pictures it is biased towards 1.
public struct CentredFeatures: Sendable {
  private let count: Int
  private let width: Int
  /// `[N, D]`, with a Frobenius norm of 1; empty if there is no variance.
  private let values: [Double]
  /// `X Xᵀ`, `[N, N]`; nil if there are at least as many pictures as features.
  private let gram: [Double]?
  /// `‖Xᵀ X‖`.
  private let selfNorm: Double

  /// - Parameter rows: `[N, D]`, row by row.
  public init(_ rows: [Double], width: Int) {
    self.width = width
    count = width > 0 ? rows.count / width : 0
    var mean = [Double](repeating: 0, count: width)
    for index in rows.indices { mean[index % width] += rows[index] / Double(count) }
    var centred = rows.indices.map { rows[$0] - mean[$0 % width] }
    let norm = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Features that are equal but for rounding have no variance.
    let greatest = rows.reduce(0) { max($0, abs($1)) }
    let rounding = 1e-7 * greatest * Double(rows.count).squareRoot()
    guard norm > rounding, norm.isFinite else {
      (values, gram, selfNorm) = ([], nil, 0)
      return
    }
    for index in centred.indices { centred[index] /= norm }
    values = centred
    gram = count < width ? products(ofRows: centred, count: count) : nil
    selfNorm =
      (gram.map { $0.reduce(0) { $0 + $1 * $1 } }
      ?? squaredProduct(centred, width, centred, width, count: count)).squareRoot()
  }

  /// Those of one layer, by its position, for some pictures.
  public init(_ features: LayerFeatures, _ layer: Int, _ pictures: Set<Int>) {
    self.init(
      features.rows(of: layer, for: pictures), width: features.features[layer].shape[1])
  }

  /// - Returns: NaN if one of the two has no variance.
  public func alignment(with other: CentredFeatures) -> Double {
    precondition(count == other.count, "\(count) and \(other.count) pictures")
    guard selfNorm > 0, other.selfNorm > 0 else { return .nan }
    let product: Double
    if let own = gram, let others = other.gram {
      product = zip(own, others).reduce(0) { $0 + $1.0 * $1.1 }
    } else {
      product = squaredProduct(values, width, other.values, other.width, count: count)
    }
    return min(max(product / (selfNorm * other.selfNorm), 0), 1)
  }
}

/// `X Xᵀ` of `[N, D]`.
private func products(ofRows x: [Double], count: Int) -> [Double] {
  let width = x.count / max(count, 1)
  var result = [Double](repeating: 0, count: count * count)
  x.withUnsafeBufferPointer { x in
    for i in 0..<count {
      for j in 0...i {
        var sum = 0.0
        for k in 0..<width { sum += x[i * width + k] * x[j * width + k] }
        result[i * count + j] = sum
        result[j * count + i] = sum
      }
    }
  }
  return result
}

/// `‖Xᵀ Y‖²` of `[N, p]` and `[N, q]`.
private func squaredProduct(
  _ x: [Double], _ p: Int, _ y: [Double], _ q: Int, count: Int
) -> Double {
  var product = [Double](repeating: 0, count: q)
  var sum = 0.0
  x.withUnsafeBufferPointer { x in
    y.withUnsafeBufferPointer { y in
      product.withUnsafeMutableBufferPointer { product in
        // One row of the product at a time, so that it stays in the cache.
        for i in 0..<p {
          for j in 0..<q { product[j] = 0 }
          for row in 0..<count {
            let value = x[row * p + i]
            for j in 0..<q { product[j] += value * y[row * q + j] }
          }
          for j in 0..<q { sum += product[j] * product[j] }
        }
      }
    }
  }
  return sum
}

/// Compares the layers of two networks with each other.
public struct KernelAlignmentAnalysis: Sendable {
  public init() {}

  /// How alike each layer is to the layer of the same name; those without variance are left out.
  ///
  /// - Parameter pictures: Whose features are compared.
  public func sameLayers(
    _ first: LayerFeatures, _ second: LayerFeatures, pictures: Set<Int>
  ) -> [String: Double] {
    guard pictures.count > 2 else { return [:] }
    let values = Mutex([String: Double]())
    concurrently(first.layers.count) { index in
      let layer = first.layers[index]
      guard let other = second.layers.firstIndex(of: layer) else { return }
      let value = CentredFeatures(first, index, pictures)
        .alignment(with: CentredFeatures(second, other, pictures))
      if value.isFinite { values.withLock { $0[layer] = value } }
    }
    return values.withLock(\.self)
  }

  /// - Parameter pictures: Whose features are compared; nil for all that are finite in both.
  /// - Returns: Nil for fewer than three such pictures.
  /// - Complexity: O(L²·N·D·min(N, D)) for L layers.
  public func run(
    _ first: LayerFeatures, _ second: LayerFeatures, pictures: Set<Int>? = nil
  ) -> AlignmentFinding? {
    let wanted = pictures ?? first.finitePictures.intersection(second.finitePictures)
    guard wanted.count > 2 else { return nil }
    let (own, others) = (centred(first, wanted), centred(second, wanted))
    let values = Mutex([Double](repeating: .nan, count: own.count * others.count))
    concurrently(own.count * others.count) { pair in
      let value = own[pair / others.count].alignment(with: others[pair % others.count])
      values.withLock { $0[pair] = value }
    }
    return AlignmentFinding(
      rows: first.layers, columns: second.layers, values: values.withLock(\.self),
      pictures: wanted.count,
      mostFeatures: (first.features + second.features).map { $0.shape[1] }.max() ?? 0)
  }

  private func centred(_ features: LayerFeatures, _ wanted: Set<Int>) -> [CentredFeatures] {
    let all = Mutex([CentredFeatures?](repeating: nil, count: features.layers.count))
    concurrently(features.layers.count) { layer in
      let own = CentredFeatures(features, layer, wanted)
      all.withLock { $0[layer] = own }
    }
    return all.withLock { $0.compactMap(\.self) }
  }
}
