import Datasets
import Images
import TestSupport
import Testing

/// Pictures whose red is their index.
private struct Numbered: Dataset {
  let count: Int
  let classNames = ["even", "odd"]

  func example(at index: Int) -> Example {
    Example(
      .picture(Image(width: 1, height: 1, pixels: [UInt8(index), 0, 0, 255])), label: index % 2,
      source: "\(index)")
  }

  func label(at index: Int) -> Int? { index % 2 }
}

@Suite struct `Chosen examples` {
  @Test func `are those of the whole`() throws {
    let chosen = ChosenExamples(of: Numbered(count: 9), [7, 2, 5])
    #expect(chosen.count == 3)
    #expect(chosen.classNames == ["even", "odd"])
    #expect(try (0..<3).map { try chosen.source(at: $0) } == ["7", "2", "5"])
    #expect(try (0..<3).map { try chosen.label(at: $0) } == [1, 0, 1])
    #expect(try chosen.example(at: 1).source == "2")
  }

  @Test func `are parted without a common one, in the whole's order`() throws {
    let order = [7, 2, 5, 0, 8, 1]
    let whole = ChosenExamples(of: Numbered(count: 9), order)
    let (first, rest) = (whole.prefix(2), whole.dropFirst(2))
    #expect(try (0..<first.count).map { try first.source(at: $0) } == ["2", "7"])
    #expect(try (0..<rest.count).map { try rest.source(at: $0) } == ["0", "1", "5", "8"])
    #expect(whole.prefix(100).count == 6 && whole.dropFirst(100).count == 0)
  }
}
