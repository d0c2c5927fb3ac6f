internal import Analysis
internal import Datasets
internal import Files

/// The classes of the pictures of several parts, by one list of names.
struct LabelledParts {
  let labels: [Int]
  let classNames: [String]

  /// - Throws: `FileError` if some pictures have no class.
  init(_ parts: [Pictures]) throws {
    var names = parts.first?.dataset.classNames ?? []
    var labels: [Int] = []
    for part in parts {
      let known = try part.indices.map { try part.dataset.label(at: $0) }
      let unlabelled = known.indices.filter { known[$0] == nil }
      if let first = unlabelled.first {
        if parts.count == 1, let name = part.dataset.singleClass {
          throw FileError(
            .malformed, part.name, "expected pictures of at least two classes, found one, '\(name)'"
          )
        }
        throw FileError(
          .malformed, part.name,
          "expected a class for every picture, found none for \(unlabelled.count) of "
            + "\(known.count), the first of them \(try part.sourceName(of: part.indices[first]))")
      }
      // Each part's folders may be others.
      let own = part.dataset.classNames
      let places = own.map { name in
        if let place = names.firstIndex(of: name) { return place }
        names.append(name)
        return names.count - 1
      }
      labels += known.map { label in
        let label = label ?? 0
        return places.indices.contains(label) ? places[label] : label
      }
    }
    (self.labels, classNames) = (labels, names)
  }
}

/// How many of all fits are done; folds whose choice ends early count as complete.
struct ProbeProgress {
  private let studio: Studio
  private var time: TimeLeft?
  private var total = 0
  /// Those of complete folds, and all.
  private var folds = 0
  private var done = 0

  init(_ studio: Studio) { self.studio = studio }

  /// The passes over the pictures show progress of their own.
  mutating func begin(total: Int) {
    self.total = total
    time = time ?? TimeLeft()
  }

  mutating func step() { show(done + 1) }

  /// - Parameter fits: How many the fold needed at most.
  mutating func endFold(of fits: Int) {
    folds += fits
    if done < folds { show(folds) }
  }

  private mutating func show(_ done: Int) {
    self.done = done
    studio.reporter.progress(
      "fitting classifiers", done, of: total, detail: time?.text(done, of: total) ?? "")
  }
}

/// For errors.
func classText(_ label: Int, _ names: [String]) -> String {
  names.indices.contains(label) ? "'\(names[label])'" : "class \(label)"
}

extension ProbeSplitError {
  /// What is wrong with labelled pictures, for errors.
  ///
  /// - Parameter pictures: Which of them are too few.
  func reason(_ names: [String], _ pictures: String = "pictures") -> String {
    switch self {
    case .oneClass: "expected pictures of at least two classes, found one"
    case .onlyTested(let label):
      "its test part has pictures of \(classText(label, names)), its training part none"
    case .tooFew(let label, let found, let needed):
      "expected \(needed) or more \(pictures) of each class, found \(found) of "
        + classText(label, names)
    }
  }
}
