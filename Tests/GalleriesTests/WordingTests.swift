import Galleries
import Testing

@Suite struct Wording {
  @Test(arguments: [
    (0.01, "1st"), (0.02, "2nd"), (0.03, "3rd"), (0.04, "4th"), (0.11, "11th"), (0.12, "12th"),
    (0.13, "13th"), (0.21, "21st"), (0.92, "92nd"), (0.5, "50th"), (0.995, "99.5th"), (0, "0th"),
  ])
  func `percentiles are ordinals`(part: Double, ordinal: String) {
    #expect(percentileText(part) == "\(ordinal) percentile")
  }
}
