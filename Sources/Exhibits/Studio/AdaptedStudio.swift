internal import Analysis
internal import Datasets

extension Studio {
  /// The same studio with what the pictures say about the model: class names if it has none, and
  /// the preprocessing if `--preprocess auto` asks for a trial.
  ///
  /// Says which labels are none of the network's classes. Pictures that cannot be opened say
  /// nothing; whoever shows them reports that.
  ///
  /// - Parameters:
  ///   - options: Which pictures.
  ///   - comparesClasses: Whether labels that are none of the network's classes matter.
  /// - Throws: `FileError` or `UsageError` if there are no pictures to try preprocessings on.
  public func adapted(
    to options: PictureOptions, comparesClasses: Bool = true
  ) throws -> Studio {
    guard let (place, dataset) = try openedDataset(options) else { return self }
    let named = model.named(after: dataset)
    if named != nil {
      sayOnce(
        "\(model.name): the class names are those of \(place.name), in the order of its labels")
    }
    let studio = with(named ?? model)
    if comparesClasses, let remark = studio.model.labelRemark(of: dataset, called: place.name) {
      sayOnce(remark)
    }
    guard model.triesPreprocessing else { return studio }
    return try studio.tryingPreprocessings(on: dataset, called: place.name, limit: options.limit)
  }

  /// Nil if the pictures cannot be opened and are not needed yet.
  private func openedDataset(
    _ options: PictureOptions
  ) throws -> (PicturePlace, any Dataset)? {
    do {
      let place = try model.picturePlaces(options).scanned
      return (place, try memo.datasets.dataset(at: place, of: model))
    } catch {
      if model.triesPreprocessing { throw error }
      return nil
    }
  }
}
