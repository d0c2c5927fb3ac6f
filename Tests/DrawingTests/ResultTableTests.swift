import Drawing
import TensorCore
import TestSupport
import Testing

@Suite struct `Tables of results` {
  @Test(arguments: 0..<25) func `keep everything apart and inside`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), path: 31)
    let columns = Int(random.uniform(1...6.99))
    let table = ResultTable(
      heads: (0..<columns).map { _ in randomText(&random, words: 6) },
      rows: (0..<Int(random.uniform(0...8))).map { _ in
        (0..<columns).map { _ in randomText(&random, words: 4) }
      }, bold: [0])
    try expectTidy(table)
  }

  @Test func `align text on the left and numbers on the right`() {
    let table = ResultTable(
      heads: ["Network", "Error"], rows: [["a", "1.00 %"], ["longer", "11.00 %"]])
    func frame(_ text: String) -> Rectangle? {
      table.parts.first { ($0.content as? Text)?.lines == [text] }?.frame
    }
    #expect(frame("a")?.x == 0 && frame("longer")?.x == 0)
    #expect(frame("1.00 %").map { $0.maxX.rounded() } == frame("11.00 %").map { $0.maxX.rounded() })
  }
}
