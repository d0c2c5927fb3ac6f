internal import Galleries
internal import Training

/// One of several trainings of a network that differ in their random numbers.
struct Draw: Sendable, Hashable {
  /// From 0.
  let number: Int
  let count: Int

  static let only = Draw(number: 0, count: 1)

  static func all(_ count: Int) -> [Draw] {
    (0..<max(count, 1)).map { Draw(number: $0, count: max(count, 1)) }
  }

  /// With a seed of its own.
  func recipe(_ recipe: Recipe) -> Recipe {
    var own = recipe
    own.seed = recipe.seed &+ UInt64(number)
    return own
  }

  func label(_ label: String) -> String {
    count > 1 ? "\(label), \(number + 1) of \(count)" : label
  }

  /// The first has the name that it has if there is only one, so that more can follow later.
  func name(_ name: String) -> String { number == 0 ? name : "\(name)-\(number + 1)" }
}

/// The measurements of one network, trained several times with other random numbers.
package struct RepeatedRuns: Sendable {
  let label: String
  /// At least one.
  let measures: [RunMeasures]

  /// - Parameter measures: In the order of the runs: those of one network follow each other.
  static func grouped(_ measures: [RunMeasures]) -> [RepeatedRuns] {
    var groups: [[RunMeasures]] = []
    for run in measures {
      if groups.last?.first?.label == run.label {
        groups[groups.count - 1].append(run)
      } else {
        groups.append([run])
      }
    }
    return groups.map { RepeatedRuns(label: $0[0].label, measures: $0) }
  }

  /// The first one's, for what is the same for all.
  var first: RunMeasures { measures[0] }

  func measure(_ value: (RunMeasures) -> Double) -> RepeatedMeasure {
    RepeatedMeasure(measures.map(value))
  }

  /// The mean curve, as far as all were trained.
  var curve: [CurvePoint] {
    guard measures.count > 1 else { return first.curve }
    let curves = measures.map(\.curve)
    return first.curve.compactMap { point in
      let points = curves.compactMap { $0.first { $0.epoch == point.epoch } }
      guard points.count == curves.count else { return nil }
      func mean(_ value: (CurvePoint) -> Double?) -> Double? {
        let values = points.compactMap(value)
        return values.count == points.count ? RepeatedMeasure(values).mean : nil
      }
      return CurvePoint(
        epoch: point.epoch, trainingLoss: mean(\.trainingLoss),
        validationLoss: mean(\.validationLoss), trainingAccuracy: mean(\.trainingAccuracy),
        validationAccuracy: mean(\.validationAccuracy))
    }
  }
}

/// What captions say of networks that were trained several times; empty for once.
func repeatRemark(_ groups: [RepeatedRuns]) -> String {
  let most = groups.map(\.measures.count).max() ?? 1
  return most > 1
    ? " Means ± sample standard deviations of \(most) runs with other random numbers." : ""
}

/// What captions say of the points of curves; empty for one run of each network.
func meanPoint(_ groups: [RepeatedRuns]) -> String {
  groups.contains { $0.measures.count > 1 } ? ", the mean of all runs of a network" : ""
}
