package import Analysis
internal import Datasets
internal import Files
internal import Networks

extension Model {
  /// Which of the network's classes each of a data set's classes is; nil for those of others.
  func classes(of dataset: any Dataset) -> [Int?] {
    let matched = classNames.indices(of: dataset.classNames)
    if matched.contains(where: { $0 != nil }) { return matched }
    // Files without names, such as MNIST's, number their classes.
    let names = dataset.classNames
    let isWhole = areAllSynsets(names) && names.count == classNames.count
    return areNumbers(names) && names.count <= classNames.count || isWhole
      ? Array(names.indices) : names.map { _ in nil }
  }

  /// The same model with the class names of a data set, if it has none and the data set has one for
  /// each of its scores.
  func named(after dataset: any Dataset) -> Model? {
    let names = dataset.classNames
    guard classNames.names.isEmpty, network.hasClassScores, names.count == network.classCount,
      !areNumbers(names), !(dataset is LabelledPictures)
    else { return nil }
    var copy = self
    copy.classNames = ClassNames(names, count: network.classCount)
    return copy
  }

  /// What to say about labels that are none of the network's classes; nil if all are.
  func labelRemark(of dataset: any Dataset, called name: String) -> String? {
    let names = dataset.classNames
    guard network.hasClassScores, !names.isEmpty else { return nil }
    let others = zip(names, classes(of: dataset)).filter { $1 == nil }.map { "'\($0.0)'" }
    guard !others.isEmpty else { return nil }
    guard others.count == names.count else {
      let verb = others.count == 1 ? "is none" : "are none"
      return "\(others.count) of the \(names.count) classes of \(name) \(verb) of the network's: "
        + "\(firstOf(others)); their pictures count as unlabelled"
    }
    let advice =
      classNames.names.isEmpty
      ? (classNames.count == 1
        ? "the network's only class has no name; give it with --class-names"
        : "the network's \(classNames.count) classes have no names; give them with --class-names")
      : "the network's classes are named like '\(classNames.shortName(0))'"
    return "none of the \(names.count) classes of \(name) (\(firstOf(others))) is one of the "
      + "network's, so accuracy is not computed; \(advice)"
  }
}

/// `0`, `1`, `2` and so on.
package func areNumbers(_ names: [String]) -> Bool {
  names.enumerated().allSatisfy { "\($0.offset)" == $0.element }
}

/// Folders of ImageNet have the WordNet IDs of their classes as names, in the order of the classes.
private func areAllSynsets(_ names: [String]) -> Bool {
  names.allSatisfy { $0.wholeMatch(of: /n\d{8}/) != nil }
}
