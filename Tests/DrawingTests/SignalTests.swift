import Drawing
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Signals` {
  @Test(arguments: [(0, 4), (1, 1), (7, 3), (8, 8), (100, 7), (1000, 999), (5, 0)])
  func `are reduced to envelopes as a slow restatement says`(count: Int, most: Int) {
    var values = Tensor.random([max(count, 1)], seed: count).elements.prefix(count).map(\.self)
    for index in stride(from: 3, to: count, by: 17) { values[index] = .nan }
    for index in stride(from: 5, to: count, by: 31) { values[index] = -.infinity }
    let envelope = Envelope(of: values, most: most)
    #expect(envelope.least.count <= max(1, most))
    for step in envelope.least.indices {
      let own = values.indices.filter { $0 / envelope.every == step }.map { values[$0] }
      let finite = own.filter(\.isFinite)
      #expect(!own.isEmpty)
      #expect(envelope.hasGap[step] == (finite.count < own.count))
      #expect(finite.isEmpty ? envelope.least[step].isNaN : envelope.least[step] == finite.min())
      #expect(
        finite.isEmpty ? envelope.greatest[step].isNaN : envelope.greatest[step] == finite.max())
      let extreme = envelope.extremes[step]
      #expect(
        envelope.hasGap[step]
          ? extreme.isNaN : finite.allSatisfy { abs($0) <= abs(extreme) } && own.contains(extreme))
    }
    #expect(envelope.least.count == (count + envelope.every - 1) / envelope.every)
  }

  private func impulse(_ count: Int, at place: Int) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    values[place] = 1
    return values
  }

  /// Sample 48 of 128, or of a hundred times as many, in signals of other distances.
  private func stack(_ times: Int) -> SignalStack {
    let (length, sample) = (128 * times, 48 * times)
    let signals = [(1, 0), (4 * times, 0), (8 * times, -16 * times)].map { step, start in
      Signal(
        impulse((length - start) / step, at: (sample - start) / step), start: Double(start),
        step: Double(step))
    }
    return SignalStack(
      [.heading("What happens")]
        + signals.enumerated().map {
          .curves(
            name: "curve \($0)", detail: "", [$1], y: Axis(range: 0...1), height: 60)
        } + [
          .cells(
            signals.enumerated().map { SignalStack.Cells("\($0)", "1", $1, range: 0...1) }, .grey)
        ], x: Axis("sample", range: -0.5...(Double(length) - 0.5), format: .count), width: 640)
  }

  @Test(arguments: [1, 100])
  func `have what happens at one place in one column`(times: Int) throws {
    let stack = stack(times)
    try expectTidy(stack)
    let image = try stack.render()
    let column = stack.place(of: 48 * Double(times))
    func isShown(_ color: Color, _ x: Int, _ y: Int, tolerance: Int = 40) -> Bool {
      let (start, bytes) = (4 * (y * image.width + x), color.bytes)
      return zip(image.pixels[start...], [bytes.red, bytes.green, bytes.blue])
        .allSatisfy { abs(Int($0) - Int($1)) <= tolerance }
    }
    #expect(stack.areas.count == 4)
    for area in stack.areas.prefix(3) {
      // Near the upper end of the axis there is nothing but the peak.
      let columns = (Int(area.x)..<Int(area.maxX)).filter { x in
        (Int(area.y) + 4...Int(area.y) + 10).contains { isShown(Theme.accent, x, $0) }
      }
      let middle = Double(columns.reduce(0, +)) / Double(columns.count) + 0.5
      #expect(!columns.isEmpty && abs(middle - column) <= 1.5, "\(middle), not \(column)")
    }
    let rows = stack.areas[3]
    for row in 0..<3 {
      let y = Int(rows.y + (Double(row) + 0.5) * rows.height / 3)
      // What is outside a signal is light grey.
      let columns = (Int(rows.x)..<Int(rows.maxX)).filter { isShown(.white, $0, y, tolerance: 4) }
      let middle = Double(columns.reduce(0, +)) / Double(columns.count) + 0.5
      #expect(!columns.isEmpty && abs(middle - column) <= 1.5, "\(middle), not \(column)")
    }
  }

  @Test func `that are longer than the axis has room for show every peak`() throws {
    #expect(Signal(impulse(100_000, at: 3)).isReduced(width: 640))
    #expect(!Signal(impulse(1280, at: 3)).isReduced(width: 640))
    #expect(Signal([], step: 4).numbersPerColumn(width: 640, extent: 100) == 1)
    #expect(
      Signal(impulse(1000, at: 3), step: 1).numbersPerColumn(width: 100, extent: 1000) == 10)
    #expect(
      Signal(impulse(1000, at: 3), step: 0).numbersPerColumn(width: 100, extent: 1000) == 1)
  }

  @Test(.slow, arguments: 0..<20)
  func `fit into any stack`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), path: 77)
    func signal() -> Signal {
      let values = (0..<Int(random.uniform(0...3000))).map { _ in
        random.uniform() < 0.02 ? Float.nan : Float(randomNumber(&random))
      }
      return Signal(values, start: randomNumber(&random), step: Double(random.uniform(0...9)))
    }
    let panels = (0..<Int(random.uniform(1...6))).map { index -> SignalStack.Panel in
      switch index % 3 {
      case 0:
        .curves(
          name: randomText(&random, words: 4), detail: randomText(&random, words: 3), [signal()],
          y: Axis(), height: Double(random.uniform(40...90)))
      case 1: .heading(randomText(&random, words: 9) + ".")
      default:
        .cells(
          (0..<3).map { _ in
            SignalStack.Cells(randomText(&random, words: 5), "12", signal(), range: -1...1)
          }, .blueWhiteRed)
      }
    }
    let stack = SignalStack(
      panels + [.curves(name: "last", detail: "", [signal()], y: Axis(), height: 50)],
      x: Axis("sample", range: -0.5...2999.5, format: .count), width: 400)
    try expectTidy(stack)
    _ = try stack.render()
  }

  @Test func `in small plots keep their areas in columns`() throws {
    let cells = (0..<7).map { index in
      [
        SignalPlot(
          title: "\(index)", [Signal([0, pow(10, Float(index)), .nan])],
          x: Axis("tap", format: .count), y: Axis(), area: Size(width: 120, height: 60)),
        SignalPlot(
          [Signal([1, 2])], x: Axis("f"), y: Axis("|H|"), area: Size(width: 120, height: 40)),
      ]
    }
    let grid = SignalPlotGrid(cells, maximumWidth: 700)
    try expectTidy(grid)
    #expect(grid.size.width <= 700 && grid.columns > 1)
    let starts = zip(grid.parts, cells.joined()).map { part, plot in part.frame.x + plot.area.x }
    #expect(Set(starts).count == grid.columns)
  }

  @Test func `of pictures in a table have one size`() throws {
    let cell = PictureTable.Cell(
      Image(width: 4, height: 3, red: 9, green: 9, blue: 9, alpha: 255), caption: "a caption")
    let table = PictureTable(
      [[cell, nil, cell], [cell, cell]], rowHeadings: ["frame 0", "frames 12–13"],
      columnHeadings: ["input", "unit 1", "unit 1024"], columnDetails: ["", "0.5", "−1.2 × 10⁻⁹"],
      groups: [1, 2], cell: Size(width: 32, height: 24))
    try expectTidy(table)
    let pictures = table.parts.filter { $0.content is Picture }
    #expect(pictures.count == 4)
    #expect(Set(pictures.map(\.frame.size)).count == 1)
  }
}
