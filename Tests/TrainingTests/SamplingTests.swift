import TensorCore
import Testing
import Training

@Suite struct Samplings {
  @Test func `a shuffled epoch has each picture once`() {
    let order = Sampling.shuffled.order([], count: 20, epoch: 3, seed: 1)
    #expect(order.map(\.position).sorted() == Array(0..<20))
    #expect(order.allSatisfy { $0.turn == 0 })
  }

  @Test(arguments: [1, 2, 3]) func `a balanced epoch has as many pictures of each class`(
    epoch: Int
  ) {
    // 14 of class 0, 5 of class 1, 1 of class 2, 2 without a class.
    let classes: [Int?] = (0..<22).map { $0 < 14 ? 0 : $0 < 19 ? 1 : $0 < 20 ? 2 : nil }
    let order = Sampling.balanced.order(classes, count: 22, epoch: epoch, seed: 1)
    #expect(order.count == 22)
    let counts = Dictionary(grouping: order) { classes[$0.position] }.mapValues(\.count)
    #expect(counts[nil] == nil)
    #expect(counts.values.sorted() == [7, 7, 8])
    for (position, uses) in Dictionary(grouping: order, by: \.position) {
      // No picture comes again before the others of its class, and each time is told apart.
      #expect(Set(uses.map(\.turn)) == Set(0..<uses.count))
      let peers = order.filter { classes[$0.position] == classes[position] }
      let numbers = classes.indices.filter { classes[$0] == classes[position] }.map { index in
        peers.count { $0.position == index }
      }
      #expect((numbers.max() ?? 0) - (numbers.min() ?? 0) <= 1)
    }
    #expect(order == Sampling.balanced.order(classes, count: 22, epoch: epoch, seed: 1))
    #expect(order != Sampling.balanced.order(classes, count: 22, epoch: epoch + 1, seed: 1))
  }

  @Test func `a picture that comes again is changed differently`() {
    let pictures = Tensor(shape: [2, 1, 4, 4], repeating: 0)
    func noise(_ turns: [Int]?) -> [Float] {
      Augmentation(noise: 0.5)(
        pictures, indices: [7, 7], turns: turns, epoch: 1, seed: 2, encoding: .plain(channels: 1)
      ).elements
    }
    let (plain, turned) = (noise(nil), noise([0, 1]))
    #expect(plain[..<16] == plain[16...])
    #expect(turned[..<16] == plain[..<16])
    #expect(Array(turned[16...]) != Array(plain[16...]))
  }
}
