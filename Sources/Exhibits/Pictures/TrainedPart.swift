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
  /// How many others the run could not read.
  var skipped = 0
  /// How the examples of a place are known to be those of the run.
  var evidence = Evidence.location

  enum Evidence: Hashable {
    /// The run left them there.
    case location
    /// They are inside the place where the run left its data.
    case inside(String)
    /// They are at a place of the same name.
    case name
  }

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

  /// The part of which nobody knows which pictures were held out; its examples are not compared.
  var withoutCount: TrainedPart { TrainedPart(fraction: fraction, seed: seed, examples: nil) }

  /// Whether the run used all of a data set, and held nothing out.
  func isAll(of dataset: any Dataset) -> Bool {
    fraction == 0 && examples.map { $0 + skipped == dataset.count } ?? true
  }
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
    if locations?.data.map(resolvedPath) != resolvedPath(place.source) {
      place.trained?.evidence = .name
    }
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
      TrainedPart(
        fraction: $0.validationFraction, seed: $0.seed, examples: history?.examples,
        skipped: history?.skipped ?? 0)
    }
  }

  /// What the network was trained on of the pictures of a place; nil if that is neither the place
  /// where its run found them, nor in its training part.
  func trainedPart(at source: String) -> TrainedPart? {
    guard let data = DataLocations(beside: path)?.data,
      FileManager.default.fileExists(atPath: source), isInside(source, data)
    else { return nil }
    var part = trainedPart
    guard resolvedPath(source) != resolvedPath(data) else { return part }
    guard let whole = try? datasetFormats.recognize(data, of: preprocessing.kind),
      !whole.isSplit || whole.part(containing: source) == .training
    else { return nil }
    part?.evidence = .inside(data)
    return part
  }

  /// Whether the network was trained on the examples of a data set, by their values; nil if the
  /// checkpoint does not tell.
  private func isTrained(on dataset: any Dataset) -> Bool? {
    guard let trainedPictures else { return nil }
    let skipped = history?.skipped ?? 0
    guard trainedPictures.hasCount(of: dataset, skipped: skipped) else { return false }
    // With other preprocessing, they have other values.
    guard preprocessingOrigin == .checkpoint else { return nil }
    return trainedPictures.matches(dataset, preprocessing, skipped: skipped)
  }

  /// What the network was trained on of a data set; nil if it was not trained on it.
  ///
  /// - Parameter dataset: What is at the place, without what its table of labels leaves out.
  private func trainedPart(of dataset: any Dataset, at place: PicturePlace) -> TrainedPart? {
    guard let trained = place.trained else {
      guard place.seed == nil, isTrained(on: dataset) == true else { return nil }
      // Their labels, by which some were held out, may be others.
      return trainedPart?.withoutCount
    }
    guard trained.evidence == .name else { return trained }
    return isTrained(on: dataset) == false ? nil : trained
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
    guard try !datasetFormats.recognize(place.source, of: kind).isSplit else { return (whole, nil) }
    // Pictures that the table leaves out were not trained on.
    let labelled: any Dataset =
      place.labels == nil
      ? whole
      : ChosenExamples(of: whole, try (0..<whole.count).filter { try whole.label(at: $0) != nil })
    guard let trained = trainedPart(of: labelled, at: place) else { return (whole, nil) }
    if !place.isNamed {
      whole = labelled
      if let heldOut = try trained.heldOut(of: whole) {
        return (
          ChosenExamples(of: whole, heldOut), TrainingRelation(part: .heldOut, kind: kind)
        )
      }
    }
    let isAll: Bool
    if case .inside(let data) = trained.evidence {
      isAll = try usesAll(ofTrainingPart: data, trained)
    } else {
      isAll = trained.isAll(of: whole)
    }
    return (whole, TrainingRelation(part: isAll ? .trained : .mixed, kind: kind))
  }

  /// Whether a run used all of the training part of its data.
  private func usesAll(ofTrainingPart data: String, _ trained: TrainedPart) throws -> Bool {
    let isSplit = try datasetFormats.recognize(data, of: preprocessing.kind).isSplit
    return trained.isAll(of: try open(PicturePlace(filesAt: data), isSplit ? .training : nil))
  }
}
