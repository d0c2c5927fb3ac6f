import ArgumentParser
import Exhibits
import Files
import Networks
import Training

/// The keys of a recipe that are also options, which override them.
struct RecipeOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Number of epochs. (default: 10)")
  var epochs: Int?

  @Option(help: "Pictures per step. (default: 64)")
  var batchSize: Int?

  @Option(
    help: """
      The highest learning rate. (default: 0.02, in a recipe for train 0.01; for adam and adamw \
      0.001)
      """)
  var learningRate: Double?

  @Option(help: "Optimizer. (default: sgd)")
  var optimizer: OptimizerSettings.Method?

  @Option(help: "Learning rate schedule. (default: cosine; in a recipe for train: constant)")
  var schedule: Schedule.Shape?

  @Option(help: "Random seed: initial weights, order, augmentation, mixing and dropout.")
  var seed: UInt64?

  @Option(help: "How new weights are initialized.")
  var initialization: Initialization?

  @Option(
    help: ArgumentHelp(
      """
      Change the architecture: remove=fc7,conv3, resize=conv1:32, \
      pooling=max|average|stride|convolution, normalization=batch|none, \
      activation=relu|leaky-relu|elu|gelu|swish|tanh|sigmoid|none, dropout=0.5. Sizes of other \
      layers are adapted. Can be given several times.
      """, valueName: "key=value"))
  var change: [String] = []

  @OptionGroup var table: LabelOptions

  @Option(
    help: ArgumentHelp(
      "Pictures that are only tested on, if the data does not include its own.",
      valueName: "pictures"))
  var testData: String?

  @Option(help: "Fraction of the training pictures of each class that is held out for validation.")
  var validationFraction: Double?

  @Option(
    help: ArgumentHelp(
      """
      Stop when the validation loss has not improved for N epochs, and keep the best network; \
      needs --validation-fraction.
      """, valueName: "n"))
  var patience: Int?

  @Option(help: "Share of each label that is spread over all classes.")
  var labelSmoothing: Double?

  @Option(
    help: ArgumentHelp(
      "Mix pairs of pictures and their labels, with shares from Beta(α, α); 0.2 is usual.",
      valueName: "alpha"))
  var mixup: Double?

  @Option(
    help: ArgumentHelp(
      "Cut a square with sides of N pixels out of each training picture.", valueName: "n"))
  var cutout: Int?

  @Option(
    help: ArgumentHelp(
      """
      Shift each training picture by up to N pixels in each direction; 0 for no shifts. (default: a \
      sixteenth of the width of the network's usual input; in a recipe for train: 0)
      """, valueName: "n"))
  var shift: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Mirror training pictures, each with probability ½. (default: no)")
  var flip: Bool?

  @Flag(
    help: """
      Train on the pictures as they are: without the usual shifts, and without the augmentation of \
      a recipe.
      """)
  var noAugmentation = false

  @Flag(help: "Show as many training pictures of each class in every epoch.")
  var balanced = false

  @Option(
    help: ArgumentHelp(
      "Scale the gradients down if their norm together is greater.", valueName: "norm"))
  var clipNorm: Double?

  @Option(
    help: ArgumentHelp(
      "Test and keep a moving average of the weights with this decay, such as 0.999.",
      valueName: "decay"))
  var average: Double?

  @Option(
    help: ArgumentHelp(
      "Scale filters down if their root mean square is greater; 0.1 in Zeiler and Fergus (2014).",
      valueName: "rms"))
  var filterRadius: Double?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      """
      Layers or parameters whose weights never change, such as 'features.*'; their batch norms \
      keep their statistics. May be given several times, or with commas.
      """, valueName: "pattern"))
  var freeze: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      """
      Factor of the learning rate for some layers, such as 'layer4.*=0.5'; the longest pattern \
      that fits decides. May be given several times.
      """, valueName: "pattern=factor"))
  var layerRate: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Factor of the learning rate for layers with given weights (default: 1; finetune: 0.1). New \
      layers have the full rate.
      """, valueName: "factor"))
  var copiedRate: Double?

  @Option(
    help: ArgumentHelp(
      "Let only the last layer learn at first, and every N epochs the one before it too.",
      valueName: "n"))
  var unfreeze: Int?

  @Option(
    help: ArgumentHelp(
      "Number of layers that --unfreeze adds at a time (default: 1).", valueName: "n"))
  var unfreezeLayers: Int?

  @Flag(help: "Start with a new classifier even for classes that the given network has.")
  var newClassifier = false

  func validate() throws {
    do {
      _ = try rates()
      for text in freeze { _ = try namePatterns(text, of: "--freeze") }
    } catch let error as UsageError {
      throw ValidationError(error.description)
    }
    let others = [("--shift", shift != nil), ("--flip", flip == true), ("--cutout", cutout != nil)]
    if noAugmentation, let other = others.first(where: \.1)?.0 {
      throw ValidationError("give either --no-augmentation or \(other), not both")
    }
  }

  private func rates() throws(UsageError) -> [String: Double] {
    var rates: [String: Double] = [:]
    for text in layerRate {
      let parts = text.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, let factor = Double(parts[1]) else {
        throw UsageError(
          "--layer-rate: expected a pattern and a factor such as 'layer4.*=0.5', found '\(text)'")
      }
      rates[String(parts[0])] = factor
    }
    return rates
  }

  /// Of SGD, if no recipe says another.
  static let usualRate = 0.02

  /// - Parameter names: Of what was given, for errors.
  /// - Returns: The recipe with what the options say.
  /// - Throws: `UsageError`, `FileError` or `RecipeError` if it cannot be followed.
  func applied(to recipe: Recipe, _ names: RecipeNames) throws -> Recipe {
    let given = recipe
    var recipe = recipe
    recipe.epochs = epochs ?? recipe.epochs
    recipe.batchSize = batchSize ?? recipe.batchSize
    if let optimizer {
      // A rate for SGD is none for Adam, nor the other way round.
      if optimizer.usualRate != recipe.optimizer.name.usualRate {
        recipe.optimizer.learningRate = optimizer.usualRate ?? Self.usualRate
      }
      recipe.optimizer.name = optimizer
    }
    recipe.optimizer.learningRate = learningRate ?? recipe.optimizer.learningRate
    recipe.optimizer.clipNorm = clipNorm ?? recipe.optimizer.clipNorm
    recipe.optimizer.averageDecay = average ?? recipe.optimizer.averageDecay
    recipe.optimizer.filterRadius = filterRadius ?? recipe.optimizer.filterRadius
    recipe.schedule.name = schedule ?? recipe.schedule.name
    recipe.seed = seed ?? recipe.seed
    recipe.initialization = initialization ?? recipe.initialization
    recipe.testData = testData ?? recipe.testData
    recipe.labels = table.labels ?? recipe.labels
    recipe.validationFraction = validationFraction ?? recipe.validationFraction
    recipe.earlyStopping.patience = patience ?? recipe.earlyStopping.patience
    recipe.labelSmoothing = labelSmoothing ?? recipe.labelSmoothing
    recipe.mixup = mixup ?? recipe.mixup
    if noAugmentation { recipe.augmentation = Augmentation() }
    recipe.augmentation.padCrop = shift ?? recipe.augmentation.padCrop
    recipe.augmentation.flip = flip ?? recipe.augmentation.flip
    recipe.augmentation.cutout = cutout ?? recipe.augmentation.cutout
    if balanced { recipe.sampling = .balanced }
    for text in freeze { recipe.layers.freeze += try namePatterns(text, of: "--freeze") }
    recipe.layers.rates.merge(try rates()) { $1 }
    recipe.layers.copiedRate = copiedRate ?? recipe.layers.copiedRate
    recipe.layers.unfreezeEpochs = unfreeze ?? recipe.layers.unfreezeEpochs
    recipe.layers.unfreezeLayers = unfreezeLayers ?? recipe.layers.unfreezeLayers
    if newClassifier { recipe.layers.newClassifier = true }
    try changeArchitecture(of: &recipe)
    try checkEffects(on: recipe, before: given)
    try names.blaming { try recipe.check() }
    return recipe
  }

  /// - Parameter given: The recipe without the options; 0 may switch something of it off.
  /// - Throws: `UsageError` for an option that would change nothing.
  private func checkEffects(on recipe: Recipe, before given: Recipe) throws(UsageError) {
    if recipe.from == nil {
      let options = [
        ("--new-classifier", newClassifier), ("--copied-rate", copiedRate != nil),
        ("--unfreeze", unfreeze != nil), ("--unfreeze-layers", unfreezeLayers != nil),
      ]
      if let option = options.first(where: \.1)?.0 {
        throw UsageError("\(option): expected given weights, with --from, found none")
      }
    }
    if unfreezeLayers != nil, unfreeze == nil, recipe.layers.unfreezeEpochs == 0 {
      throw UsageError("--unfreeze-layers: expected --unfreeze, too")
    }
    if unfreeze == 0, given.layers.unfreezeEpochs == 0 {
      throw UsageError("--unfreeze: expected a number of epochs from 1, found 0")
    }
    if clipNorm == 0, given.optimizer.clipNorm == 0 {
      throw UsageError("--clip-norm: expected a number above 0, found 0")
    }
  }

  private func changeArchitecture(of recipe: inout Recipe) throws(UsageError) {
    var changes = recipe.changes ?? ArchitectureChanges()
    for text in change {
      do throws(ArchitectureChangeError) {
        try changes.add(text)
        try changes.check()
      } catch {
        throw UsageError("--change: \(error)")
      }
    }
    recipe.changes = changes.isEmpty ? nil : changes
  }

  /// - Parameter file: The recipe's.
  func names(in file: String?) -> RecipeNames {
    RecipeNames(
      [
        "epochs": epochs != nil, "batchSize": batchSize != nil,
        "optimizer.learningRate": learningRate != nil, "optimizer.name": optimizer != nil,
        "optimizer.clipNorm": clipNorm != nil, "optimizer.averageDecay": average != nil,
        "optimizer.filterRadius": filterRadius != nil, "schedule.name": schedule != nil,
        "seed": seed != nil, "initialization": initialization != nil,
        "changes": !change.isEmpty, "testData": testData != nil, "labels": table.labels != nil,
        "validationFraction": validationFraction != nil,
        "earlyStopping.patience": patience != nil, "labelSmoothing": labelSmoothing != nil,
        "mixup": mixup != nil, "augmentation.cutout": cutout != nil,
        "augmentation.padCrop": shift != nil, "augmentation.flip": flip != nil,
        "sampling": balanced,
        "layers.freeze": !freeze.isEmpty, "layers.rates": !layerRate.isEmpty,
        "layers.copiedRate": copiedRate != nil, "layers.unfreezeEpochs": unfreeze != nil,
        "layers.unfreezeLayers": unfreezeLayers != nil, "layers.newClassifier": newClassifier,
      ], file: file)
  }
}

/// The classes of pictures that are not in folders of their own.
struct LabelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A table with the columns file and label: the classes of the pictures of a folder without a \
      folder for each class, and of its test pictures. Pictures that it does not name are left out.
      """, valueName: "file.csv"))
  var labels: String?
}

/// A recipe in YAML.
///
/// - Parameters:
///   - missing: What the file may leave out.
///   - defaults: The values of other keys that the file does not have; nil for those of `Recipe`.
/// - Throws: `FileError` that names the file and the key at fault.
func readRecipe(
  _ path: String, missing: MissingKeys, defaults: Recipe? = nil
) throws(FileError) -> Recipe {
  try Recipe.read(path, limit: YAMLText.mostBytes, missing: missing) { data in
    do {
      return try YAMLText(data).decode(
        RecipeDraft.self, userInfo: defaults.map { [.recipeDefaults: $0] } ?? [:])
    } catch let error as YAMLDefect {
      throw RecipeError("", "expected YAML: \(error)")
    }
  }
}
