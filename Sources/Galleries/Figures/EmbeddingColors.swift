internal import Drawing

/// What the colours of an embedding's points stand for.
public enum EmbeddingColors: Sendable {
  /// The class of each picture, nil where unknown; without names, classes are numbered.
  case labels([Int?], names: [String])
  /// The class that the network predicts for each picture, nil without a prediction.
  case predictions([Int?], names: [String])
  /// The value of a factor for each picture as an index into its values, nil without one.
  case words([Int?], values: [String], factor: String)
  /// The value of a factor for each picture, nil without one.
  ///
  /// - Parameter turn: A full turn in degrees, if its ends mean the same.
  case numbers([Double?], factor: String, turn: ClosedRange<Double>?)
}

/// How the points of an embedding are drawn, and what captions say of it.
struct DrawnColors {
  let points: PointColors
  let sentence: String

  /// - Parameter count: Of points.
  init(_ colors: EmbeddingColors, count: Int) {
    switch colors {
    case .labels(let labels, let names):
      self.init(PlottedClasses(labels: labels, names: names, count: count))
    case .predictions(let classes, let names):
      self.init(
        PlottedClasses(
          labels: classes, names: names, count: count,
          wording: .init(
            several: "predicted classes",
            sentence: "Colours are the classes that the network predicts.",
            missing: "without a prediction", nothing: "The network predicts no class.")))
    case .words(let values, let names, let factor):
      let name = "“\(factor)”"
      self.init(
        PlottedClasses(
          labels: values, names: names, count: count,
          wording: .init(
            several: "values of \(name)", sentence: "Colours are values of \(name).",
            missing: "without a value",
            nothing: "The pictures have no values of \(name).")))
    case .numbers(let numbers, let factor, let turn):
      let numbers = (0..<count).map { $0 < numbers.count ? numbers[$0] ?? .nan : .nan }
      let finite = numbers.filter(\.isFinite)
      let range = turn ?? (finite.min() ?? 0)...(finite.max() ?? 1)
      self.init(
        points: .numbers(numbers, .init(factor, range: range, isCyclic: turn != nil)),
        sentence: paragraph(
          turn.map {
            "Colours are “\(factor)” in degrees, on a circle of colours: "
              + "\(numberText($0.lowerBound))° and \(numberText($0.upperBound))° are the same."
          } ?? "Colours are “\(factor)”.",
          finite.count < count
            ? "\(counted(count - finite.count, "picture")) without a value "
              + "\(count - finite.count == 1 ? "is" : "are") grey." : ""))
    }
  }

  private init(points: PointColors, sentence: String) {
    (self.points, self.sentence) = (points, sentence)
  }

  private init(_ classes: PlottedClasses) {
    self.init(
      points: .classes(classes.indices, names: classes.names), sentence: classes.sentence)
  }
}
