import Foundation

/// What was measured while one amount of work grew.
struct Sweep {
  struct Measurement {
    let amount: Double
    let seconds: Double
    let megabytes: Double
  }

  /// What grows.
  let kind: Kind
  /// By ascending amount.
  let measurements: [Measurement]

  enum Kind: String, CaseIterable {
    case pictures, units, side, batch, steps

    var heading: String {
      switch self {
      case .pictures: "Pictures of a scan"
      case .units: "Units shown"
      case .side: "Side of a picture"
      case .batch: "Pictures in a batch"
      case .steps: "Steps of optimisation"
      }
    }

    var axis: String {
      switch self {
      case .pictures, .batch: "pictures"
      case .units: "units"
      case .side: "pixels"
      case .steps: "steps"
      }
    }

    /// The work grows with this power of the amount.
    var power: Double { self == .side ? 2 : 1 }
  }

  /// The half with the greater amounts, and the one in the middle.
  var upperHalf: ArraySlice<Measurement> { measurements[(measurements.count / 2)...] }

  /// The slope of the line through the upper half, fitted by least squares to the logarithms: the
  /// power of the amount with which a measure grows. Nil for fewer than two amounts.
  func slope(of measure: KeyPath<Measurement, Double>) -> Double? {
    let points = upperHalf.filter { $0[keyPath: measure] > 0 }
      .map { (x: log($0.amount), y: log($0[keyPath: measure])) }
    let count = Double(points.count)
    let meanX = points.reduce(0) { $0 + $1.x } / count
    let meanY = points.reduce(0) { $0 + $1.y } / count
    let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    guard spread > 0 else { return nil }
    return points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
  }

  /// Reads rows of `sweep,amount,seconds,megabytes`, of which the first row has these names.
  ///
  /// - Throws: `TableError` that says in which line something else was found.
  static func sweeps(in text: String) throws -> [Sweep] {
    var found: [Kind: [Measurement]] = [:]
    let lines = text.split(whereSeparator: \.isNewline)
    let head = "sweep,amount,seconds,megabytes"
    guard lines.first == head[...] else {
      throw TableError(line: 1, expected: "'\(head)'", found: lines.first ?? "")
    }
    for (number, line) in zip(2..., lines.dropFirst()) {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = cells.dropFirst().compactMap { Double($0) }.filter { $0.isFinite && $0 > 0 }
      guard cells.count == 4, let kind = Kind(rawValue: String(cells[0])), numbers.count == 3 else {
        let names = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw TableError(
          line: number, expected: "one of \(names), and three positive numbers", found: line)
      }
      found[kind, default: []].append(
        Measurement(amount: numbers[0], seconds: numbers[1], megabytes: numbers[2]))
    }
    return Kind.allCases.compactMap { kind in
      found[kind].map { Sweep(kind: kind, measurements: $0.sorted { $0.amount < $1.amount }) }
    }
  }
}

struct TableError: Error, CustomStringConvertible {
  let line: Int
  let expected: String
  let found: Substring

  var description: String { "line \(line): expected \(expected), found '\(found)'" }
}
