import Datasets
import Files
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Reading batches` {
  /// Grey pictures of one pixel; some are broken, some have no class.
  private struct Pixels: Dataset {
    let count = 40
    let classNames = ["even", "odd"]

    func label(at index: Int) -> Int? { index % 5 == 4 ? nil : index % 2 }

    func example(at index: Int) throws -> Example {
      guard index % 7 != 3 else { throw FileError(.malformed, "\(index).png", "is broken") }
      let level = UInt8(index)
      return Example(
        .picture(Image(width: 1, height: 1, pixels: [level, level, level, 255])),
        label: label(at: index), source: "\(index).png")
    }
  }

  private let preprocessing = Preprocessing(input: [1, 1, 1], scale: 1)
  private let order = Array((0..<40).reversed())

  @Test func `pictures, labels and indices stay together around those that fail`() throws {
    let batch = try BatchReader(Pixels(), preprocessing).batch(order)
    let kept = order.filter { $0 % 7 != 3 }
    #expect(batch.indices == kept)
    #expect(batch.images.shape == [kept.count, 1, 1, 1])
    #expect(batch.images.elements == kept.map(Float.init))
    #expect(batch.labels == kept.map { $0 % 5 == 4 ? nil : $0 % 2 })
    #expect(batch.failures.map(\.file) == order.filter { $0 % 7 == 3 }.map { "\($0).png" })
  }

  @Test func `pictures without a class fail where classes are needed`() throws {
    let batch = try BatchReader(Pixels(), preprocessing, needsLabels: true).batch(order)
    #expect(batch.indices == order.filter { $0 % 7 != 3 && $0 % 5 != 4 })
    #expect(batch.failures.contains(FileError(.malformed, "4.png", "has no class label")))
    #expect(batch.failures.contains(FileError(.malformed, "3.png", "is broken")))
  }

  @Test func `bytes without labels fail by their names where classes are needed`() throws {
    try withTemporaryFolder { folder in
      try write(idx([2, 1, 1], [7, 8]), folder + "/images-idx3-ubyte")
      let reader = BatchReader(
        try openDataset(folder + "/images-idx3-ubyte"), preprocessing, needsLabels: true)
      #expect(
        try reader.batch([1]).failures
          == [FileError(.malformed, "images-idx3-ubyte #1", "has no class label")])
    }
  }

  @Test func `a batch of which nothing could be read is empty`() throws {
    let batch = try BatchReader(Pixels(), preprocessing).batch([3, 10])
    #expect(batch.images.shape == [0, 1, 1, 1] && batch.labels.isEmpty)
    #expect(batch.failures.count == 2)
  }

  @Test func `values come in order, and an error ends them`() throws {
    struct Enough: Error {}
    for count in [0, 1, 2, 9] {
      var seen: [Int] = []
      try forEachPrefetched(count) {
        $0 * $0
      } _: {
        seen.append($0)
      }
      #expect(seen == (0..<count).map { $0 * $0 })
    }
    var seen: [Int] = []
    #expect(throws: Enough.self) {
      try forEachPrefetched(5) { position in
        guard position < 3 else { throw Enough() }
        return position
      } _: {
        seen.append($0)
      }
    }
    #expect(seen == [0, 1, 2])
  }
}
