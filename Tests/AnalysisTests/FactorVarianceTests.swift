import Analysis
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct `Variance by factors` {
  private let first = FactorLevels("first", words: (0..<24).map { ["a", "b", "c"][$0 % 3] })
  private let second = FactorLevels("second", numbers: (0..<24).map { Double($0 / 3 % 4) })

  private func finding(
    _ features: Tensor, _ factors: [FactorLevels]
  ) throws -> FactorFinding {
    try factorVariance(
      of: features, by: factors, layer: "relu", pictures: Array(0..<features.shape[0]),
      featureCount: features.shape[1])
  }

  /// The same by the definition, feature by feature.
  private func slow(_ features: Tensor, _ factors: [FactorLevels]) -> [Double] {
    let (count, width) = (features.shape[0], features.shape[1])
    let x = features.elements.map(Double.init)
    var squares = [Double](repeating: 0, count: factors.count + 2)
    for column in 0..<width {
      let own = (0..<count).map { x[$0 * width + column] }
      let mean = own.reduce(0, +) / Double(count)
      for row in 0..<count {
        var rest = own[row] - mean
        squares[factors.count + 1] += rest * rest
        for (number, factor) in factors.enumerated() {
          let alike = (0..<count).filter { factor.levels[$0] == factor.levels[row] }
          let effect = alike.reduce(0) { $0 + own[$1] } / Double(alike.count) - mean
          squares[number] += effect * effect
          rest -= effect
        }
        squares[factors.count] += rest * rest
      }
    }
    return squares.dropLast().map { $0 / squares[factors.count + 1] }
  }

  @Test func `adds up to one in a balanced design`() throws {
    let features = Tensor.random([24, 7], seed: 1)
    let found = try finding(features, [first, second])
    #expect(abs(found.sum - 1) < 1e-5)
    let shares = found.parts.map(\.variance.share) + [found.residual.share]
    for (share, expected) in zip(shares, slow(features, [first, second])) {
      #expect(abs(share - expected) < 1e-5)
    }
    #expect(abs(found.parts[0].chance - 2.0 / 23) < 1e-9)
  }

  @Test func `is that of the definition in any design`() throws {
    let features = Tensor.random([17, 30], seed: 2)
    let uneven = [
      FactorLevels("a", words: (0..<17).map { $0 < 11 ? "x" : "y" }),
      FactorLevels("b", numbers: (0..<17).map { Double($0 * $0 % 5) }),
    ]
    let found = try finding(features, uneven)
    let shares = found.parts.map(\.variance.share) + [found.residual.share]
    for (share, expected) in zip(shares, slow(features, uneven)) {
      #expect(abs(share - expected) < 1e-5)
    }
    #expect(abs(found.sum - 1) > 1e-4)
  }

  @Test func `finds the factors that features are made of`() throws {
    // The first factor moves along one direction, the second along two others.
    let features = Tensor(
      shape: [24, 4],
      (0..<24).flatMap { row -> [Float] in
        let (a, b) = (first.levels[row], second.levels[row])
        return [Float(3 * a), [1, 0, -1, 0][b], [0, 1, 0, -1][b], 0]
      })
    let found = try finding(features, [first, second])
    #expect(found.residual.share < 1e-6)
    #expect(found.parts.map(\.variance.componentCount) == [1, 2])
    #expect(abs(found.parts[0].variance.share - 6 / (6 + 1)) < 1e-5)
    #expect(found.componentCount == 3)
    // The means of the second factor are a circle.
    let means = found.parts[1].means.elements
    for level in 0..<4 {
      let radius = means[2 * level] * means[2 * level] + means[2 * level + 1] * means[2 * level + 1]
      #expect(abs(radius - 1) < 1e-4)
    }
    let strengths = strengths(of: [first, second], in: features)
    #expect(strengths[0] > strengths[1])
  }

  @Test func `of a factor of no influence is about that of chance`() throws {
    let features = Tensor.random([300, 40], seed: 3)
    let none = FactorLevels("none", numbers: (0..<300).map { Double($0 * 7919 % 10) })
    let found = try finding(features, [none])
    #expect(abs(found.parts[0].variance.share - found.parts[0].chance) < 0.01)
    #expect(abs(strengths(of: [none], in: features)[0]) < 0.01)
  }

  @Test func `has ranges for many numbers and values for few`() {
    let few = FactorLevels("few", numbers: [3, 1, 2, 1])
    #expect(few.values == ["1", "2", "3"] && few.levels == [2, 0, 1, 0] && !few.isBinned)
    let many = FactorLevels("many", numbers: (0...16).map(Double.init))
    #expect(many.isBinned && many.values.count == 8 && many.values[0] == "0–2")
    #expect(many.levels[0] == 0 && many.levels[2] == 1 && many.levels[16] == 7)
    let angles = FactorLevels(
      "angle", numbers: (0..<20).map { 10 * Double($0) }, turn: 0...360, bins: 4)
    // None is beyond 190°.
    #expect(angles.values == ["0–90", "90–180", "180–270"])
    #expect(many.only([0, 1, 16]).values == ["0–2", "14–16"])
  }

  @Test func `has different names for different values, and any numbers`() {
    let years = FactorLevels("year", numbers: (2000...2024).map(Double.init))
    #expect(Set(years.values).count == 8 && years.values[0] == "2000–2003")
    #expect(FactorLevels("id", numbers: [10001, 10002]).values == ["10001", "10002"])
    for scale in [Double.leastNonzeroMagnitude, .leastNormalMagnitude, 1e308 / 12] {
      let numbers = (-12...12).map { Double($0) * scale }
      let factor = FactorLevels("any", numbers: numbers)
      #expect(factor.levels == factor.levels.sorted() && factor.levels.count == 25)
    }
  }
}
