package import Checkpoints
package import Datasets
package import Files

/// What tells whether pictures are the same, wherever their files are: their number, and hashes of
/// their labels and of their values as the network takes them.
package struct PicturesIdentity: Codable, Hashable, Sendable {
  let pictures: Int
  let labels: String
  /// Of some of them, evenly spread.
  let values: String

  /// Those that a network was trained on, with those that were held out; nil if its checkpoint does
  /// not say.
  ///
  /// - Throws: `FileError` if the metadata cannot be read.
  package static func ofTraining(_ checkpoint: Checkpoint) throws(FileError) -> PicturesIdentity? {
    try checkpoint.metadata(DataIdentity.self, for: DataIdentity.key)?.training
  }

  /// Whether a data set has as many pictures.
  ///
  /// - Parameter skipped: How many more could not be read.
  package func hasCount(of dataset: any Dataset, skipped: Int) -> Bool {
    dataset.count - skipped == pictures
  }

  /// Whether a data set has the same pictures, whatever their labels are; not if they cannot be read
  /// or have no labels.
  ///
  /// - Parameters:
  ///   - preprocessing: That of the training.
  ///   - skipped: How many more could not be read.
  package func matches(
    _ dataset: any Dataset, _ preprocessing: Preprocessing, skipped: Int
  ) -> Bool {
    guard hasCount(of: dataset, skipped: skipped) else { return false }
    // No more are read than are compared, unless it has to be found out which cannot be.
    let memory = skipped > 0 ? PreparedPictures.usualMemory : 0
    let found = try? PreparedPictures(dataset, preprocessing, memory: memory).identity()
    return found.map { $0.pictures == pictures && $0.values == values } ?? false
  }
}

/// The pictures of a run, as kept in its checkpoints: a run only continues on the same ones.
struct DataIdentity: Codable, Hashable {
  static let key = "fovea.data"

  let training: PicturesIdentity
  var test: PicturesIdentity?

  /// - Throws: `FileError` if labels cannot be read.
  init(_ data: TrainingData) throws {
    training = try data.training.identity()
    test = try data.test?.identity()
  }
}

extension TrainingRun {
  /// - Throws: `FileError` if an earlier run's checkpoint was trained or tested on other pictures; it
  ///   names both.
  func checkData(of checkpoint: Checkpoint, _ identity: DataIdentity) throws(FileError) {
    // Earlier versions did not keep it.
    guard let other = try checkpoint.metadata(DataIdentity.self, for: DataIdentity.key),
      other != identity
    else { return }
    let earlier = try checkpoint.metadata(Recipe.self, for: Checkpoint.Key.recipe) ?? recipe
    try checkPictures(
      identity.training, other.training, "trained", recipe.data, earlier.data, checkpoint.path)
    let (name, earlierName) = (recipe.testData ?? recipe.data, earlier.testData ?? earlier.data)
    guard let test = identity.test, let otherTest = other.test else {
      guard identity.test != other.test else { return }
      throw FileError(
        .malformed, checkpoint.path,
        other.test == nil
          ? "was trained without test pictures, found those of '\(name)'\(Self.advice)"
          : "was tested on '\(earlierName)', found no test pictures\(Self.advice)")
    }
    try checkPictures(test, otherTest, "tested", name, earlierName, checkpoint.path)
  }

  private static let advice = "; use --restart to train anew, or another --output"

  private func checkPictures(
    _ found: PicturesIdentity, _ expected: PicturesIdentity, _ verb: String, _ name: String,
    _ earlier: String, _ path: String
  ) throws(FileError) {
    guard found != expected else { return }
    func pictures(_ count: Int) -> String { count == 1 ? "1 picture" : "\(count) pictures" }
    let reason =
      if found.pictures != expected.pictures {
        "was \(verb) on \(pictures(expected.pictures)) of '\(earlier)'; '\(name)' has "
          + pictures(found.pictures)
      } else if found.values != expected.values {
        "was \(verb) on '\(earlier)'; '\(name)' has other pictures, or other preprocessing"
      } else {
        "was \(verb) on '\(earlier)'; '\(name)' has other labels"
      }
    throw FileError(.malformed, path, reason + Self.advice)
  }
}
