internal import Analysis
package import Datasets
internal import Drawing
package import Files
internal import Foundation
internal import Images
package import Networks
internal import TensorCore
package import Training

/// The pictures, series or volumes of a recipe, and how they are preprocessed.
package struct TrainingSources {
  package private(set) var training: any Dataset
  package private(set) var test: (any Dataset)?
  package let preprocessing: Preprocessing
  package let classNames: [String]
  /// What a user should know about the pictures, one line each.
  package private(set) var remarks: [String]
  private let memory: MemoryBudget

  /// - Parameters:
  ///   - architecture: Decides the size of the input; nil for that of `given`.
  ///   - given: How pictures were prepared for the network that training starts from.
  ///   - limit: How many training pictures to use, chosen at random by the recipe's seed; nil for
  ///     all.
  ///   - holdsOut: Whether a random fifth of data without test pictures is kept for testing.
  package init(
    _ recipe: Recipe, _ architecture: Architecture?, given: Preprocessing? = nil,
    memory: MemoryBudget, limit: Int? = nil, holdsOut: Bool = false
  ) throws {
    self.memory = memory
    let usual = architecture?.usualInputShape.extents ?? given?.input ?? []
    let kind = ExampleKind(input: usual) ?? .picture
    let data = try datasetFormats.recognize(recipe.data, of: kind)
    var options = RecognizedDataset.Options(
      memory: memory, renderedSize: usual[1], seed: recipe.seed,
      input: architecture == nil ? usual : nil)
    var training = try data.open(data.isSplit ? .training : nil, options)
    options.seed = recipe.seed &+ RenderedScenes.testSeedOffset
    // What is tested has the shape of what the network was made for.
    if kind != .picture, options.input == nil {
      options.input = try InputChoice(usual, of: recipe.architecture, for: training).shape
    }
    let testData = try recipe.testData.map { try datasetFormats.recognize($0, of: kind) }
    var test = try (testData ?? (data.isSplit ? data : nil))?.open(nil, options)
    if let labels = recipe.labels {
      training = try Self.labelled(training, by: labels, recipe.data, kind, memory)
      // Folders of test pictures may be their classes.
      if let own = test, own.classNames.isEmpty {
        test = try Self.labelled(own, by: labels, recipe.testData ?? recipe.data, kind, memory)
      }
    }
    try Self.checkMix(of: training, test, recipe, kind)
    if holdsOut, test == nil {
      (training, test) = try Self.holdingOut(of: training, seed: recipe.seed)
    }
    let opened = Set(training.remarks + (test?.remarks ?? [])).sorted()
    var matching: [String] = []
    if let own = test,
      let place = recipe.testData ?? (recipe.labels == nil ? nil : recipe.data)
    {
      (test, matching) = try Self.matched(own, to: training.classNames, place, recipe.data)
    }
    if let limit, limit < training.count {
      training = Self.shuffled(training, seed: recipe.seed).prefix(limit)
    }
    (self.training, self.test) = (training, test)
    classNames = recipe.classes ?? training.classNames
    try Self.checkClasses(of: training, classNames, recipe, kind)
    remarks = opened + matching + (try Self.classRemarks(classNames, training, test))
    let values = kind == .picture ? ArrayValues(of: training) : nil
    if let given, architecture == nil {
      preprocessing = Self.used(given, for: values, &remarks)
      return
    }
    let choice = try InputChoice(usual, of: recipe.architecture, for: training)
    remarks += [choice.remark].compactMap(\.self)
    let plain = Preprocessing(plain: choice.shape)
    if let problem = plain.problem { throw FileError(.malformed, recipe.data, problem) }
    if var given, given.kind == kind, given.input[0] == plain.input[0] {
      // The weights are for values in the same range.
      if given.input != plain.input { (given.input, given.resize) = (plain.input, .exact) }
      preprocessing = Self.used(given, for: values, &remarks)
      return
    }
    // Arrays of pictures are used exactly as they are.
    if kind == .picture, choice.remark == nil {
      preprocessing = Self.used(plain, for: values, &remarks)
    } else {
      preprocessing = try Self.normalized(plain, for: training)
    }
  }

  /// - Throws: `FileError` if only one of both parts is made of arrays of floats: these are used
  ///   exactly as they are, and pictures are preprocessed.
  private static func checkMix(
    of training: any Dataset, _ test: (any Dataset)?, _ recipe: Recipe, _ kind: ExampleKind
  ) throws {
    guard kind == .picture, let test, test.holdsArrays != training.holdsArrays else { return }
    func text(_ dataset: any Dataset) -> String {
      dataset.holdsArrays
        ? "an array of floats, which is used exactly as it is" : "pictures, which are preprocessed"
    }
    throw FileError(
      .malformed, recipe.testData ?? recipe.data,
      "expected \(text(training)), as '\(recipe.data)' has for training; found \(text(test))")
  }

  /// Those pictures of a folder that a table says the class of.
  private static func labelled(
    _ dataset: any Dataset, by table: String, _ place: String, _ kind: ExampleKind,
    _ memory: MemoryBudget
  ) throws -> ChosenExamples {
    let all = try Exhibits.labelled(dataset, by: table, of: kind, at: place, memory: memory)
    return ChosenExamples(of: all, try (0..<all.count).filter { try all.label(at: $0) != nil })
  }

  /// The preprocessing to record: for arrays of floats the one that their values tell, because they
  /// are used exactly as they are.
  private static func used(
    _ usual: Preprocessing, for values: ArrayValues?, _ remarks: inout [String]
  ) -> Preprocessing {
    guard let values else { return usual }
    guard let own = values.preprocessing(usual) else {
      remarks.append(
        "\(values.use): how pictures become arrays like these is not known, so the network can "
          + "only be used on such arrays")
      return usual
    }
    if own != usual {
      let range = own.valueRange
      remarks.append(
        "\(values.use), so the checkpoint records a preprocessing to values from "
          + "\(numberText(Double(range.lowerBound))) to \(numberText(Double(range.upperBound)))")
    }
    return own
  }

  /// - Throws: `FileError` or `RecipeError` that names the only class, if there is one: a network can
  ///   only learn to tell classes apart.
  private static func checkClasses(
    of dataset: any Dataset, _ names: [String], _ recipe: Recipe, _ kind: ExampleKind
  ) throws {
    if let classes = recipe.classes, classes.count == 1 {
      throw RecipeError(
        "classes", "expected the names of two or more classes, found one, '\(classes[0])'")
    }
    // A picture of an array, of bytes or of floats, has no folder.
    let isArray = dataset is ArrayDataset || dataset is BytePictures
    let expected =
      isArray
      ? "labels of two or more classes beside the array, in an .npz archive or .safetensors file"
      : "\(kind.plural) of two or more classes (a folder each, or a table with --labels)"
    guard names.count > 1 else {
      throw FileError(
        .malformed, recipe.data,
        "expected \(expected), found "
          + (dataset.singleClass.map { "one class, '\($0)'" }
            ?? (isArray ? "no labels" : "no classes")))
    }
    guard let only = try onlyLabel(in: dataset) else { return }
    let name = names.indices.contains(only) ? "'\(names[only])'" : "\(only)"
    throw FileError(
      .malformed, recipe.data,
      "expected \(expected), found \(dataset.count) of one class, \(name)")
  }

  /// The class of all pictures that have one; nil if there are several classes, or none.
  private static func onlyLabel(in dataset: any Dataset) throws -> Int? {
    var only: Int?
    for index in 0..<dataset.count {
      guard let label = try dataset.label(at: index) else { continue }
      if let only, only != label { return nil }
      only = label
    }
    return only
  }

  private static func shuffled(_ dataset: any Dataset, seed: UInt64) -> ChosenExamples {
    var generator = SeededGenerator(seed: seed, path: 0x5EED)
    return ChosenExamples(of: dataset, (0..<dataset.count).shuffled(using: &generator))
  }

  /// The training pictures, and a fifth of each class that no network is trained on.
  private static func holdingOut(
    of dataset: any Dataset, seed: UInt64
  ) throws -> (training: any Dataset, test: (any Dataset)?) {
    let count = dataset.count / 5
    guard count > 0 else { return (dataset, nil) }
    var generator = SeededGenerator(seed: seed, path: 0x5EED)
    let labels = try (0..<dataset.count).map { try dataset.label(at: $0) }
    let tested = heldOut(labels, count: count, using: &generator)
    guard !tested.isEmpty else { return (dataset, nil) }
    let rest = Set(0..<dataset.count).subtracting(tested).sorted()
    return (ChosenExamples(of: dataset, rest), ChosenExamples(of: dataset, tested))
  }

  /// Test pictures with the classes of the training pictures, by name.
  ///
  /// - Throws: `FileError` if they share no class.
  private static func matched(
    _ test: any Dataset, to names: [String], _ place: String, _ training: String
  ) throws -> (test: any Dataset, remarks: [String]) {
    let own = test.classNames
    guard own != names, !own.isEmpty, !names.isEmpty else { return (test, []) }
    // Arrays and some files only number their classes.
    if areNumbers(own) || areNumbers(names) { return (test, []) }
    let places = ClassNames(names, count: names.count).indices(of: own)
    let matched = MatchedClasses(of: test, names, places)
    let others = zip(own, places).filter { $1 == nil }.map(\.0)
    guard !others.isEmpty else { return (matched, []) }
    let known = try (0..<matched.count).filter { try matched.label(at: $0) != nil }
    guard !known.isEmpty else {
      throw FileError(
        .malformed, place,
        "expected pictures of the classes of '\(training)' (\(listed(names))), found only others "
          + "(\(listed(own)))")
    }
    let (verb, whose) = others.count == 1 ? ("has", "its") : ("have", "their")
    return (
      ChosenExamples(of: matched, known),
      [
        "\(others.count) of the \(own.count) classes of \(place) \(verb) no training pictures, so "
          + "\(whose) \(test.count - known.count) test pictures are left out: \(listed(others))"
      ]
    )
  }

  /// What to say of classes without training or test pictures.
  private static func classRemarks(
    _ names: [String], _ training: any Dataset, _ test: (any Dataset)?
  ) throws -> [String] {
    func missing(in dataset: any Dataset) throws -> [String] {
      let found = Set(try (0..<dataset.count).compactMap { try dataset.label(at: $0) })
      return names.indices.filter { !found.contains($0) }.map { names[$0] }
    }
    func remark(_ missing: [String], _ part: String) -> String? {
      guard !missing.isEmpty else { return nil }
      let verb = missing.count == 1 ? "has" : "have"
      return "\(missing.count) of the \(names.count) classes \(verb) no \(part) pictures: "
        + listed(missing)
    }
    return [
      remark(try missing(in: training), "training"),
      remark(try test.map(missing) ?? [], "test"),
    ].compactMap(\.self)
  }

  /// The first few names.
  private static func listed(_ names: [String]) -> String {
    names.prefix(4).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 4 ? " …" : "")
  }

  /// The same with some of the pictures, by their numbers; preprocessing stays.
  func only(training numbers: [Int], test tested: [Int]) -> TrainingSources {
    var sources = self
    sources.training = ChosenExamples(of: training, numbers)
    sources.test = test.map { ChosenExamples(of: $0, tested) }
    return sources
  }

  /// Mean and standard deviation of each channel over some of the training pictures.
  private static func normalized(
    _ plain: Preprocessing, for dataset: any Dataset
  ) throws -> Preprocessing {
    let some = Array(stride(from: 0, to: dataset.count, by: max(1, dataset.count / 1000)))
    let (means, deviations) = try dataset.channelMoments(of: some, preprocessing: plain)
    var result = plain
    if plain.kind == .picture {
      result.mean = means.map { Float(($0 * 1000).rounded() / 1000) }
      result.deviation = deviations.map { max(0.001, Float(($0 * 1000).rounded() / 1000)) }
    } else {
      // Of any size, in any unit; a channel that never changes is only centred.
      result.mean = means.map { Float($0) }
      result.deviation = deviations.map { Float($0) > 0 ? Float($0) : 1 }
    }
    return result
  }

  /// The memory that the pictures take, in bytes: that of the files, and at most a quarter of the
  /// budget for each of the two parts once they are prepared.
  package var heldBytes: Int {
    [training, test].compactMap { $0 }.reduce(0) { held, dataset in
      let prepared =
        dataset.count * preprocessing.input.reduce(1, *) * MemoryLayout<Float>.stride
      return held + dataset.heldBytes + (prepared <= preparedMemory ? prepared : 0)
    }
  }

  private var preparedMemory: Int { min(memory.bytes / 4, PreparedPictures.usualMemory) }

  package func prepare() throws -> TrainingData {
    try TrainingData(training: training, test: test, preprocessing, memory: preparedMemory)
  }
}
