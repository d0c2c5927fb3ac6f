internal import Analysis
internal import Datasets
internal import Drawing
internal import Files
internal import Galleries
internal import Networks
internal import Scenes

/// What colours the points of pictures: their labels, the network's predictions or a factor.
struct PointColoring {
  private enum Source {
    case label
    case prediction(ClassificationScan)
    /// Of each picture, by its index in the data set.
    case words([Int: Int], values: [String], factor: String)
    case numbers([Int: Double], factor: String, turn: ClosedRange<Double>?)
  }

  private let source: Source
  private let pictures: Pictures

  /// - Parameter choice: `label`, `prediction` or a factor; nil for labels, if there are any.
  /// - Throws: `UsageError` if the pictures have no labels or no such factor, `ExhibitUnavailable`
  ///   if the network predicts no classes, `FileError`.
  init(_ choice: String?, of pictures: Pictures, in studio: Studio) throws {
    self.pictures = pictures
    switch choice {
    case nil: source = .label
    case "label":
      guard try pictures.indices.contains(where: { try pictures.dataset.label(at: $0) != nil })
      else { throw UsageError("--color-by label: \(pictures.name) has no labels") }
      source = .label
    case "prediction":
      try studio.needClassScores()
      source = .prediction(ClassificationScan(studio.network, top: 1) { _ in nil })
    case let factor?:
      source = try Self.factor(factor, of: pictures)
      try studio.sayIfMixed(factor, of: pictures)
    }
  }

  /// By a factor, whatever its name.
  ///
  /// - Throws: `UsageError` if no picture has it, `FileError`.
  init(factor: String, of pictures: Pictures) throws {
    self.pictures = pictures
    source = try Self.factor(factor, of: pictures)
  }

  private static func factor(_ name: String, of pictures: Pictures) throws -> Source {
    var values: [Int: Annotations.Value] = [:]
    var others: Set<String> = []
    for index in pictures.indices {
      let factors = try pictures.factors(of: index)
      values[index] = factors[name]
      if factors[name] == nil { others.formUnion(factors.keys) }
    }
    guard !values.isEmpty else {
      let known = (["label", "prediction"] + others.sorted()).joined(separator: ", ")
      throw UsageError(
        "--color-by: no picture of \(pictures.name) has a factor '\(name)'; there "
          + "\(others.isEmpty ? "are no factors, only" : "are") \(known)")
    }
    let numbers = values.compactMapValues { value -> Double? in
      if case .number(let number) = value { number } else { nil }
    }
    if numbers.count == values.count {
      return .numbers(numbers, factor: name, turn: turn(of: name, over: numbers.values))
    }
    let words = values.mapValues { value in
      switch value {
      case .word(let word): word
      case .number(let number): number.description
      }
    }
    let distinct = Set(words.values).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(distinct, distinct.indices))
    return .words(words.compactMapValues { places[$0] }, values: distinct, factor: name)
  }

  /// The full turn that a factor's angles are from; nil if it is no such factor.
  ///
  /// Factors of scenes say what they are; of others, the name must end in a word for an angle, and
  /// the values fill more than half a turn.
  static func turn(
    of name: String, over values: some Collection<Double>
  ) -> ClosedRange<Double>? {
    guard let least = values.min(), let greatest = values.max() else { return nil }
    let isWithin = { (turn: ClosedRange<Double>) in
      turn.contains(least) && turn.contains(greatest)
    }
    if let factor = SceneFactor(rawValue: name) {
      return factor.isCyclic && isWithin(factor.range) ? factor.range : nil
    }
    let words = name.lowercased().split { !$0.isLetter }
    guard let last = words.last, wordsForAngles.contains(String(last)), greatest - least > 180
    else { return nil }
    return [0...360, -180...180].first(where: isWithin)
  }

  private static let wordsForAngles: Set<String> = [
    "angle", "azimuth", "bearing", "degrees", "deg", "direction", "heading", "hue", "orientation",
    "rotation", "yaw",
  ]

  /// What must see the pictures before they have colours.
  var observers: [any ScanObserver] {
    if case .prediction(let scan) = source { [scan] } else { [] }
  }

  /// - Parameter shown: Pictures by their indices in the data set.
  func colors(of shown: [Int], in studio: Studio) throws -> EmbeddingColors {
    switch source {
    case .label:
      return .labels(
        try shown.map { try pictures.dataset.label(at: $0) }, names: pictures.dataset.classNames)
    case .prediction(let scan):
      let names = studio.model.classNames
      let choices = Dictionary(
        uniqueKeysWithValues: scan.finding.each.map { ($0.picture, $0.choices[0].index) })
      return .predictions(
        shown.map { choices[$0] }, names: (0..<names.count).map { names.shortName($0) })
    case .words(let words, let values, let factor):
      return .words(shown.map { words[$0] }, values: values, factor: factor)
    case .numbers(let numbers, let factor, let turn):
      return .numbers(shown.map { numbers[$0] }, factor: factor, turn: turn)
    }
  }
}

extension Studio {
  /// Says so if a factor that is mostly numbers has other values, as after a slip of the pen: all
  /// values are then words.
  func sayIfMixed(_ factor: String, of pictures: Pictures) throws {
    var (numbers, words) = (0, [(index: Int, word: String)]())
    for index in pictures.indices {
      switch try pictures.factors(of: index)[factor] {
      case .number: numbers += 1
      // A column with any word is one of words.
      case .word(let word) where Double(word) != nil: numbers += 1
      case .word(let word): words.append((index, word))
      case nil: break
      }
    }
    guard let first = words.first, numbers > words.count else { return }
    sayOnce(
      "'\(factor)' is a number for \(countText(numbers)) pictures but '\(first.word)' for "
        + "\(try pictures.sourceName(of: first.index)): its values are taken as words")
  }
}
