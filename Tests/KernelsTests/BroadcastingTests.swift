import Foundation
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct `Broadcasting` {
  @Test func `aligns at the last axis, as NumPy`() {
    #expect(broadcastShape([[3, 4], [4]]) == [3, 4])
    #expect(broadcastShape([[2, 1, 5], [3, 1], [1]]) == [2, 3, 5])
    #expect(broadcastShape([[], [2, 0]]) == [2, 0])
    #expect(broadcastShape([[2, 1], [0]]) == [2, 0])
    #expect(broadcastShape([[2, 3], [2]]) == nil)
  }

  private func reference(_ function: ArithmeticFunction) -> ([Double]) -> Double {
    switch function {
    case .add: { $0[0] + $0[1] }
    case .subtract: { $0[0] - $0[1] }
    case .multiply: { $0[0] * $0[1] }
    case .divide: { $0[0] / $0[1] }
    case .power: { pow($0[0], $0[1]) }
    case .minimum: { min($0[0], $0[1]) }
    case .maximum: { max($0[0], $0[1]) }
    case .mean: { ($0[0] + $0[1]) / 2 }
    }
  }

  /// Small shapes are computed by loops, large ones by oneDNN.
  @Test(arguments: ArithmeticFunction.allCases, 0..<24)
  func `arithmetic agrees with its formula`(function: ArithmeticFunction, seed: Int) throws {
    var shapes = RandomShapes(seed: seed)
    let whole =
      seed % 3 == 0 ? Shape([3, 40, 6, 7]) : shapes.shape(longest: seed % 3 == 1 ? 4 : 9)
    let (first, second) = (whole, shapes.companion(of: whole))
    let mixed = seed % 5 == 0 ? shapes.companion(of: whole) : first
    // Positive numbers, for which powers and quotients are defined.
    let a = Tensor.random(mixed, seed: seed).map { abs($0) + 0.5 }.arranged(bySeed: seed)
    let b = Tensor.random(second, seed: seed + 1).map { abs($0) + 0.5 }.arranged(bySeed: seed / 2)
    for (x, y) in [(a, b), (b, a)] {
      let shape = try #require(broadcastShape([x.shape, y.shape]))
      let result = combine(x, y, function)
      #expect(result.shape == shape)
      expectClose(
        result.elements, Slow.broadcast([x, y], to: shape, reference(function)),
        relative: 1e-5, "\(function) of \(x.shape) and \(y.shape)")
    }
  }

  @Test(arguments: [Shape([1, 64, 1, 1]), [4, 64, 1, 1], [64, 1, 1], [], [4, 1, 8, 8]])
  func `by channel, picture or position keeps the order in memory`(second: Shape) {
    let a = Tensor.random([4, 64, 8, 8], seed: 1).arranged(as: .channelsLast)
    let b = Tensor.random(second, seed: 2)
    let result = combine(a, b, .multiply)
    #expect(result.layout == .channelsLast)
    expectClose(
      result.elements, Slow.broadcast([a, b], to: a.shape) { $0[0] * $0[1] },
      relative: 1e-6)
  }

  @Test func `works in place where nobody else holds the numbers, and nowhere else`() {
    let b = Tensor.random([1, 40, 1, 1], seed: 2)
    let held = Tensor.random([2, 40, 9, 9], seed: 1).arranged(as: .channelsLast)
    let before = held.elements
    let expected = combine(held, b, .add)
    #expect(held.elements == before)
    let own = Tensor.random([2, 40, 9, 9], seed: 1).arranged(as: .channelsLast)
    let place = own.withUnsafeElements { $0.baseAddress }
    let result = combine(consume own, b, .add)
    #expect(result.withUnsafeElements { $0.baseAddress } == place)
    #expect(result.elements == expected.elements)
  }

  @Test(arguments: ComparisonFunction.allCases, 0..<6)
  func `comparisons agree with their definition`(function: ComparisonFunction, seed: Int) throws {
    var shapes = RandomShapes(seed: seed)
    let whole = shapes.shape()
    let a = Tensor.integers(whole, 0...2, seed: seed).arranged(bySeed: seed)
    let b = Tensor.integers(shapes.companion(of: whole), 0...2, seed: seed + 1)
    let holds: ([Double]) -> Bool =
      switch function {
      case .less: { $0[0] < $0[1] }
      case .greater: { $0[0] > $0[1] }
      case .equal: { $0[0] == $0[1] }
      case .lessOrEqual: { $0[0] <= $0[1] }
      case .greaterOrEqual: { $0[0] >= $0[1] }
      case .and: { $0[0] != 0 && $0[1] != 0 }
      case .or: { $0[0] != 0 || $0[1] != 0 }
      }
    expectClose(
      compare(a, b, function).elements,
      Slow.broadcast([a, b], to: whole) { holds($0) ? 1 : 0 })
  }

  @Test(arguments: 0..<12)
  func `a selection takes from either side`(seed: Int) throws {
    var shapes = RandomShapes(seed: seed)
    let whole = shapes.shape()
    let condition = Tensor.integers(shapes.companion(of: whole), 0...1, seed: seed)
    let a = Tensor.random(shapes.companion(of: whole), seed: seed + 1).arranged(bySeed: seed)
    let b = Tensor.random(shapes.companion(of: whole), seed: seed + 2).arranged(bySeed: seed / 2)
    let shape = try #require(broadcastShape([condition.shape, a.shape, b.shape]))
    let result = select(condition, a, b)
    #expect(result.shape == shape)
    expectClose(
      result.elements,
      Slow.broadcast([condition, a, b], to: shape) { $0[0] != 0 ? $0[1] : $0[2] })
  }

  /// `⟨expand(x), y⟩ = ⟨x, sum(y)⟩`.
  @Test(arguments: 0..<16)
  func `sums are the transpose of repetitions`(seed: Int) {
    var shapes = RandomShapes(seed: seed)
    let whole = shapes.shape()
    let x = Tensor.random(shapes.companion(of: whole), seed: seed).arranged(bySeed: seed)
    let y = Tensor.random(whole, seed: seed + 1).arranged(bySeed: seed / 2)
    let (repeated, summed) = (expand(x, to: whole), sum(y, to: x.shape))
    #expect(repeated.shape == whole && summed.shape == x.shape)
    expectClose(repeated.elements, Slow.broadcast([x], to: whole) { $0[0] })
    #expect(abs(repeated.dot(y) - x.dot(summed)) < 1e-4)
  }

  @Test func `a slope bends where numbers are negative`() {
    let x = Tensor.random([2, 3, 4, 5], seed: 1).arranged(as: .channelsLast)
    let slope = Tensor(shape: [3, 1, 1], [0.1, 0.5, -2])
    expectClose(
      rectify(x, slope: slope).elements,
      Slow.broadcast([x, slope], to: x.shape) { $0[0] < 0 ? $0[0] * $0[1] : $0[0] },
      relative: 1e-6)
  }
}
