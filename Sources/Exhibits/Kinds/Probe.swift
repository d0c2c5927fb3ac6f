public import Analysis
public import ArgumentParser
public import Datasets
internal import Files
public import Galleries
internal import Networks
internal import TensorCore

/// How well linear classifiers tell a data set's classes by the features of each layer.
public struct Probe: Exhibit {
  public struct Options: ParsableArguments {
    @Argument(help: "The labelled pictures, as for --images.")
    public var dataset: String?

    @OptionGroup public var images: PictureOptions

    @Option(
      help: """
        Layers by name, separated by commas; * matches any characters; by default the usual \
        convolutions and all hidden linear layers, with their activations.
        """)
    public var layers: String?

    @Option(
      help: ArgumentHelp(
        """
        Those of the layers that get a softmax classifier, too, or none; by default the last with \
        spatial extent and the last hidden one.
        """, valueName: "layers"))
    public var softmax: String?

    @Option(
      help: ArgumentHelp(
        """
        Training pictures of each class, drawn at random in each fold, with a column for each \
        number: 15,30,60; by default all.
        """, valueName: "counts"))
    public var perClass: String?

    @Option(help: "Test at most N pictures of each class; by default all.")
    public var testPerClass: Int?

    @Option(
      help: """
        Number of folds: random draws with --per-class, otherwise parts of which each is tested \
        once. All training pictures of a data set with a test part of its own are one fold. By \
        default 5, or as many as the smallest class has pictures.
        """)
    public var folds: Int?

    @Option(
      help: """
        Features of a layer: means of its maps over a grid, as fine as 4,096 features allow; the \
        mean of each map; or all values.
        """)
    public var pooling = ProbePooling.grid

    @Option(
      help: """
        Scale of the features: mean 0 and deviation 1 over the training pictures, norm 1 for each \
        picture, or as they are.
        """)
    public var scaling = FeatureScaling.standardize

    @Option(
      help: ArgumentHelp(
        """
        Values of C, the weight of the loss against the penalty, to choose from on held-out \
        training pictures; one alone is used as it is; by default powers of ten that fit the \
        features' size.
        """, valueName: "values"))
    public var regularization: String?

    @OptionGroup public var cache: CacheOptions

    public init() {}

    public mutating func validate() throws {
      if let dataset {
        // Groups are validated more than once.
        guard images.images == nil || images.images == dataset else {
          throw ValidationError("give the pictures either by themselves or with --images, not both")
        }
        images.images = dataset
      }
      try checkCount(testPerClass, of: "--test-per-class")
      let counts = try counts()
      if let folds, !(1...1000).contains(folds) {
        throw ValidationError("--folds must be from 1 to 1,000, not \(folds)")
      }
      let costs = try costs()
      if counts?.contains(1) == true, costs?.count != 1 {
        throw ValidationError(
          "--per-class 1 leaves no picture to choose C on; give one value with --regularization")
      }
    }

    /// Ascending, each once; nil for all pictures.
    func counts() throws -> [Int]? {
      guard let perClass else { return nil }
      let counts = try perClass.split(separator: ",", omittingEmptySubsequences: false).map {
        guard let count = Int($0.filter { $0 != " " }), count > 0 else {
          throw ValidationError(
            "--per-class: expected numbers of pictures such as 15,30,60, found '\(perClass)'")
        }
        return count
      }
      return Set(counts).sorted()
    }

    /// Ascending, each once; nil for those that fit the features.
    func costs() throws -> [Double]? {
      guard let regularization else { return nil }
      let range = 1e-12...1e12
      let costs = try regularization.split(separator: ",", omittingEmptySubsequences: false).map {
        guard let cost = Double($0.filter { $0 != " " }), range.contains(cost) else {
          throw ValidationError(
            "--regularization: expected numbers from 1e-12 to 1e12 such as 0.01,1, found "
              + "'\(regularization)'")
        }
        return cost
      }
      return Set(costs).sorted()
    }
  }

