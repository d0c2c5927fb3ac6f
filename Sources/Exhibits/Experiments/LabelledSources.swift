internal import Analysis
internal import Datasets
internal import Files

/// Which pictures of an experiment can be read.
struct ReadablePictures {
  private let sources: TrainingSources
  private var checked: Set<Int> = []
  /// By number; those to test on follow those to train on.
  private(set) var failures: [Int: FileError] = [:]

  init(_ sources: TrainingSources) { self.sources = sources }

  /// Reads those pictures that have not been read before.
  ///
  /// - Returns: Whether all of them can be read.
  mutating func check(_ numbers: Set<Int>) throws -> Bool {
    let new = numbers.subtracting(checked).sorted()
    checked.formUnion(new)
    let count = sources.training.count
    let known = failures.count
    for (part, first, own) in [
      (sources.training, 0, new.filter { $0 < count }),
      (sources.test ?? sources.training, count, new.filter { $0 >= count }),
    ] {
      let reader = BatchReader(part, sources.preprocessing)
      for start in stride(from: 0, to: own.count, by: 64) {
        let batch = Array(own[start..<min(start + 64, own.count)])
        let outcomes = try reader.read(batch.map { $0 - first }).outcomes
        for (number, outcome) in zip(batch, outcomes) {
          if case .failure(let error) = outcome { failures[number] = error }
        }
      }
    }
    return failures.count == known
  }

  /// What a user should know of those that cannot be read.
  var remarks: [String] {
    let errors = failures.sorted { $0.key < $1.key }.map(\.value)
    guard let first = errors.first else { return [] }
    guard errors.count > 1 else { return ["left out a picture that cannot be read: \(first)"] }
    return ["left out \(errors.count) pictures that cannot be read, first \(first)"]
  }
}

/// The pictures of an experiment by class.
struct LabelledSources {
  private let splits: ProbeSplits
  private let names: [String]
  private let data: String
  /// Of the class that has the fewest.
  private let fewest: (label: Int, count: Int)

  /// - Throws: `FileError` if there are no test pictures, or pictures of fewer than two classes.
  init(
    _ sources: TrainingSources, _ data: String, without failures: [Int: FileError]
  ) throws {
    guard let test = sources.test else {
      throw FileError(.malformed, data, "expected pictures to test on, too")
    }
    (names, self.data) = (sources.classNames, data)
    var labels: [Int] = []
    var missing: Set<Int> = []
    for part in [sources.training, test] {
      for index in 0..<part.count {
        let label = try part.label(at: index)
        if label == nil || failures[labels.count] != nil { missing.insert(labels.count) }
        labels.append(label ?? 0)
      }
    }
    let count = sources.training.count
    do throws(ProbeSplitError) {
      splits = try ProbeSplits(labels: labels, testRows: count..<labels.count, missing: missing)
    } catch {
      throw FileError(.malformed, data, error.reason(names, "training pictures"))
    }
    var sizes: [Int: Int] = [:]
    for (row, label) in labels.prefix(count).enumerated() where !missing.contains(row) {
      sizes[label, default: 0] += 1
    }
    let least = sizes.min { ($0.value, $0.key) < ($1.value, $1.key) }
    fewest = least.map { ($0.key, $0.value) } ?? (0, 0)
  }

  /// The numbers of pictures of each class, and what to say about those that are left out.
  ///
  /// - Throws: `FileError` if no usual number fits.
  func counts(asked: [Int]?) throws -> ([Int], [String]) {
    if let asked { return (Set(asked).sorted(), []) }
    let usual = TransferExperiment.usualCounts
    let fitting = usual.filter { $0 <= fewest.count }
    guard fitting.count < usual.count else { return (usual, []) }
    guard fewest.count > 1 else {
      let error = ProbeSplitError.tooFew(label: fewest.label, found: fewest.count, needed: 2)
      throw FileError(.malformed, data, error.reason(names, "training pictures"))
    }
    let counts = fitting.isEmpty ? [fewest.count] : fitting
    let text = counts.map(String.init).joined(separator: ", ")
    return (
      counts,
      [
        "there are \(fewest.count) training pictures of \(classText(fewest.label, names)), so "
          + "networks are trained on \(text) per class"
      ]
    )
  }

  func folds(
    perClass: Int, draws: Int, _ testPerClass: Int?, seed: UInt64
  ) throws -> [ProbeSplit] {
    do throws(ProbeSplitError) {
      return try splits.folds(
        perClass: perClass, folds: draws, testPerClass: testPerClass, seed: seed)
    } catch {
      let reason = error.reason(names, "training pictures")
      if case .tooFew = error { throw UsageError("--per-class \(perClass): \(reason)") }
      throw FileError(.malformed, data, reason)
    }
  }
}
