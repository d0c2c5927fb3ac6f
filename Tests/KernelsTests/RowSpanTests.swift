import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct `The space that rows span` {
  @Test(arguments: [(1, 1), (1, 9), (7, 7), (20, 33), (40, 300)], [false, true])
  func `has coordinates with the same inner products`(shape: (Int, Int), isDependent: Bool) throws {
    let (n, d) = shape
    var values = Tensor.random([n, d], seed: 3).elements
    if isDependent {
      // All rows are multiples of the first one.
      for row in 1..<max(n, 1) {
        for column in 0..<d { values[row * d + column] = Float(row - 3) * values[column] }
      }
    }
    let rows = Tensor(shape: [n, d], values)
    let span = try #require(
      RowSpan(count: n, featureCount: d, blockRows: 6) { places in
        Tensor(
          shape: [places.count, d], Array(values[(places.lowerBound * d)..<(places.upperBound * d)])
        )
      })
    #expect(span.count == n && span.featureCount == d && span.coordinates.shape == [n, n])
    func products(_ x: Tensor, _ width: Int) -> [Double] {
      let x = x.elements.map(Double.init)
      return (0..<(n * n)).map { pair in
        (0..<width).reduce(0) { $0 + x[pair / n * width + $1] * x[pair % n * width + $1] }
      }
    }
    let wanted = products(rows, d)
    let greatest = wanted.map(abs).max() ?? 0
    expectClose(
      products(span.coordinates, n).map { Float($0) }, wanted, absolute: 1e-5 * greatest + 1e-6)

    // Classifiers of coordinates and of features have the same scores and norms.
    let small = LinearClassifier(
      classCount: 3, featureCount: n,
      values: Tensor.random([3, n + 1], seed: 5).elements.map { 1e3 * Double($0) })
    let large = span.expanded(small)
    #expect(large.featureCount == d && large.classCount == 3)
    expectClose(
      large.scores(of: rows).elements,
      small.scores(of: span.coordinates).elements.map(Double.init), relative: 1e-3, absolute: 0.5)
    expectClose(span.reduced(large).values.map { Float($0) }, small.values, absolute: 5e-3)
    for label in 0..<3 {
      #expect(large.values[label * (d + 1) + d] == small.values[label * (n + 1) + n])
    }
  }

  @Test func `is not found for values that are not finite or whose products overflow`() {
    for value: Float in [.nan, .infinity, 3e38] {
      let span = RowSpan(count: 2, featureCount: 3) { places in
        Tensor(shape: [places.count, 3], repeating: value)
      }
      #expect(span == nil, "\(value)")
    }
  }

  @Test func `passes on weights of any size`() throws {
    let rows = Tensor.random([3, 5], seed: 1)
    let span = try #require(RowSpan(count: 3, featureCount: 5) { _ in rows })
    for unit in [0, 1e-200, 1e200] {
      let small = LinearClassifier(
        classCount: 1, featureCount: 3, values: [unit, -2 * unit, 0, unit])
      let back = span.reduced(span.expanded(small))
      for (a, b) in zip(back.values, small.values) { #expect(abs(a - b) <= 1e-5 * unit) }
    }
    let broken = LinearClassifier(classCount: 1, featureCount: 3, values: [1, .nan, 0, 1])
    #expect(span.expanded(broken).values.prefix(5).allSatisfy { $0.isNaN })
  }
}
