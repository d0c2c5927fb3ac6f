import Analysis
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Selections of units` {
  /// Ten units in `conv`, four named ones in `scores`.
  private static func network() throws -> Network {
    var sketch = NetworkSketch([1, 4, 4], seed: 0)
    try sketch.convolution("conv", filters: 10, Convolution(3))
    try sketch.add("flat", Flatten())
    try sketch.linear("scores", outputs: 4)
    return try sketch.network()
  }

  private static let names = ClassNames(["cat", "dog, hound", "16", "7-segment"], count: 4)

  private func units(
    _ text: String, of layer: String = "conv", strengths: [Float] = []
  ) throws -> [Int] {
    try UnitSelection(text).units(
      of: layer, in: Self.network(), names: layer == "scores" ? Self.names : nil
    ) { strengths }
  }

  @Test(arguments: [
    ("5", [5]), ("5,", [5]), (" 0, 5 ,3", [0, 5, 3]), ("8-9,0", [8, 9, 0]),
    ("3,1-4,3", [3, 1, 2, 4]),
    ("even:3", [0, 3, 6]), ("even:10", Array(0..<10)), ("even:99", Array(0..<10)),
  ])
  func `are numbers, ranges or evenly spread`(text: String, expected: [Int]) throws {
    #expect(try units(text) == expected)
  }

  @Test func `the strongest come first, those that are no number last`() throws {
    let strengths: [Float] = [1, .nan, 5, 5, -.infinity, 9, 0, 0, 0, 0]
    #expect(try units("strongest:4", strengths: strengths) == [5, 2, 3, 0])
    #expect(try units("strongest:99", strengths: strengths).count == 10)
  }

  @Test(arguments: [
    ("dog,cat", [1, 0]), ("dog, hound", [1]), ("HOUND", [1]), ("3,cat", [3, 0]), ("2", [2]),
    ("7-segment", [3]),
  ])
  func `classes have names`(text: String, expected: [Int]) throws {
    #expect(try units(text, of: "scores") == expected)
  }

  @Test(arguments: [
    ("10", "no unit 10 in layer 'conv': it has 10, from 0 on; for a number of units say 'even:10'"),
    ("0,12", "no unit 12 in layer 'conv': it has 10, from 0 on"),
    ("7-12", "no unit 10 in layer 'conv': it has 10, from 0 on"),
    ("cat", "no unit 'cat' in layer 'conv': only classes have names"),
  ])
  func `what a layer does not have is an error`(text: String, message: String) throws {
    #expect(throws: SelectionError(message)) { try units(text) }
  }

  @Test func `selective ones need responses to a data set`() throws {
    let selection = try UnitSelection("selective:3")
    #expect(selection.selectiveCount == 3 && selection.strongestCount == nil)
    let network = try Self.network()
    let message =
      "'selective:3' needs the responses to a data set, which only patches, unit and evolution have; "
      + "'strongest:16' is for every figure"
    #expect(throws: SelectionError(message)) {
      try selection.check(["conv"], in: network) { _ in nil }
    }
    try selection.check(["conv"], in: network, hasResponses: true) { _ in nil }
  }

  @Test(arguments: [
    "", " ", ",", "even:0", "even:-1", "strongest:", "selective:0", "most:3", "9-3",
    "1-99999999999999999999",
  ])
  func `other texts are an error at once`(text: String) {
    #expect(
      throws: SelectionError(
        "expected units such as 0,5,17 or 8-15, names of classes, strongest:16, even:16 or "
          + "selective:16, found '\(text)'")
    ) { try UnitSelection(text) }
  }
}