  public static let examples = Set(ExampleKind.allCases)
  public static let kind = FigureKind(
    "probe",
    abstract: "Tabulate how well linear classifiers do on the features of each layer.",
    heading: "Linear probes",
    explanation: "How well the features of each layer tell a data set's classes: the test accuracy "
      + "of linear classifiers.",
    isTable: true,
    examples: [
      .init(
        "The usual layers, on all pictures of a folder, in five folds",
        "samples/objects.safetensors samples/objects"),
      .init(
        "CIFAR-10 with 15, 30 and 60 training pictures of each class",
        "resnet20.safetensors cifar-10 --per-class 15,30,60"),
    ])

  public static var isUsual: Bool { false }
  /// Its classifiers learn any classes.
  public static var comparesClasses: Bool { false }

  private let name: String
  private let fileName: String
  /// The training part and the test part, or all pictures.
  private let parts: [Pictures]
  private let labels: [Int]
  private let testRows: Range<Int>?
  private let layers: [String]
  private let softmaxLayers: Set<String>
  private let counts: [Int?]
  private let costs: [Double]?
  private let options: Options

  public init(_ options: Options, in studio: Studio) throws {
    let network = studio.network
    let last = try studio.pictures(options.images).scanned
    let training = try studio.model.trainingPart(options.images, usualLimit: studio.usualLimit)
    parts = [training, last].compactMap(\.self)
    (name, fileName) = (last.name, last.fileName)
    layers = try Self.layers(options, in: studio)
    switch options.softmax {
    case "none": softmaxLayers = []
    case let patterns?:
      softmaxLayers = Set(try studio.layers(matching: patterns, for: .activations))
    case nil:
      let usual = network.lastLayers().filter(layers.contains)
      softmaxLayers = Set(usual.isEmpty ? layers.suffix(1) : usual[...])
    }
    if let other = softmaxLayers.subtracting(layers).sorted().first {
      throw UsageError("--softmax: layer '\(other)' is not one of those of --layers")
    }
    let labelled = try LabelledParts(parts)
    labels = labelled.labels
    testRows = training.map { $0.count..<labelled.labels.count }
    counts = try options.counts()?.map { $0 } ?? [nil]
    costs = try options.costs()
    self.options = options
    // Whatever cannot be split is an error before the features are computed.
    _ = try splits(missing: [], names: labelled.classNames)
    for layer in layers { try checkMemory(layer, in: studio) }
  }

  /// The layers that are probed, in the order they run.
  private static func layers(_ options: Options, in studio: Studio) throws -> [String] {
    if let patterns = options.layers {
      return try studio.layers(matching: patterns, for: .activations)
    }
    let network = studio.network
    let linear = network.graph.nodes.filter { $0.operation is Linear }.map(\.name)
    let hidden = network.hasClassScores ? Array(linear.dropLast()) : linear
    let usual = Set(
      network.featureLayers() + hidden.map(network.rectified) + [network.penultimateLayer])
    return network.graph.nodes.map(\.name).filter {
      usual.contains($0) && network.obstacle(to: .activations, at: $0) == nil
    }
  }

  public func draw(into studio: Studio) throws {
    guard !studio.resumes(fileName) else { return }
    let finding = try finding(in: studio)
    for line in probeLines(of: finding, source: name) { studio.reporter.say(line) }
    let folds = finding.rows.flatMap { $0.folds.joined() }
    let open = folds.count { !$0.hasConverged }
    if open > 0 {
      studio.reporter.warn(
        "\(open) of \(folds.count) fits did not converge; a smaller C converges sooner")
    }
    try studio.add(
      probeFigure(of: finding, model: studio.model.name, source: name), name: fileName,
      source: name,
      details: [
        "layers": layers.joined(separator: ","), "classes": "\(finding.classCount)",
        "pictures": "\(labels.count)",
      ], seed: options.images.seed
    ) { arrays(of: finding) }
  }

  // MARK: Splits

  private struct Column {
    let perClass: Int?
    let folds: [ProbeSplit]
  }

  private static let usualFolds = 5

