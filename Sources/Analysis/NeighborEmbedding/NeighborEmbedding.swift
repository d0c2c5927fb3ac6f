internal import Foundation
public import Kernels
public import TensorCore

/// t-distributed stochastic neighbour embedding: points in the plane whose neighbours are those of
/// the features (van der Maaten and Hinton 2008).
///
/// The gradient is exact for fewer than ``exactLimit`` points, and approximated by Barnes and Hut's
/// tree otherwise (van der Maaten 2014). The start is the first two principal components, as
/// recommended by Kobak and Berens 2019, so the result depends on no random number.
public struct NeighborEmbedding: Sendable, Hashable {
  /// From this number of points on, the gradient is approximated.
  public static let exactLimit = 5000
  /// The number of principal components that features are first reduced to (van der Maaten 2014).
  public static let featureLimit = 50

  /// The effective number of neighbours of each point.
  public var perplexity: Double
  /// The number of steps of the descent.
  public var steps = 1000
  /// During the first steps, affinities are multiplied by this, so that clusters can form (van der
  /// Maaten 2014, as are the number of these steps and the momenta).
  public var exaggeration = 12.0
  /// The number of these steps.
  public var exaggeratedSteps = 250
  /// A cell of the tree is taken as one point if it is smaller than this share of its distance.
  public var coarseness = 0.5

  /// - Parameter perplexity: Less than a third of the number of points.
  public init(perplexity: Double = 30) { self.perplexity = perplexity }

  /// Points in the plane and how well they fit.
  public struct Result: Sendable {
    /// `[N, 2]`.
    public let coordinates: Tensor
    /// The Kullback–Leibler divergence between the affinities of features and of points.
    public let divergence: Double
    /// The number of principal components whose coordinates were the features.
    public let componentCount: Int
    /// Whether the gradient was exact.
    public let isExact: Bool
  }

  /// The least number of points for a perplexity.
  public static func fewestPoints(perplexity: Double) -> Int {
    Int(min(3 * perplexity, 0x1p40)) + 2
  }

  /// 30, or the greatest whole number for which there are enough points; at least 1.
  public static func usualPerplexity(of count: Int) -> Double {
    Double(min(30, max(1, (count - 2) / 3)))
  }

  /// The bytes that the affinities of a number of points take at most: those of all pairs before and
  /// after they are made symmetric, or tables of each point's neighbours in both directions.
  public static func affinityBytes(of count: Int, perplexity: Double) -> Int {
    let pairs = count.multipliedReportingOverflow(
      by: count < exactLimit ? 2 * count : 2 * fewestPoints(perplexity: perplexity))
    let bytes = pairs.partialValue.multipliedReportingOverflow(
      by: count < exactLimit ? MemoryLayout<Float>.stride : 64)
    return pairs.overflow || bytes.overflow ? .max : bytes.partialValue
  }

  /// - Parameters:
  ///   - features: `[N, D]`, finite.
  ///   - exactLimit: From this number of points on, the gradient is approximated.
  ///   - progress: Called with the number of finished steps.
  /// - Complexity: O(N²) per step if exact, otherwise O(N log N) after O(N²) for the neighbours.
  public func run(
    on features: Tensor, exactLimit: Int = NeighborEmbedding.exactLimit,
    progress: (Int) -> Void = { _ in }
  ) throws(EigenvectorError) -> Result {
    let count = features.shape[0]
    let components = try principalComponents(features, count: Self.featureLimit)
    let width = components.coordinates.shape[1]
    let rows = components.coordinates.elements.map(Double.init)
    let isExact = count < exactLimit
    let affinities =
      isExact
      ? Affinities(exactlyOf: rows, width: width, perplexity: perplexity)
      : Affinities(ofNeighboursAmong: rows, width: width, perplexity: perplexity)
    var points = start(rows, width: width)
    var (velocity, gains) = (
      [SIMD2<Double>](repeating: .zero, count: count),
      [SIMD2<Double>](repeating: .one, count: count)
    )
    // Belkina et al. 2019.
    let rate = max(Double(count) / exaggeration / 4, 50)
    for step in 0..<steps {
      let isExaggerated = step < exaggeratedSteps
      let gradient = gradient(
        at: points, affinities, exaggeration: isExaggerated ? exaggeration : 1, isExact: isExact)
      let momentum = isExaggerated ? 0.5 : 0.8
      for index in points.indices {
        // Steps grow along a steady direction (Jacobs 1988).
        for axis in 0..<2 {
          let isSteady = velocity[index][axis] * gradient[index][axis] < 0
          gains[index][axis] = max(
            isSteady ? gains[index][axis] + 0.2 : gains[index][axis] * 0.8, 0.01)
        }
        velocity[index] = momentum * velocity[index] - rate * gains[index] * gradient[index]
        points[index] += velocity[index]
      }
      let middle = points.reduce(.zero, +) / Double(max(count, 1))
      for index in points.indices { points[index] -= middle }
      if (step + 1) % 50 == 0 { progress(step + 1) }
    }
    return Result(
      coordinates: Tensor(shape: [count, 2], points.flatMap { [Float($0.x), Float($0.y)] }),
      divergence: divergence(of: points, from: affinities, isExact: isExact),
      componentCount: width, isExact: isExact)
  }

