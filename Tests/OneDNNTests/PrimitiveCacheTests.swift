import OneDNN
import TensorCore
import Testing

@Suite struct `The cache of primitives` {
  @Test(arguments: 0..<20)
  func `keeps what was used last`(seed: Int) {
    var entries = RecentlyUsed<Int, Int>(capacity: 5)
    // The same as a list, the least recently used first.
    var slow: [Int] = []
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<300 {
      let key = Int.random(in: 0..<9, using: &generator)
      if let position = slow.firstIndex(of: key) {
        #expect(entries.use(key) == -key)
        slow.remove(at: position)
      } else {
        #expect(entries.use(key) == nil)
        let evicted = slow.count == 5 ? slow.removeFirst() : nil
        #expect(entries.insert(-key, for: key) == evicted.map { -$0 })
      }
      slow.append(key)
    }
  }

  private func addition(_ count: Int) -> PrimitiveDescription { .binary(.add, [count], [count]) }

  @Test func `evicts the least recently used`() throws {
    let cache = PrimitiveCache(capacity: 2)
    weak var first = try cache.primitive(for: addition(1))
    weak var second = try cache.primitive(for: addition(2))
    #expect(first != nil && second != nil)
    #expect(try cache.primitive(for: addition(1)) === first)
    let third = try cache.primitive(for: addition(3))
    #expect(first != nil && second == nil)
    #expect(try cache.primitive(for: addition(3)) === third)
    #expect(try cache.primitive(for: addition(1)) === first)
  }

  @Test func `leaves evicted primitives to those who use them`() throws {
    let cache = PrimitiveCache(capacity: 1)
    let held = try cache.primitive(for: addition(4))
    #expect(try cache.primitive(for: addition(5)) !== held)
    #expect(try cache.primitive(for: addition(4)) !== held)
    #expect(try sum(held, [1, 2, 3, 4]) == [2, 4, 6, 8])
  }

  /// Every task evicts what the others have just asked for.
  @Test func `serves tasks that share too little room`() async throws {
    let cache = PrimitiveCache(capacity: 2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<200 {
            let numbers = (0...(task + round) % 6).map(Float.init)
            let primitive = try cache.primitive(for: addition(numbers.count))
            #expect(try sum(primitive, numbers) == numbers.map { 2 * $0 })
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// The order is the same one for a primitive that was created again, so that weights are not
  /// arranged twice.
  @Test func `gives arrangements that outlive it`() throws {
    let cache = PrimitiveCache(capacity: 1)
    let convolution = PrimitiveDescription.convolution(
      ConvolutionDescription(
        source: [1, 64, 14, 14], filters: [64, 64, 3, 3], destination: [1, 64, 12, 12],
        stride: [1, 1], dilation: [1, 1], paddingBefore: [0, 0], paddingAfter: [0, 0], groups: 1),
      .forward(bias: false, Finish()))
    weak var first = try cache.primitive(for: convolution)
    let arrangement = try #require(first?.weightsArrangement)
    _ = try cache.primitive(for: addition(1))
    #expect(first == nil)
    let again = try cache.primitive(for: convolution)
    #expect(again.weightsArrangement?.order == arrangement.order)
    let weights = (0..<(64 * 64 * 9)).map { Float($0 % 101) }
    var arranged = [Float](repeating: 0, count: (arrangement.bytes + 3) / 4)
    var restored = [Float](repeating: -1, count: weights.count)
    try arranged.withUnsafeMutableBytes { target in
      try weights.withUnsafeBytes {
        if let from = $0.baseAddress, let to = target.baseAddress {
          try arrangement.arrange(from, into: to)
        }
      }
      try restored.withUnsafeMutableBytes {
        if let from = target.baseAddress, let to = $0.baseAddress {
          try arrangement.restore(from, into: to)
        }
      }
    }
    #expect(restored == weights)
  }

  @Test func `tells orders of different weights apart`() throws {
    func order(_ filters: Int) throws -> Arrangement.Order? {
      try Primitive.of(
        .convolution(
          ConvolutionDescription(
            source: [1, 32, 9, 9], filters: [filters, 32, 3, 3], destination: [1, filters, 7, 7],
            stride: [1, 1], dilation: [1, 1], paddingBefore: [0, 0], paddingAfter: [0, 0],
            groups: 1), .forward(bias: true, Finish()))
      ).weightsArrangement?.order
    }
    let orders = try [32, 64, 96].map(order)
    #expect(orders.allSatisfy { $0 != nil } && Set(orders).count == 3)
    #expect(try order(64) == orders[1])
  }

  /// `x + x`.
  private func sum(_ primitive: Primitive, _ numbers: [Float]) throws -> [Float] {
    var (x, result) = (numbers, numbers.map { _ in Float(0) })
    try x.withUnsafeMutableBytes { x in
      try result.withUnsafeMutableBytes { result in
        guard let x = x.baseAddress, let result = result.baseAddress else { return }
        try primitive(
          [(.source, x), (.secondSource, x), (.destination, result)], scratchpad: nil)
      }
    }
    return result
  }
}