  /// - Throws: `FileError` or `UsageError` that names the class that has too few pictures.
  private func splits(
    missing: Set<Int>, names: [String]? = nil
  ) throws -> (classes: [Int], columns: [Column]) {
    let names = try names ?? LabelledParts(parts).classNames
    do {
      let splits = try ProbeSplits(labels: labels, testRows: testRows, missing: missing)
      if counts.contains(nil), !splits.hasTestPart, let folds = options.folds, folds < 2 {
        throw UsageError("--folds: expected 2 or more without --per-class, found \(folds)")
      }
      let columns = try counts.map { count in
        let most = count == nil ? max(2, splits.fewestPerClass) : Self.usualFolds
        return Column(
          perClass: count,
          folds: try splits.folds(
            perClass: count, folds: options.folds ?? min(Self.usualFolds, most),
            testPerClass: options.testPerClass,
            fewest: costs?.count == 1 ? 1 : 2, seed: options.images.seed))
      }
      return (splits.classes, columns)
    } catch let error as ProbeSplitError {
      let reason = error.reason(names)
      switch error {
      case .oneClass:
        throw FileError(
          .malformed, name, reason + (labels.first.map { ", \(classText($0, names))" } ?? ""))
      case .onlyTested: throw FileError(.malformed, name, reason)
      case .tooFew(_, _, let needed):
        if !counts.contains(nil) {
          // Those that are not trained on are tested, unless there is a test part.
          let perClass = testRows == nil ? needed - 1 : needed
          throw UsageError("--per-class \(perClass): \(reason)")
        }
        guard testRows == nil, let folds = options.folds else {
          throw FileError(.malformed, name, reason)
        }
        throw UsageError("--folds \(folds): \(reason)")
      }
    }
  }

  // MARK: Fits

  /// - Throws: `FileError` if features are not finite; the errors of the pass.
  private func finding(in studio: Studio) throws -> ProbeFinding {
    var rows: [String: [ProbeClassifier: [[ProbeFold]]]] = [:]
    var columns: [Column] = []
    var classCount = 0
    var counts: [String: Int] = [:]
    let fits = layers.count + softmaxLayers.count
    var progress = ProbeProgress(studio)
    for group in groups(in: studio) {
      let kept = KeptFeatures(group, pooling: options.pooling, of: parts, in: studio)
      try kept.collect()
      studio.settle()
      let held = kept.layers.reduce(0) {
        $0 + ProbeFeatures.bytes(rows: $1.rowCount, features: $1.featureCount)
      }
      for features in kept.layers {
        try checkFinite(features, in: studio)
        let split = try splits(missing: features.missing)
        (columns, classCount) = (split.columns, split.classes.count)
        counts[features.layer] = features.featureCount
        let memory = studio.memoryForPictures.less(
          held + LinearProbe.heldBytes(classes: classCount, features: features.featureCount))
        let probe = LinearProbe(
          scaling: options.scaling, costs: costs, seed: options.images.seed, memory: memory.bytes)
        let classifiers = classifiers(of: features.layer)
        progress.begin(total: fits * columns.reduce(0) { $0 + $1.folds.count } * probe.mostFits)
        let found = split.columns.map { column in
          column.folds.map { fold in
            let result = probe.fold(
              fold, of: features, labels: labels, classes: split.classes, by: classifiers
            ) { progress.step() }
            progress.endFold(of: classifiers.count * probe.mostFits)
            return result
          }
        }
        for (place, classifier) in classifiers.enumerated() {
          rows[features.layer, default: [:]][classifier] = found.map { $0.map { $0[place] } }
        }
      }
      studio.releaseIdle()
    }
    return ProbeFinding(
      columns: columns.map { .init(perClass: $0.perClass, folds: $0.folds) },
      // As in the paper: all machines, then the softmax classifiers.
      rows: ProbeClassifier.allCases.flatMap { classifier in
        layers.enumerated().compactMap { place, layer in
          rows[layer]?[classifier].map {
            ProbeFinding.Row(
              classifier: classifier, layer: layer, number: place + 1,
              featureCount: counts[layer] ?? 0, folds: $0)
          }
        }
      },
      classCount: classCount, hasTestPart: testRows != nil, pooling: options.pooling,
      scaling: options.scaling)
  }

  private func classifiers(of layer: String) -> [ProbeClassifier] {
    softmaxLayers.contains(layer) ? [.svm, .softmax] : [.svm]
  }

