internal import Foundation
package import TensorCore

/// How the pictures of a batch are mixed with each other (Zhang et al., "mixup: Beyond Empirical
/// Risk Minimization", 2018, equation 1).
///
/// As in the authors' program, one share from *Beta(α, α)* for the whole batch, and the partners
/// are the same batch in random order.
public struct Mixup: Sendable, Hashable {
  /// What each picture keeps of itself.
  public let share: Float
  /// The position of each picture's partner.
  public let partners: [Int]

  public init(share: Float, partners: [Int]) { (self.share, self.partners) = (share, partners) }

  package init(alpha: Double, count: Int, random: inout SeededGenerator) {
    let (a, b) = (gamma(alpha, &random), gamma(alpha, &random))
    // With a very small α both may vanish: the limit is a share of 0 or 1.
    share = a + b > 0 ? Float(a / (a + b)) : random.next() >> 63 == 1 ? 1 : 0
    partners = Array(0..<count).shuffled(using: &random)
  }

  /// *λ·x + (1 − λ)·x′*, for `[N, …]`.
  func mixed(_ pictures: Tensor) -> Tensor {
    let width = pictures.count / max(pictures.shape[0], 1)
    let (share, rest) = (share, 1 - share)
    return pictures.withUnsafeElements { source in
      Tensor(shape: pictures.shape, layout: pictures.layout) { target in
        for (slot, partner) in partners.enumerated() {
          let (own, other) = (slot * width, partner * width)
          for index in 0..<width {
            target[own + index] = share * source[own + index] + rest * source[other + index]
          }
        }
      }
    }
  }
}

/// A number of the gamma distribution of scale 1 (Marsaglia and Tsang, "A Simple Method for
/// Generating Gamma Variables", 2000, with their section 6 for shapes below 1).
private func gamma(_ shape: Double, _ random: inout SeededGenerator) -> Double {
  guard shape >= 1 else {
    let boost = Foundation.pow(random.uniform(0...1), 1 / shape)
    return gamma(shape + 1, &random) * boost
  }
  let d = shape - 1 / 3
  let c = 1 / (9 * d).squareRoot()
  while true {
    let x = Double(random.normal())
    let root = 1 + c * x
    guard root > 0 else { continue }
    let v = root * root * root
    let u = random.uniform(0...1)
    if Foundation.log(u) < x * x / 2 + d - d * v + d * Foundation.log(v) { return d * v }
  }
}
