import Files
import TensorCore
import Testing
import Training

@Suite struct `Prepared pictures` {
  private struct Broken: Error {}

  @Test func `a part is held out by the seed and nothing is lost`() {
    let pictures = PreparedPictures(
      Tensor(shape: [20, 1, 1, 1], (0..<20).map { Float($0) }), labels: Array(0..<20))
    let (rest, heldOut) = pictures.split(holdingOut: 0.25, seed: 1)
    #expect(rest.count == 15)
    #expect(heldOut.count == 5)
    #expect(pictures.split(holdingOut: 1e-9, seed: 1).heldOut.count == 1)
  }

  @Test func `pictures that cannot be read are left out and named`() throws {
    for memory in [0, PreparedPictures.usualMemory] {
      let pictures = try PreparedPictures(count: 100, shape: [1, 2, 2], memory: memory) { index in
        guard index % 10 != 3 else { throw FileError(.malformed, "\(index).png", "is broken") }
        return (Tensor(shape: [1, 2, 2], repeating: Float(index)), index)
      }
      // Pictures that stay in their files are only read when they are needed.
      #expect(pictures.count == (memory == 0 ? 100 : 90))
      #expect(
        pictures.failures.map(\.file)
          == (memory == 0 ? [] : (0..<10).map { "\($0)3.png".replacing(/^0/, with: "") }))
    }
  }

  @Test func `no picture at all is an error, and a programmer's error is passed on`() {
    #expect(throws: FileError(.malformed, "a.png", "is broken")) {
      try PreparedPictures(count: 2, shape: [1, 1, 1]) { _ in
        throw FileError(.malformed, "a.png", "is broken")
      }
    }
    #expect(throws: Broken.self) {
      try PreparedPictures(count: 2, shape: [1, 1, 1]) { _ in throw Broken() }
    }
  }

  @Test func `a picture of another shape is said to be one`() {
    #expect(
      throws: FileError(
        .malformed, "picture 0", "expected [1, 2, 2] after preprocessing, found [1, 2, 3]")
    ) {
      try PreparedPictures(count: 1, shape: [1, 2, 2]) { _ in
        (Tensor(shape: [1, 2, 3], repeating: 0), 0)
      }
    }
  }
}
