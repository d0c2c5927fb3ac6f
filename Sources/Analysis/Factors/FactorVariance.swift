internal import Foundation
public import Kernels
public import TensorCore

/// The values of a factor that pictures can have, and which one each picture has.
public struct FactorLevels: Sendable, Hashable {
  public let name: String
  /// Of each picture, an index into `values`.
  public let levels: [Int]
  /// As they are written: a word, a number, or a range of numbers.
  public let values: [String]
  /// Whether the values are ranges of numbers.
  public let isBinned: Bool

  /// - Parameters:
  ///   - name: The factor's.
  ///   - levels: One for each picture.
  ///   - values: As they are written.
  ///   - isBinned: Whether they are ranges of numbers.
  public init(_ name: String, levels: [Int], values: [String], isBinned: Bool = false) {
    (self.name, self.levels, self.values) = (name, levels, values)
    self.isBinned = isBinned
  }
}

/// A part of the variance of a layer's features.
public struct VarianceShare: Sendable, Hashable {
  /// Of the squared distances of all features from their mean.
  public let share: Double
  /// How many principal components have 95 % of the part's own variance.
  public let componentCount: Int
}

/// A layer's features split by the factors of the pictures (Aubry and Russell 2015, section 3).
public struct FactorFinding: Sendable {
  /// What belongs to one factor.
  public struct Part: Sendable {
    public let factor: FactorLevels
    public let variance: VarianceShare
    /// What the share would be on average if the factor said nothing: (values − 1)/(pictures − 1).
    public let chance: Double
    /// The features of each picture along the first two principal components of the marginal means,
    /// `[N, 2]`; the second is zero if there are only two values.
    public let coordinates: Tensor
    /// The marginal means, `[values, 2]`, likewise.
    public let means: Tensor
  }

  public let layer: String
  public let featureCount: Int
  /// The data set's index of each picture.
  public let pictures: [Int]
  public let parts: [Part]
  /// What no sum of the factors' own effects explains.
  public let residual: VarianceShare
  /// How many principal components have 95 % of all variance.
  public let componentCount: Int
  /// The features along their first two principal components, `[N, 2]`.
  public let coordinates: Tensor
  /// The shares of variance along these.
  public let explained: [Double]

  /// The sum of the shares of all factors and of the residual: 1 for a design in which every
  /// combination of values occurs equally often; otherwise the parts are not orthogonal.
  public var sum: Double { parts.reduce(residual.share) { $0 + $1.variance.share } }

  /// A share divided by ``sum``; 0 if there is no variance.
  public func normalized(_ share: Double) -> Double { sum > 0 ? share / sum : 0 }
}

/// Splits features into the mean, the marginal mean of each factor's value, and a residual:
///
///     F(t) = mean + Σ_k F_k(t_k) + Δ(t),   F_k(v) = mean of F over pictures with t_k = v, − mean
///
/// The share of a part is its sum of squares divided by that of the centred features (Aubry and
/// Russell 2015, equations 1 to 4). Marginal means of few pictures contain noise: `chance` says how
/// much.
///
/// - Parameters:
///   - features: `[N, D]`, at least two rows.
///   - factors: Each with a level for every row.
///   - layer: Whose features these are.
///   - pictures: The data set's index of each row.
///   - featureCount: Before any projection.
/// - Complexity: O(N·D·m + m³) with m = min(N, D).
public func factorVariance(
  of features: Tensor, by factors: [FactorLevels], layer: String, pictures: [Int],
  featureCount: Int
) throws(EigenvectorError) -> FactorFinding {
  let (count, width) = (features.shape[0], features.shape[1])
  var centred = features.elements.map(Double.init)
  let mean = rowMean(centred, width: width)
  for index in centred.indices { centred[index] -= mean[index % width] }
  let total = centred.reduce(0) { $0 + $1 * $1 }
  var residual = centred
  var parts: [FactorFinding.Part] = []
  for factor in factors {
    let marginal = marginalMeans(of: centred, width: width, by: factor)
    var squares = 0.0
    for (row, level) in factor.levels.enumerated() {
      for column in 0..<width {
        let value = marginal.means[level * width + column]
        squares += value * value
        residual[row * width + column] -= value
      }
    }
    // Each mean as often as it occurs, with both signs, so that the rows' own mean is zero.
    let weighted = [1.0, -1].flatMap { sign in
      factor.values.indices.flatMap { level in
        let weight = sign * (Double(marginal.counts[level]) / 2).squareRoot()
        return (0..<width).map { Float(weight * marginal.means[level * width + $0]) }
      }
    }
    let rows = Tensor(shape: [2 * factor.values.count, width], weighted)
    let components = try principalComponents(rows, count: 2).components
    parts.append(
      FactorFinding.Part(
        factor: factor,
        variance: VarianceShare(
          share: total > 0 ? squares / total : 0, componentCount: try componentCount(of: rows)),
        chance: Double(factor.values.count - 1) / Double(max(count - 1, 1)),
        coordinates: plane(centred, width: width, along: components),
        means: plane(marginal.means, width: width, along: components)))
  }
  let left = residual.reduce(0) { $0 + $1 * $1 }
  let direct = try principalComponents(features, count: 2)
  return FactorFinding(
    layer: layer, featureCount: featureCount, pictures: pictures, parts: parts,
    residual: VarianceShare(
      share: total > 0 ? left / total : 0,
      componentCount: try componentCount(
        of: Tensor(shape: features.shape, residual.map { Float($0) }))),
    componentCount: try componentCount(of: features),
    coordinates: plane(centred, width: width, along: direct.components),
    explained: direct.variances.map { direct.totalVariance > 0 ? $0 / direct.totalVariance : 0 })
}

