/// A sign that a network is not set up as it was trained: wrong preprocessing gives confident
/// nonsense, not an error.
public enum SetupDoubt: Sendable, Hashable {
  /// Choices have (nearly) nothing to do with the labels.
  case chance(accuracy: Double, expected: Double, pictures: Int)
  /// One class is chosen for nearly every picture.
  case oneChoice(classIndex: Int, share: Double, pictures: Int)
  /// Values at the first batch norm are not those of the training.
  case statistics(NormalizationFit)

  /// With fewer pictures, neither chance nor a single choice means much.
  public static let fewestPictures = 10
  /// A class that is chosen more often than this.
  public static let greatestShare = 0.9
  /// Agreement beyond chance (Cohen's κ) that is as good as none.
  public static let leastAgreement = 0.1
  /// The number of standard errors that an accuracy must be above chance.
  private static let standardErrors = 3.0

  /// All that give reason to doubt, the strongest first.
  public static func all(
    in finding: ClassificationFinding, _ fit: NormalizationFit?
  ) -> [SetupDoubt] {
    [fit.flatMap { $0.isFar ? .statistics($0) : nil }, chance(in: finding), oneChoice(in: finding)]
      .compactMap(\.self)
  }

  private static func chance(in finding: ClassificationFinding) -> SetupDoubt? {
    let labelled = finding.labelled
    guard labelled >= fewestPictures, finding.confusion.labels.count > 1,
      let accuracy = finding.top1, let agreeing = finding.confusion.chanceAccuracy
    else { return nil }
    // Among many classes, perhaps no choice is the label of any picture.
    let expected = max(agreeing, 1 / Double(finding.classCount))
    // One more picture, since few right ones of a thousand classes are no sign of anything.
    let variance = expected * (1 - expected) * Double(labelled) + 1
    let error = variance.squareRoot() / Double(labelled)
    let agreement = expected < 1 ? (accuracy - expected) / (1 - expected) : 0
    // A thousand classes may be told apart badly and still far better than by chance.
    guard agreement < leastAgreement, accuracy - expected < standardErrors * error else {
      return nil
    }
    return .chance(accuracy: accuracy, expected: expected, pictures: labelled)
  }

  private static func oneChoice(in finding: ClassificationFinding) -> SetupDoubt? {
    guard finding.classCount > 1, finding.pictures >= fewestPictures,
      let (choice, share) = finding.commonest, share > greatestShare
    else { return nil }
    // Perhaps nearly all of them are of that class.
    let labelled = finding.labelled
    if labelled > 0,
      Double(finding.confusion.pictures(of: choice)) / Double(labelled) > share / 2
    {
      return nil
    }
    return .oneChoice(classIndex: choice, share: share, pictures: finding.pictures)
  }
}
