internal import Datasets
internal import Files
internal import Foundation
internal import Training

/// Where pictures come from, and when that was opened: files may change later.
struct PictureOrigin {
  let place: PicturePlace
  let opened: Date
  /// Nil for the test part, or the only one.
  var part: Split?
  /// Nil for others than the network's own.
  var relation: TrainingRelation?

  /// For captions.
  var name: String { place.name + (relation.map { " (\($0.name))" } ?? "") }
}

/// What pictures are to the network that they are shown to.
struct TrainingRelation: Hashable {
  enum Part: Hashable {
    /// It was trained on all of them.
    case trained
    /// On some of them.
    case mixed
    /// They were kept for validation.
    case heldOut
  }

  let part: Part
  let kind: ExampleKind

  /// For captions, in brackets.
  var name: String {
    switch part {
    case .trained: "training \(kind.plural)"
    case .mixed: "includes training \(kind.plural)"
    case .heldOut: "held-out \(kind.plural)"
    }
  }

  /// What captions of right and wrong choices must say; nil if no step of training saw the pictures.
  var remark: String? {
    switch part {
    case .trained:
      "The network was trained on these \(kind.plural), so it makes fewer mistakes than on others."
    case .mixed:
      "The network was trained on some of these \(kind.plural), so it makes fewer mistakes than on "
        + "others."
    case .heldOut: nil
    }
  }
}

/// How the examples that a network was trained on were chosen from their data set.
struct TrainedPart: Hashable {
  /// What was held out.
  let fraction: Double
  let seed: UInt64
  /// How many there were, with those held out; nil if the run did not record it.
  let examples: Int?

  /// The examples of the data set that were held out.
  ///
  /// - Returns: Nil if there are none, or if they cannot be told: the run used other examples, or
  ///   did not record how many.
  /// - Throws: `FileError` if labels cannot be read.
  func heldOut(of dataset: any Dataset) throws -> [Int]? {
    guard fraction > 0, examples == dataset.count else { return nil }
    let labels = try (0..<dataset.count).map { try dataset.label(at: $0) }
    return PreparedPictures.heldOut(labels, fraction, seed: seed)
  }

  /// The part of which nobody knows which pictures were held out.
  var withoutCount: TrainedPart { TrainedPart(fraction: fraction, seed: seed, examples: nil) }
}

extension Model {
  /// What the network was tested on, or else trained on, where that is still found: where the run
  /// left it, beside the checkpoint, or by its name alone.
  var trainingData: PicturePlace? {
    let locations = DataLocations(beside: path)
    let folder = (path as NSString).deletingLastPathComponent
    func candidates(_ found: String?, _ name: String?) -> [String?] {
      [found, name.map { (folder as NSString).appendingPathComponent($0) }, name]
    }
    func first(_ places: [String?]) -> PicturePlace? {
      places.compactMap(\.self).first { FileManager.default.fileExists(atPath: $0) }
        .map(PicturePlace.init(filesAt:))
    }
    let labels = first(candidates(locations?.labels, recipe?.labels))?.source
    if var test = first(candidates(locations?.testData, recipe?.testData)) {
      if let labels, namesNoTestClasses(test) { test.labels = labels }
      return test
    }
    guard var place = first(candidates(locations?.data, recipe?.data)) else { return nil }
    place.trained = trainedPart
    if let labels {
      if namesNoTestClasses(place) { place.labels = labels }
    } else if recipe?.labels != nil {
      // Without the classes it cannot be told which were held out.
      place.trained = trainedPart?.withoutCount
    }
    return place
  }

  /// Whether a table has to say the classes of the pictures, of split ones those of the test part,
  /// whose folders may be its classes.
  private func namesNoTestClasses(_ place: PicturePlace) -> Bool {
    guard let data = try? datasetFormats.recognize(place.source, of: preprocessing.kind) else {
      return false
    }
    guard place.trained == nil || data.isSplit else { return true }
    return (try? data.open().classNames.isEmpty) ?? false
  }

  private var trainedPart: TrainedPart? {
    recipe.map {
      TrainedPart(fraction: $0.validationFraction, seed: $0.seed, examples: history?.examples)
    }
  }

  /// What the network was trained on of the pictures of a place; nil if that is not the place where
  /// its run found them.
  func trainedPart(at source: String) -> TrainedPart? {
    guard let data = DataLocations(beside: path)?.data, resolvedPath(data) == resolvedPath(source)
    else { return nil }
    return trainedPart
  }

  /// Opens what no step of training saw, if the place is that of the training data, no user has named
  /// it, and its held-out part can be found again.
  ///
  /// - Returns: Also what the examples are to the network, for captions; nil if they are those of
  ///   another data set, or the test part of this one.
  func openUnseen(
    _ place: PicturePlace
  ) throws -> (dataset: any Dataset, relation: TrainingRelation?) {
    var whole = try open(place)
    let kind = preprocessing.kind
    guard let trained = place.trained,
      try !datasetFormats.recognize(place.source, of: kind).isSplit
    else { return (whole, nil) }
    if place.labels != nil, !place.isNamed {
      // Pictures that the table leaves out were not trained on.
      let labelled = try (0..<whole.count).filter { try whole.label(at: $0) != nil }
      whole = ChosenExamples(of: whole, labelled)
    }
    if !place.isNamed, let heldOut = try trained.heldOut(of: whole) {
      return (
        ChosenExamples(of: whole, heldOut), TrainingRelation(part: .heldOut, kind: kind)
      )
    }
    let isAll = trained.fraction == 0 && trained.examples.map { $0 == whole.count } ?? true
    return (whole, TrainingRelation(part: isAll ? .trained : .mixed, kind: kind))
  }
}
