import Networks
import Testing

@Suite struct `Nearest names` {
  private let names = ["conv1.weight", "conv1.bias", "conv2.weight", "fc5.weight"]

  @Test(arguments: [
    ("conv1.weigth", ["conv1.weight", "conv2.weight"]),
    ("Conv1.Bias", ["conv1.bias"]),
    ("classifier.7", []),
    ("", []),
  ])
  func `come nearest first and only if near`(name: String, expected: [String]) {
    #expect(nearestNames(to: name, among: names) == expected)
  }

  /// Two edits for up to eight characters, then one for every three.
  @Test(arguments: [
    ("relux", "relu"), ("moog", "mug"), ("mood", nil), ("abcdefgh", "abcdef"), ("abcdexyz", nil),
    ("abcdefxyz", "abcdef"), ("abcdexyzw", nil),
  ])
  func `are as near as their length allows`(name: String, expected: String?) {
    #expect(
      nearestNames(to: name, among: ["mug", "relu", "abcdef"]) == (expected.map { [$0] } ?? []))
  }
}
