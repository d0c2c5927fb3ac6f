import Drawing
import Foundation
import TensorCore
import Testing

@Suite struct `Tick marks` {
  @Test(arguments: 0..<200) func `are round, even, inside the range and near both ends`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let start = random.uniform(-1...1) * pow(10, random.uniform(-6...6))
    let span = pow(10, random.uniform(-6...6))
    let range = start...(start + span)
    let count = Int(random.uniform(2...12))
    let ticks = Ticks.linear(in: range, about: count)
    #expect(ticks.values.count <= count + 1)
    #expect(ticks.labels.count == ticks.values.count)
    guard ticks.values.count >= 2 else {
      // The next larger step may leave one tick, but never if four were requested.
      #expect(count < 4)
      return
    }
    let step = ticks.values[1] - ticks.values[0]
    // A step of a millionth of the numbers themselves is close to the precision of doubles.
    let slack = 1e-6 * span + 1e-15 * abs(start)
    for (a, b) in zip(ticks.values, ticks.values.dropFirst()) {
      #expect(abs(b - a - step) < slack)
    }
    #expect(ticks.values[0] - range.lowerBound < step + slack)
    #expect(ticks.values[0] >= range.lowerBound - slack)
    #expect(range.upperBound - ticks.values[ticks.values.count - 1] < step + slack)
    #expect(ticks.values[ticks.values.count - 1] <= range.upperBound + slack)
    let mantissa = step / pow(10, log10(step * (1 + 1e-9)).rounded(.down))
    #expect([1, 2, 5].contains { abs($0 - mantissa) < 1e-3 }, "step \(step)")
    #expect(Set(ticks.labels).count == ticks.labels.count, "\(ticks.labels)")
  }

  @Test func `are labelled with equal decimals`() {
    #expect(Ticks.linear(in: -0.5...0.5, about: 4).labels == ["−0.5", "0", "0.5"])
    #expect(Ticks.linear(in: 0...1, about: 5).labels == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Ticks.linear(in: 0...40_000, about: 4).labels[1] == "10,000")
    #expect(
      Ticks.linear(in: 0...1e-5, about: 2).labels == ["0", "0.5 × 10⁻⁵", "1.0 × 10⁻⁵"])
    #expect(
      Ticks.linear(in: 0...1, about: 2, format: .percent).labels == ["0 %", "50 %", "100 %"])
    #expect(Ticks.linear(in: 0.4...3.6, about: 20, format: .count).labels == ["1", "2", "3"])
  }

  @Test func `of angles are parts of a turn`() {
    func labels(_ range: ClosedRange<Double>, about count: Int) -> [String] {
      Ticks.linear(in: range, about: count, format: .degrees).labels
    }
    #expect(labels(0...360, about: 5) == ["0°", "90°", "180°", "270°", "360°"])
    #expect(labels(-180...180, about: 2) == ["−180°", "0°", "180°"])
    #expect(labels(10...80, about: 6) == ["15°", "30°", "45°", "60°", "75°"])
    #expect(labels(0...4, about: 2) == ["0°", "2°", "4°"])
  }

  @Test func `on a logarithmic scale are powers of ten, with twos and fives where few`() {
    #expect(Ticks.logarithmic(in: 0.001...100, about: 6).labels.first == "0.001")
    #expect(Ticks.logarithmic(in: 0.001...100, about: 6).values.count == 6)
    #expect(Ticks.logarithmic(in: 0.09...2.1, about: 6).labels == ["0.1", "0.2", "0.5", "1", "2"])
    #expect(Ticks.logarithmic(in: 3...4, about: 4).values.count >= 2)
    #expect(Ticks.logarithmic(in: 1e-30...1, about: 5).values.count <= 6)
    #expect(Ticks.logarithmic(in: 6e-13...6e12, about: 1).values.allSatisfy { $0 > 0 })
  }

  @Test(arguments: [0...0, 1...1, 0...Double.infinity, -Double.greatestFiniteMagnitude...1e308])
  func `exist for degenerate ranges`(range: ClosedRange<Double>) {
    #expect(!Ticks.linear(in: range, about: 5).values.isEmpty)
  }
}
