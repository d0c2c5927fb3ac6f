import Datasets
import Files
import TensorCore
import Testing
import Training

@Suite struct `Prepared pictures` {
  private struct Broken: Error {}

  @Test func `a part is held out by the seed and nothing is lost`() throws {
    let pictures = PreparedPictures(
      Tensor(shape: [20, 1, 1, 1], (0..<20).map { Float($0) }), labels: (0..<20).map { $0 % 4 })
    let (rest, heldOut) = try pictures.split(holdingOut: 0.25, seed: 1)
    #expect(rest.count == 15)
    #expect(heldOut.count == 5)
    // At least one of each class.
    #expect(try pictures.split(holdingOut: 1e-9, seed: 1).heldOut.count == 4)
    let single = PreparedPictures(
      Tensor(shape: [3, 1, 1, 1], repeating: 0), labels: [0, 1, 2])
    #expect(try single.split(holdingOut: 1e-9, seed: 1).heldOut.count == 1)
  }

  @Test func `each class has its share of the pictures that are held out`() {
    let labels = (0..<100).map { $0 < 90 ? 0 : $0 < 97 ? 1 : $0 < 99 ? 2 : 3 }
    for seed in 0..<20 as Range<UInt64> {
      var (random, again) = (SeededGenerator(seed: seed), SeededGenerator(seed: seed))
      let tested = heldOut(labels, count: 20, using: &random)
      #expect(tested == heldOut(labels, count: 20, using: &again))
      #expect(tested == Set(tested).sorted())
      let counts = (0..<4).map { label in tested.count { labels[$0] == label } }
      // 18, 1.4 and 0.4 would be their shares; the only picture of the last is trained on.
      #expect(counts == [18, 1, 1, 0])
    }
    var random = SeededGenerator(seed: 1)
    #expect(heldOut([0, 1, 2], count: 1, using: &random) == [])
    #expect(heldOut([], count: 0, using: &random) == [])
    #expect(heldOut([0, 0, 1, 1], count: 4, using: &random).count == 2)
  }

  @Test func `pictures that cannot be read are left out and named`() throws {
    let arrays = MadeArrays(count: 100) { index in
      guard index % 10 != 3 else { throw FileError(.malformed, "\(index).png", "is broken") }
      return Tensor(shape: [1, 2, 2], repeating: Float(index))
    }
    for memory in [0, PreparedPictures.usualMemory] {
      let pictures = try PreparedPictures(arrays, Self.plain, memory: memory)
      // Pictures that stay in their files are only read when they are needed.
      #expect(pictures.count == (memory == 0 ? 100 : 90))
      #expect(
        pictures.failures.map(\.file)
          == (memory == 0 ? [] : (0..<10).map { "\($0)3.png".replacing(/^0/, with: "") }))
    }
  }

  @Test func `no picture at all is an error, and a programmer's error is passed on`() {
    #expect(throws: FileError(.malformed, "a.png", "is broken")) {
      let arrays = MadeArrays(count: 2) { _ in throw FileError(.malformed, "a.png", "is broken") }
      return try PreparedPictures(arrays, Self.plain)
    }
    #expect(throws: Broken.self) {
      try PreparedPictures(MadeArrays(count: 2) { _ in throw Broken() }, Self.plain)
    }
  }

  @Test func `a picture of another shape is said to be one`() {
    #expect(
      throws: FileError(
        .malformed, "array 0",
        "expected an array of [1, 2, 2], as the network takes it, found [1, 2, 3]")
    ) {
      try PreparedPictures(
        MadeArrays(count: 1) { _ in Tensor(shape: [1, 2, 3], repeating: 0) }, Self.plain)
    }
  }

  private static let plain = Preprocessing(input: [1, 2, 2])
}

/// Arrays that are made when they are asked for, with their index as class.
struct MadeArrays: Dataset {
  let count: Int
  var classCount: Int?
  let make: @Sendable (Int) throws -> Tensor

  init(count: Int, classes: Int? = nil, make: @escaping @Sendable (Int) throws -> Tensor) {
    (self.count, classCount, self.make) = (count, classes, make)
  }

  var classNames: [String] { (0..<(classCount ?? count)).map(String.init) }

  func label(at index: Int) -> Int? { index % (classCount ?? count) }

  func example(at index: Int) throws -> Example {
    Example(.array(try make(index)), label: label(at: index), source: "array \(index)")
  }
}