/// The share of variance that the components of a part are to reach.
public let sufficientVariance = 0.95

private func componentCount(of rows: Tensor) throws(EigenvectorError) -> Int {
  let variances = try componentVariances(of: rows)
  let needed = sufficientVariance * variances.reduce(0, +)
  guard needed > 0 else { return 0 }
  var sum = 0.0
  let last = variances.firstIndex { variance in
    sum += variance
    return sum >= needed * (1 - 1e-9)
  }
  return (last ?? variances.count - 1) + 1
}

private func rowMean(_ rows: [Double], width: Int) -> [Double] {
  var sums = [Double](repeating: 0, count: width)
  for (index, value) in rows.enumerated() { sums[index % width] += value }
  let count = Double(max(rows.count / max(width, 1), 1))
  return sums.map { $0 / count }
}

/// The mean of the rows of each level, `[values, width]`, and the number of these rows.
private func marginalMeans(
  of rows: [Double], width: Int, by factor: FactorLevels
) -> (means: [Double], counts: [Int]) {
  var means = [Double](repeating: 0, count: factor.values.count * width)
  var counts = [Int](repeating: 0, count: factor.values.count)
  for (row, level) in factor.levels.enumerated() {
    counts[level] += 1
    for column in 0..<width { means[level * width + column] += rows[row * width + column] }
  }
  for index in means.indices { means[index] /= Double(max(counts[index / width], 1)) }
  return (means, counts)
}

/// Rows along the first two components, `[N, 2]`; zero along those that there are not.
private func plane(_ rows: [Double], width: Int, along components: Tensor) -> Tensor {
  let directions = components.elements.map(Double.init)
  let found = components.shape[0]
  let count = rows.count / max(width, 1)
  return Tensor(
    shape: [count, 2],
    (0..<count).flatMap { row in
      (0..<2).map { direction -> Float in
        guard direction < found else { return 0 }
        return Float(
          (0..<width).reduce(0.0) {
            $0 + rows[row * width + $1] * directions[direction * width + $1]
          })
      }
    })
}

/// How much of the variance of features each factor explains beyond chance: ε² of an analysis of
/// variance with one factor (Kelley 1935), at most 1, and about 0 for a factor of no influence.
///
/// - Parameters:
///   - features: `[N, D]`.
///   - factors: Each with a level for every row.
public func strengths(of factors: [FactorLevels], in features: Tensor) -> [Double] {
  let (count, width) = (features.shape[0], features.shape[1])
  var centred = features.elements.map(Double.init)
  let mean = rowMean(centred, width: width)
  for index in centred.indices { centred[index] -= mean[index % width] }
  let total = centred.reduce(0) { $0 + $1 * $1 }
  return factors.map { factor in
    let marginal = marginalMeans(of: centred, width: width, by: factor)
    let squares = marginal.means.enumerated().reduce(0) {
      $0 + Double(marginal.counts[$1.offset / width]) * $1.element * $1.element
    }
    let (values, share) = (Double(factor.values.count), total > 0 ? squares / total : 0)
    guard Double(count) > values else { return 0 }
    return share - (1 - share) * (values - 1) / (Double(count) - values)
  }
}
