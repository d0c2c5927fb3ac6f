import Exhibits
import Files
import Training

/// By which names a user knows the keys of a recipe: those of options, or the keys themselves. Errors
/// name what was given.
struct RecipeNames {
  /// The options that set a key.
  private static let options = [
    "architecture": "--architecture", "changes": "--change", "data": "--data",
    "testData": "--test-data", "labels": "--labels", "from": "--from", "epochs": "--epochs",
    "batchSize": "--batch-size", "seed": "--seed", "initialization": "--initialization",
    "optimizer.learningRate": "--learning-rate", "optimizer.name": "--optimizer",
    "optimizer.clipNorm": "--clip-norm", "optimizer.averageDecay": "--average",
    "optimizer.filterRadius": "--filter-radius", "schedule.name": "--schedule",
    "validationFraction": "--validation-fraction", "earlyStopping.patience": "--patience",
    "labelSmoothing": "--label-smoothing", "mixup": "--mixup", "sampling": "--balanced",
    "augmentation.cutout": "--cutout", "augmentation.padCrop": "--shift",
    "augmentation.flip": "--flip", "layers.freeze": "--freeze",
    "layers.rates": "--layer-rate", "layers.copiedRate": "--copied-rate",
    "layers.unfreezeEpochs": "--unfreeze", "layers.unfreezeLayers": "--unfreeze-layers",
    "layers.newClassifier": "--new-classifier",
  ]

  /// The option or argument that was given, by key.
  private var given: [String: String]
  /// The recipe's file; nil if there is none.
  private let file: String?

  /// - Parameter given: Whether an option was given, by its key.
  init(_ given: KeyValuePairs<String, Bool>, file: String?) {
    self.file = file
    self.given = [:]
    for (key, isGiven) in given {
      guard let option = Self.options[key] else { preconditionFailure("no option sets '\(key)'") }
      if isGiven { self.given[key] = option }
    }
  }

  /// The same where a value of the recipe is a command's own option or argument.
  func adding(_ names: KeyValuePairs<String, String?>) -> RecipeNames {
    var all = self
    for (key, name) in names where name != nil { all.given[key] = name }
    return all
  }

  /// The error with the name of the option or the file that is at fault.
  func blamed(_ error: RecipeError) -> any Error {
    let reason = error.reason { given[$0] ?? Self.options[$0] ?? $0 }
    if let option = given[error.key] { return UsageError("\(option): \(reason)") }
    // A value that is only wrong beside another one.
    if let option = error.relatedKeys.lazy.compactMap({ given[$0] }).first {
      return UsageError("\(option): the recipe's \(error.key): \(reason)")
    }
    if let file { return FileError(.malformed, file, error.description) }
    return Self.options[error.key].map { UsageError("\($0): \(reason)") } ?? error
  }

  /// Runs a piece of work, whose errors about the recipe are then about what was given.
  func blaming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as RecipeError {
      throw blamed(error)
    }
  }
}
