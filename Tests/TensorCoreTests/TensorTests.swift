import TensorCore
import TestSupport
import Testing

@Suite struct `Tensor values` {
  @Test func `a copy does not see later writes`() {
    let original = Tensor(shape: [2], [1, 2])
    var copy = original
    copy.withUnsafeMutableElements { $0[0] = 9 }
    #expect(original.elements == [1, 2])
    #expect(copy.elements == [9, 2])
  }

  @Test(arguments: [
    [2, 3, 4, 5], [1, 40, 33, 37], [3, 1, 2, 2], [2, 5, 1, 1], [2, 3, 4], [4, 6],
  ])
  func `another order in memory names the same elements`(extents: [Int]) {
    let tensor = Tensor.random(Shape(extents), seed: 1)
    let arranged = tensor.arranged(as: .channelsLast)
    #expect(arranged.elements == tensor.elements)
    #expect(arranged.arranged(as: .rowMajor).elements == tensor.elements)
    // Whatever the rank: the second axis varies fastest.
    let (c, positions) = (extents[1], extents.dropFirst(2).reduce(1, *))
    let elements = tensor.elements
    let expected = (0..<tensor.count).map { index -> Float in
      let (channel, rest) = (index % c, index / c)
      let (position, image) = (rest % positions, rest / positions)
      return elements[(image * c + channel) * positions + position]
    }
    #expect(arranged.withUnsafeElements { Array($0) } == expected)
  }

  @Test(arguments: [Layout.rowMajor, .channelsLast])
  func `rows come apart and together`(layout: Layout) {
    let tensor = Tensor.random([5, 3, 4, 2], seed: 2).arranged(as: layout)
    let parts = [tensor.rows(0..<2), tensor.rows(2..<5)]
    #expect(parts[0].shape == [2, 3, 4, 2])
    #expect(Tensor(concatenatingRows: parts).elements == tensor.elements)
  }

  @Test func `elementwise operations meet across layouts`() {
    let a = Tensor.random([2, 3, 4, 5], seed: 3)
    let b = Tensor.random([2, 3, 4, 5], seed: 4)
    #expect((a.arranged(as: .channelsLast) + b).elements == (a + b).elements)
  }
}

@Suite struct `The greatest row sum` {
  @Test(arguments: [
    [1], [7], [3, 5], [4, 8, 3, 3], [70, 1000], [1, 70_000], [70_000, 1], [2, 3, 5, 5, 5], [0, 4],
    [4, 0],
  ])
  func `is an upper bound that lies close`(extents: [Int]) {
    for layout in [Layout.rowMajor, .channelsLast] {
      let x = Tensor.random(Shape(extents), seed: 1).map { $0 - 0.5 }.arranged(as: layout)
      let width = extents.dropFirst().reduce(1, *)
      let numbers = x.elements
      let expected =
        (0..<(width > 0 ? extents[0] : 0)).map { row in
          numbers[(row * width)..<((row + 1) * width)].reduce(0.0) { $0 + Double(abs($1)) }
        }.max() ?? 0
      let found = Double(x.greatestRowSum())
      #expect(found >= expected && found <= expected * 1.000_001 + 1e-40, "\(found), \(expected)")
    }
  }

  @Test(arguments: [0, 8, 100, 1023]) func `is infinite where there is NaN`(index: Int) {
    var numbers = [Float](repeating: -1, count: 1024)
    numbers[index] = .nan
    #expect(Tensor(shape: [2, 512], numbers).greatestRowSum() == .infinity)
    numbers[index] = -.infinity
    #expect(Tensor(shape: [2, 512], numbers).greatestRowSum() == .infinity)
  }
}

@Suite struct `Seeded generator` {
  @Test func `the same seed and path give the same numbers, others do not`() {
    func first(_ seed: UInt64, _ a: Int, _ b: Int) -> [UInt64] {
      var generator = SeededGenerator(seed: seed, path: a, b)
      return (0..<4).map { _ in generator.next() }
    }
    #expect(first(1, 2, 3) == first(1, 2, 3))
    var seen: Set<[UInt64]> = []
    for seed in 0..<4 as Range<UInt64> {
      for a in 0..<10 { for b in 0..<10 { seen.insert(first(seed, a, b)) } }
    }
    #expect(seen.count == 400)
  }

  @Test func `uniform and normal numbers have their moments`() {
    var generator = SeededGenerator(seed: 5)
    let uniform = (0..<20000).map { _ in Double(generator.uniform()) }
    let normal = (0..<20000).map { _ in Double(generator.normal()) }
    func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    #expect(abs(mean(uniform) - 0.5) < 0.01)
    #expect(abs(mean(normal)) < 0.03)
    #expect(abs(mean(normal.map { $0 * $0 }) - 1) < 0.04)
  }
}
