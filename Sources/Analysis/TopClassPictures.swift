public import Networks
internal import TensorCore

/// Finds the pictures that are most probably of each class.
///
/// Scores depend on the picture: one with great scores has them for many classes, such as a
/// partridge for all birds. Probabilities compare the classes of one picture, so each class gets
/// its own pictures. Of pictures whose class is known, only the best of each class counts, and that
/// of the unit's own class always does, whatever its probability.
public final class TopClassPictureScan: ScanObserver {
  public let layer: String
  public let nodes: [String]

  private let network: Network
  private let count: Int
  private let label: (Int) -> Int?
  private var units: [BestPerClass]
  private var pictureCount = 0
  private var labelled = 0
  private var nonFinitePictures = 0

  /// - Parameters:
  ///   - layer: One of `network.classNodes`, which the finding is of.
  ///   - count: The maximum number of pictures for each class.
  ///   - label: The class of a picture by its index in the data set, one of the network's; nil if
  ///     it is not known.
  public init(
    _ network: Network, layer: String, count: Int = 9, label: @escaping (Int) -> Int?
  ) {
    precondition(
      network.probabilityFunction != .none, "the scores of '\(layer)' are not for probabilities")
    self.network = network
    self.layer = layer
    self.count = count
    self.label = label
    nodes = [network.graph.scoreName]
    units = (0..<network.classCount).map { BestPerClass(own: $0) }
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    let function = network.probabilityFunction
    let scores = ClassifiedScores(recording.scores, by: function, ranks: nil)
    pictureCount += pictures.count
    for (row, picture) in pictures.enumerated() {
      // A probability depends on the scores of all classes.
      guard scores.isFinite(row), let logOdds = scores.logOdds(of: row) else {
        nonFinitePictures += 1
        continue
      }
      let known = label(picture)
      if known != nil { labelled += 1 }
      for unit in units.indices {
        let rank = Float(logOdds[unit])
        guard units[unit].takes(rank, of: known, most: count) else { continue }
        let candidate = scores.candidate(unit, of: row)
        let excitation = Excitation(
          value: layer == network.graph.scoreName
            ? candidate.score : candidate.probability ?? candidate.score,
          rank: rank, probability: candidate.probability, picture: picture, position: [0, 0])
        units[unit].insert(excitation, of: known, most: count)
      }
    }
  }

  /// Nil if no receptive field is known.
  public var finding: TopActivationFinding? {
    guard let field = network.receptiveFields()[layer] else { return nil }
    let found = units.map { $0.excitations(most: count) }
    return TopActivationFinding(
      layer: layer, field: field, units: found, dead: [], rankedBy: nil,
      nonFiniteUnits: nonFinitePictures > 0 ? Array(units.indices) : [],
      nonFinitePictures: nonFinitePictures, pictureCount: pictureCount,
      responses: found.map { _ in UnitResponse(sparseness: 0, isAlwaysActive: false) },
      classRanking: .init(function: network.probabilityFunction, labelled: labelled))
  }
}

extension TopClassPictureScan: SavableScan {
  package func facts(of pictures: [Int]) -> [String] {
    // The labels of a folder's pictures, sorted by class, are few runs.
    var runs: [(label: Int?, count: Int)] = []
    for picture in pictures {
      let label = label(picture)
      if runs.last.map({ $0.label == label }) ?? false {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((label, 1))
      }
    }
    let labels = runs.map { "\($0.count)×\($0.label.map(String.init) ?? "none")" }
    return ["pictures of classes", layer, "\(count)", labels.joined(separator: " ")]
  }

  package var mostSavedBytes: Int {
    units.count * (count + 2) * ScanStateWriter.mostExcitationBytes
  }

  package func save(into state: inout ScanStateWriter) {
    for number in [pictureCount, labelled, nonFinitePictures] { state.append(number) }
    for unit in units { unit.save(into: &state) }
  }

  package func restoration(
    from state: inout ScanStateReader, pictures: Int
  ) throws(DamagedScanState) -> () -> Void {
    var numbers: [Int] = []
    for _ in 0..<3 { numbers.append(try state.integer(0...pictures)) }
    var restored: [BestPerClass] = []
    for unit in units.indices {
      restored.append(
        try BestPerClass(
          own: unit, from: &state, most: count, pictures: pictures, classes: network.classCount))
    }
    return {
      (self.pictureCount, self.labelled, self.nonFinitePictures) = (
        numbers[0], numbers[1], numbers[2]
      )
      self.units = restored
    }
  }
}

/// How the pictures of a class are ranked.
public enum ClassPictureRanking: String, Sendable, Hashable, CaseIterable {
  /// By the probability of the class, one picture of each known class.
  case probability
  /// By the class's score, as other units by their activation.
  case score
}

extension Network {
  /// The nodes whose units are classes: the scores, and what the network makes of them.
  public var classNodes: Set<String> {
    hasClassScores ? [graph.scoreName, graph.outputName] : []
  }
}

/// The best picture of each class for one unit, and only those of the best classes.
///
/// The best of a class only gets better, so a class that once had as many better ones as are kept
/// need not be remembered.
private struct BestPerClass {
  private struct Entry {
    let excitation: Excitation
    let label: Int?

    /// If ranks are equal, the earlier picture is the stronger.
    func isStronger(than other: Entry) -> Bool {
      (excitation.rank, other.excitation.picture) > (other.excitation.rank, excitation.picture)
    }
  }

  /// The class that the unit scores.
  let own: Int
  /// Strongest first, one of each known class.
  private var entries: [Entry] = []
  private var best: Entry?

  init(own: Int) { self.own = own }

  /// Whether a picture might be inserted, checked before anything is allocated.
  func takes(_ rank: Float, of label: Int?, most: Int) -> Bool {
    label == own || entries.count < most || rank >= entries[entries.count - 1].excitation.rank
  }

  mutating func insert(_ excitation: Excitation, of label: Int?, most: Int) {
    let entry = Entry(excitation: excitation, label: label)
    if label == own, best.map(entry.isStronger) ?? true { best = entry }
    if label != nil, let same = entries.firstIndex(where: { $0.label == label }) {
      guard entry.isStronger(than: entries[same]) else { return }
      entries.remove(at: same)
    }
    let place = entries.firstIndex(where: entry.isStronger) ?? entries.count
    entries.insert(entry, at: place)
    if entries.count > most { entries.removeLast() }
  }

  /// Strongest first; the best of the unit's own class instead of the last if it is not among them.
  func excitations(most: Int) -> [Excitation] {
    var found = entries.map(\.excitation)
    if let best, !found.contains(best.excitation) {
      found = found.prefix(most - 1) + [best.excitation]
    }
    return found
  }
}

extension BestPerClass {
  func save(into state: inout ScanStateWriter) {
    state.append(entries.count)
    state.append(best != nil)
    for entry in entries + [best].compactMap(\.self) {
      state.append(entry.excitation)
      // 0 for none.
      state.append(entry.label.map { $0 + 1 } ?? 0)
    }
  }

  init(
    own: Int, from state: inout ScanStateReader, most: Int, pictures: Int, classes: Int
  ) throws(DamagedScanState) {
    self.init(own: own)
    let count = try state.integer(0...most)
    let hasBest = try state.flag()
    for position in 0..<(count + (hasBest ? 1 : 0)) {
      let excitation = try state.excitation(pictures: pictures, positions: 1)
      let label = try state.integer(0...classes)
      let entry = Entry(excitation: excitation, label: label > 0 ? label - 1 : nil)
      if position == count { best = entry } else { entries.append(entry) }
    }
  }
}