  /// The first two components, small enough that all points are neighbours.
  private func start(_ rows: [Double], width: Int) -> [SIMD2<Double>] {
    let count = width > 0 ? rows.count / width : 0
    var points = (0..<count).map { row in
      SIMD2(rows[row * width], width > 1 ? rows[row * width + 1] : 0)
    }
    let deviation =
      (points.reduce(0) { $0 + $1.x * $1.x } / Double(max(count, 1))).squareRoot()
    for index in points.indices { points[index] *= 1e-4 / max(deviation, .leastNormalMagnitude) }
    return points
  }

  /// `∂KL/∂y = 4 Σ_j (p_ij − q_ij) (y_i − y_j) / (1 + ‖y_i − y_j‖²)`.
  private func gradient(
    at points: [SIMD2<Double>], _ affinities: Affinities, exaggeration: Double, isExact: Bool
  ) -> [SIMD2<Double>] {
    let forces = forces(at: points, isExact: isExact)
    let total = forces.reduce(0) { $0 + $1.weight }
    return affinities.map { row, neighbours in
      var attraction = SIMD2<Double>.zero
      neighbours { other, affinity in
        let difference = points[row] - points[other]
        attraction += affinity / (1 + (difference * difference).sum()) * difference
      }
      return 4 * (exaggeration * attraction - forces[row].repulsion / total)
    }
  }

  /// For each point, `Σ_j w_ij` and `Σ_j w_ij² (y_i − y_j)` with `w = 1 / (1 + ‖y_i − y_j‖²)`.
  private func forces(at points: [SIMD2<Double>], isExact: Bool) -> [Repulsion] {
    let tree = isExact ? nil : PointTree(points)
    return concurrentMap(points.count) { row in
      if let tree { return tree.repulsion(of: row, coarseness: coarseness) }
      var sum = Repulsion()
      for other in points.indices where other != row {
        sum.add(points[row] - points[other], count: 1)
      }
      return sum
    }
  }

  private func divergence(
    of points: [SIMD2<Double>], from affinities: Affinities, isExact: Bool
  ) -> Double {
    let total = forces(at: points, isExact: isExact).reduce(0) { $0 + $1.weight }
    return affinities.map { row, neighbours in
      var sum = 0.0
      neighbours { other, affinity in
        guard affinity > 0 else { return }
        let difference = points[row] - points[other]
        let similarity = 1 / (1 + (difference * difference).sum()) / total
        sum += affinity * log(affinity / max(similarity, .leastNormalMagnitude))
      }
      return sum
    }.reduce(0, +)
  }
}

/// What pushes a point away from others.
struct Repulsion: Sendable {
  private(set) var weight = 0.0
  private(set) var repulsion = SIMD2<Double>.zero

  /// - Parameters:
  ///   - difference: From the others to the point.
  ///   - count: Of the others, which are at one place.
  mutating func add(_ difference: SIMD2<Double>, count: Double) {
    let own = 1 / (1 + (difference * difference).sum())
    weight += count * own
    repulsion += count * own * own * difference
  }
}
