import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Responses of units` {
  /// A network whose units are the channels of its pictures, rectified.
  private func network(_ units: Int) throws -> Network {
    var sketch = NetworkSketch([units, 1, 2], seed: 0)
    try sketch.add("relu", Activation.relu)
    return try sketch.network()
  }

  /// - Parameter values: For each unit, its activation in each picture, at the second position; the
  ///   first has half of it.
  private func scan(_ values: [[Float]], perPicture: Int = 1) throws -> TopActivationFinding {
    let network = try network(values.count)
    let scan = TopActivationScan(network, layers: ["relu"], perPicture: perPicture)
    let pictures = values[0].indices.flatMap { picture in
      values.flatMap { [$0[picture] / 2, $0[picture]] }
    }
    let images = Tensor(shape: Shape([values[0].count, values.count, 1, 2]), pictures)
    for start in stride(from: 0, to: values[0].count, by: 5) {
      let range = start..<min(start + 5, values[0].count)
      scan.observe(network.record(images.rows(range)), pictures: Array(range))
    }
    return scan.findings()[0]
  }

  @Test(arguments: [1, 2])
  func `have the sparseness of their maxima`(perPicture: Int) throws {
    var random = RandomShapes(seed: 9)
    let values = (0..<6).map { unit in
      (0..<23).map { _ in
        unit == 0 ? Float(2) : max(0, Float(random.pick(-30...30)) + 6 * Float(unit)) - 1
      }
    }
    let finding = try scan(values, perPicture: perPicture)
    for (unit, row) in values.enumerated() {
      let rectified = row.map { Double(max($0, 0)) }
      let (mean, square) = (
        rectified.reduce(0, +) / 23, rectified.reduce(0) { $0 + $1 * $1 } / 23
      )
      let expected = (1 - mean * mean / square) / (1 - 1 / 23)
      expectClose([finding.responses[unit].sparseness], [expected], relative: 1e-5)
    }
    #expect(
      finding.responses.map { $0.isAlwaysActive } == [true]
        + values.dropFirst().map { $0.allSatisfy { $0 > 0 } })
  }

  @Test func `choose units that are selective, strong, and different`() throws {
    // Sixty pictures, of which a unit likes some, and is a little active in all others.
    func likes(_ liked: Range<Int>, _ strength: Float, background: Float = 0.5) -> [Float] {
      (0..<60).map { liked.contains($0) ? strength : background - (($0 % 2 == 0) ? 0.6 : 0) }
    }
    let values: [[Float]] = [
      (0..<60).map { _ in -1 },  // dead
      (0..<60).map { 20 + Float($0) },  // always active
      likes(0..<9, 40),
      likes(0..<9, 36),  // the same pictures, a little less selective
      likes(20..<29, 30),
      likes(40..<49, 0.7, background: 0.4),  // weak
      likes(30..<40, 28, background: 10),  // hardly selective
    ]
    let finding = try scan(values)
    #expect(finding.dead == [0])
    #expect(
      finding.responses.map(\.isAlwaysActive) == [false, true] + Array(repeating: false, count: 4)
        + [true])
    #expect(finding.selectiveUnits(1) == [2])
    #expect(finding.selectiveUnits(2) == [2, 4])
    #expect(finding.selectiveUnits(3) == [2, 3, 4])
    // The first of some is the first of all that is among them.
    #expect(finding.selectiveUnits(1, among: [2, 3, 4]) == [2])
    #expect(finding.selectiveUnits(1, among: [5, 4, 0]) == [4])
    #expect(finding.selectiveUnits(2, among: [0, 1]).isEmpty)
    // Then the weak one; never what is dead or always active.
    #expect(finding.selectiveUnits(99) == [2, 3, 4, 5])
  }

  @Test func `of a data set of one picture say nothing`() throws {
    let finding = try scan([[1], [2]])
    #expect(finding.responses.map(\.sparseness) == [0, 0])
  }
}