  /// - Throws: `FileError` that names the first picture with features that are not finite.
  private func checkFinite(_ features: ProbeFeatures, in studio: Studio) throws {
    let rows = features.nonFinite
    guard let first = rows.first else { return }
    let picture: String
    if first < parts[0].count {
      picture = try parts[0].sourceName(of: parts[0].indices[first])
    } else {
      picture = try parts[1].sourceName(of: parts[1].indices[first - parts[0].count])
    }
    throw FileError(
      .malformed, studio.model.path,
      "expected finite features at '\(features.layer)', found others for \(rows.count) of "
        + "\(features.rowCount) pictures, the first of them \(picture)")
  }

  // MARK: Memory

  private func bytes(of layer: String, in studio: Studio) -> Int {
    ProbeFeatures.bytes(rows: labels.count, features: featureCount(of: layer, in: studio))
  }

  private func featureCount(of layer: String, in studio: Studio) -> Int {
    options.pooling.featureCount(of: studio.network.shapes[layer] ?? [1, 1])
  }

  private func checkMemory(_ layer: String, in studio: Studio) throws {
    let features = featureCount(of: layer, in: studio)
    let own = bytes(of: layer, in: studio)
    let (needed, overflows) = own.addingReportingOverflow(
      LinearProbe.heldBytes(classes: Set(labels).count, features: features))
    try studio.memoryForPictures.check(
      overflows ? .max / 2 : min(needed, .max / 2), studio.model.path,
      "\(features) features at '\(layer)' for each of \(labels.count) pictures",
      advice: "a smaller --limit, --pooling grid or --pooling mean takes less")
  }

  /// Layers whose features are in memory together: each group is a pass over the pictures.
  private func groups(in studio: Studio) -> [[String]] {
    // The rest is for liblinear's copy of one layer.
    let most = studio.memoryForPictures.bytes / 4
    var groups: [[String]] = []
    var sum = Int.max
    for layer in layers {
      let own = bytes(of: layer, in: studio)
      if sum > most - min(own, most) {
        groups.append([])
        sum = 0
      }
      groups[groups.count - 1].append(layer)
      sum += own
    }
    return groups
  }

  // MARK: Numbers

  /// `accuracies` and `costs` `[rows, columns, folds]`, and the rows' classifiers and layers.
  private func arrays(of finding: ProbeFinding) -> FigureArrays {
    let foldCount = finding.columns.map(\.training.count).max() ?? 0
    let shape = Shape([finding.rows.count, finding.columns.count, foldCount])
    func tensor(_ value: (ProbeFold) -> Double) -> Tensor {
      Tensor(
        shape: shape,
        finding.rows.flatMap { row in
          row.folds.flatMap { folds in
            (0..<foldCount).map { $0 < folds.count ? Float(value(folds[$0])) : .nan }
          }
        })
    }
    var table = CSVRows(columns: [
      "classifier", "number", "layer", "features", "classes", "per_class", "training", "tested",
      "folds", "accuracy", "deviation", "fold_accuracies", "fold_costs", "converged",
    ])
    for row in finding.rows {
      for (column, folds) in zip(finding.columns, row.folds) {
        table.append([
          row.classifier.rawValue, "\(row.number)", row.layer, "\(row.featureCount)",
          "\(finding.classCount)", column.perClass.map(String.init) ?? "all",
          "\(column.training.max() ?? 0)", "\(column.tested.max() ?? 0)", "\(folds.count)",
          CSVRows.text(folds.meanAccuracy), folds.deviation.map(CSVRows.text) ?? "",
          folds.map { CSVRows.text($0.accuracy) }.joined(separator: " "),
          folds.map { CSVRows.text($0.cost) }.joined(separator: " "),
          "\(folds.count { $0.hasConverged })",
        ])
      }
    }
    return FigureArrays(
      ["accuracies": tensor(\.accuracy), "costs": tensor(\.cost)],
      names: [
        "classifiers": .init(finding.rows.map(\.classifier.rawValue)),
        "layers": .init(finding.rows.map(\.layer)),
      ], table: table)
  }
}
