import ArgumentParser
import Drawing
import Files
import Foundation
import Images

/// Draws what `scripts/bench scaling` has measured, and prints the slopes as JSON.
@main struct ScalingFigure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw how time and memory grow with the work.")

  @Argument(help: "The table of measurements (.csv).") var table: String
  @Argument(help: "The picture to write (.png).") var picture: String
  @Option(help: "The machine on which they were measured.") var machine = ""

  private struct Slopes: Encodable {
    let sweep: String
    /// With which power of the amount the work grows.
    let work: Double
    let seconds: Double?
    let megabytes: Double?
  }

  func run() throws {
    let text = String(decoding: try readFile(table), as: UTF8.self)
    let sweeps: [Sweep]
    do { sweeps = try Sweep.sweeps(in: text) } catch let error as TableError {
      throw FileError(.malformed, table, "\(error)")
    }
    guard !sweeps.isEmpty else { throw FileError(.malformed, table, "has no measurements") }
    try figure(of: sweeps, on: machine).render(scale: 1).writePNG(to: picture)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let slopes = sweeps.map {
      Slopes(
        sweep: $0.kind.rawValue, work: $0.kind.power, seconds: $0.slope(of: \.seconds),
        megabytes: $0.slope(of: \.megabytes))
    }
    print(String(decoding: try encoder.encode(slopes), as: UTF8.self))
  }
}

private let columns = 3

/// Five panels, each of time above memory.
private func figure(of sweeps: [Sweep], on machine: String) -> Figure {
  let panels = sweeps.map { sweep in
    // Both plots end alike, so that equal amounts are above each other.
    let plots = Column(
      alignment: .trailing, spacing: 8, [plot(of: sweep, .time), plot(of: sweep, .memory)])
    return Column(spacing: 8, [Text(sweep.kind.heading, .title), plots])
  }
  let rows = stride(from: 0, to: panels.count, by: columns).map {
    Row(spacing: 28, Array(panels[$0..<min($0 + columns, panels.count)]))
  }
  return Figure(
    title: "Cost as the work grows",
    subtitle: machine,
    caption: """
      Both axes of all plots are logarithmic, so that a cost that grows with a power of the work is \
      a line, whose slope is the power; the slope above each plot is that of the upper half of its \
      points, fitted by least squares. Dashed: a time that grows exactly as the work, through the \
      last point. Work is proportional to the number of pictures, units or steps, and to the \
      square of a side.
      """,
    Column(spacing: 28, rows))
}

private enum Measure {
  case time, memory

  var path: KeyPath<Sweep.Measurement, Double> { self == .time ? \.seconds : \.megabytes }
  var word: String { self == .time ? "Time" : "Memory" }
  var axis: String { self == .time ? "seconds" : "MB" }
  var color: Color { self == .time ? Theme.accent : Theme.highlight }
}

private func plot(of sweep: Sweep, _ measure: Measure) -> LinePlot {
  let points = sweep.measurements.map { Point($0.amount, $0[keyPath: measure.path]) }
  var series = [LinePlot.Series("", points, color: measure.color)]
  if measure == .time, let last = sweep.measurements.last, sweep.upperHalf.count > 1 {
    let line = sweep.upperHalf.map {
      Point($0.amount, last.seconds * pow($0.amount / last.amount, sweep.kind.power))
    }
    series.insert(LinePlot.Series("", line, isDashed: true, color: Theme.secondaryText), at: 0)
  }
  let slope = sweep.slope(of: measure.path).map { ", slope \(fixedText($0, decimals: 2))" } ?? ""
  let ends = (points.first?.x ?? 1)...(points.last?.x ?? 1)
  // Half a decade around values that hardly change, so that they look as flat as they are.
  let values = points.map(\.y).filter { $0 > 0 }
  let (least, greatest) = (values.min() ?? 1, values.max() ?? 1)
  let room = max(1.1, (10 / (greatest / least)).squareRoot())
  return LinePlot(
    title: "\(measure.word)\(slope)",
    series,
    x: Axis(
      measure == .memory ? sweep.kind.axis : "", range: ends, scale: .logarithmic, format: .count),
    y: Axis(measure.axis, range: (least / room)...(greatest * room), scale: .logarithmic),
    area: Size(width: 220, height: 130))
}
