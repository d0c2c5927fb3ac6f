internal import Analysis
package import Checkpoints
internal import Datasets
internal import Files
internal import Foundation
internal import Galleries
internal import Networks
internal import TensorCore
package import Training

/// What a network has learned for one data set is worth for another, by the number of pictures there
/// are (Zeiler and Fergus 2014, section 5.2; Yosinski et al. 2014).
package struct TransferExperiment: Sendable {
  /// What learns, from nothing given to everything given.
  package enum Method: String, Sendable, Hashable, CaseIterable {
    /// The same architecture with fresh weights.
    case scratch
    /// Linear support vector machines on the features of the last hidden layer.
    case features
    /// A new classifier layer, by gradient descent; all others are frozen.
    case classifier
    /// The new classifier, and the fully connected layers before it; in a network without such
    /// layers, its last stage.
    case connected
    /// All layers.
    case all
  }

  /// A way of training, for this network.
  private struct Row: Sendable {
    let method: Method
    let label: String
    let layers: LayerSettings
  }

  /// What a run is for.
  private struct Cell: Sendable {
    let row: Int
    let perClass: Int
    let draw: Int
  }

  package let runs: [ExperimentRun]
  /// The pictures that some run sees, and those to test on.
  package let sources: TrainingSources
  /// What a user should know, one line each.
  package let remarks: [String]
  /// Ascending.
  package let counts: [Int]
  private let rows: [Row]
  private let cells: [Cell]
  private let draws: Int
  private let network: String
  private let recipe: Recipe

  /// The numbers of pictures of each class unless others are asked for; those that the classes have.
  package static let usualCounts = [15, 30, 60]
  /// With fewer pictures of each class, there are more epochs, so that networks make as many steps.
  package static let fullCount = 60

  /// - Parameters:
  ///   - origin: The checkpoint's file.
  ///   - recipe: With `layers.copiedRate` for layers with given weights; its epochs are for 60 or
  ///     more pictures of each class.
  ///   - sources: Preprocessed as for the given network, and with test pictures.
  ///   - perClass: The numbers of training pictures of each class; nil for the usual ones.
  ///   - draws: How often each network is trained, with other pictures and other random numbers.
  ///   - testPerClass: The most test pictures of each class; nil for all.
  /// - Throws: `FileError` or `UsageError` if there are too few pictures; `GraphError` if the network
  ///   has no classifier that can be replaced.
  package init(
    of given: Checkpoint, _ origin: TrainingStart.Origin, _ recipe: Recipe,
    on sources: TrainingSources, methods: [Method] = Method.allCases, perClass: [Int]? = nil,
    draws: Int = 3, testPerClass: Int? = nil
  ) throws {
    var readable = ReadablePictures(sources)
    var remarks: [String] = []
    var counts: [Int] = []
    var folds: [[ProbeSplit]] = []
    // Pictures that cannot be read are known when they are drawn; then others are drawn.
    repeat {
      let pictures = try LabelledSources(sources, recipe.data, without: readable.failures)
      (counts, remarks) = try pictures.counts(asked: perClass)
      folds = try counts.map {
        try pictures.folds(perClass: $0, draws: draws, testPerClass, seed: recipe.seed)
      }
    } while try !readable.check(Set(folds.joined().flatMap { $0.training + $0.test }))
    self.counts = counts
    remarks += readable.remarks
    // The same test pictures for all.
    let tested = folds[0][0].test
    let trained = Set(folds.joined().flatMap(\.training)).sorted()
    let places = Dictionary(uniqueKeysWithValues: trained.enumerated().map { ($1, $0) })
    let own = sources.only(
      training: trained, test: tested.map { $0 - sources.training.count })
    (rows, remarks) = try Self.rows(given.network, methods, recipe, remarks)
    let layer = given.network.penultimateLayer
    var (runs, cells): ([ExperimentRun], [Cell]) = ([], [])
    for (place, row) in rows.enumerated() {
      for (perClass, folds) in zip(counts, folds) {
        for (draw, fold) in zip(Draw.all(folds.count), folds) {
          var recipe = draw.recipe(recipe)
          recipe.epochs = Self.epochs(recipe.epochs, perClass: perClass)
          recipe.layers = row.layers
          cells.append(Cell(row: place, perClass: perClass, draw: draw.number))
          runs.append(
            ExperimentRun(
              name: "\(row.method.rawValue)-\(perClass)-\(draw.number + 1)",
              label: draw.label("\(row.label), \(perClass) per class"),
              recipe, pictures: fold.training.compactMap { places[$0] },
              origin: row.method == .scratch ? nil : origin.sha256,
              Self.making(row.method, given, origin, recipe, layer: layer)))
        }
      }
    }
    (self.runs, self.cells, self.remarks) = (runs, cells, remarks)
    (self.sources, self.draws) = (own, draws)
    network = origin.checkpoint
    self.recipe = recipe
  }

  private static func epochs(_ epochs: Int, perClass: Int) -> Int {
    guard perClass < fullCount else { return epochs }
    let (product, overflows) = epochs.multipliedReportingOverflow(by: fullCount)
    // Both numbers are limited by the recipe's check.
    return overflows ? epochs : min((product + perClass - 1) / perClass, 1_000_000)
  }

  private static func making(
    _ method: Method, _ given: Checkpoint, _ origin: TrainingStart.Origin, _ recipe: Recipe,
    layer: String
  ) -> ExperimentRun.Making {
    switch method {
    case .features:
      .readout(LinearReadout(network: given.network, layer: layer, seed: recipe.seed))
    case .scratch:
      .training { sources in
        (
          try TrainingStart(
            architectureOf: given, classNames: sources.classNames, dropout: recipe.dropout,
            initialization: recipe.initialization, seed: recipe.seed), []
        )
      }
    case .classifier, .connected, .all:
      .training { sources in
        (
          try TrainingStart(
            from: given, origin, classNames: sources.classNames,
            rows: sources.classNames.map { _ in nil }, newClassifier: true,
            dropout: recipe.dropout, initialization: recipe.initialization, seed: recipe.seed), []
        )
      }
    }
  }

  /// The ways of training that differ for a network, and why others are left out.
  private static func rows(
    _ network: Network, _ methods: [Method], _ recipe: Recipe, _ remarks: [String]
  ) throws -> ([Row], [String]) {
    var (rows, remarks): ([Row], [String]) = ([], remarks)
    let rate = recipe.layers.copiedRate
    for method in Method.allCases where methods.contains(method) {
      switch method {
      case .scratch: rows.append(Row(method: method, label: "from scratch", layers: .init()))
      case .features:
        rows.append(Row(method: method, label: "SVM on fixed features", layers: .init()))
      case .classifier:
        rows.append(
          Row(method: method, label: "classifier only", layers: .init(copiedRate: 0)))
      case .connected:
        let last = try LastLayers(of: network)
        guard let parameters = last.parameters else {
          remarks.append(last.remark)
          continue
        }
        if !last.remark.isEmpty { remarks.append(last.remark) }
        let rates = Dictionary(uniqueKeysWithValues: parameters.map { ($0, rate) })
        rows.append(
          Row(method: method, label: last.label, layers: .init(rates: rates, copiedRate: 0)))
      case .all:
        rows.append(Row(method: method, label: "all layers", layers: .init(copiedRate: rate)))
      }
    }
    guard !rows.isEmpty else { throw UsageError("no way of training is left") }
    return (rows, remarks)
  }

  // MARK: Report

  private struct Result {
    let label: String
    let method: Method
    let learned: Int?
    /// For each number of pictures.
    let accuracies: [RepeatedMeasure]
  }

  /// - Parameter measures: In the order of the runs.
  package func report(_ measures: [RunMeasures]) throws -> ExperimentReport {
    let guess = try Guessing(sources).test
    let results = rows.enumerated().map { place, row in
      let own = zip(cells, measures).filter { $0.0.row == place }
      return Result(
        label: row.label, method: row.method, learned: own.first?.1.learnedParameters,
        accuracies: counts.map { count in
          RepeatedMeasure(own.filter { $0.0.perClass == count }.map(\.1.testAccuracy))
        })
    }
    let table = ExperimentTable(
      heads: ["What learns", "Parameters that learn"]
        + counts.map { "Test accuracy %, \($0) per class" },
      rows: results.map { result in
        [result.label, result.learned.map { grouped($0) } ?? "–"]
          + result.accuracies.map(\.percentText)
      } + [[guess.name, "–"] + counts.map { _ in RepeatedMeasure([guess.accuracy]).percentText }],
      values: values(of: results))
    let subtitle = subtitle(of: measures)
    let caption = caption(guess)
    return ExperimentReport(
      table: table,
      figures: [
        (
          "table",
          experimentTableFigure(
            title: "What transfers from \(network)", subtitle: subtitle, heads: table.heads,
            rows: table.rows, caption: caption)
        ),
        (
          "curves",
          transferFigure(
            title: "What transfers from \(network)", subtitle: subtitle, perClass: counts,
            methods: results.map { ($0.label, $0.accuracies) },
            guess: guess,
            caption: caption + " Points of one number of pictures are drawn side by side.")
        ),
      ], runs: runTable(measures))
  }

  private func subtitle(of measures: [RunMeasures]) -> String {
    let tested = measures.first?.testPictures ?? 0
    return [
      measures.first?.recipe.data ?? "", "\(sources.classNames.count) classes",
      "\(grouped(tested)) test picture\(tested == 1 ? "" : "s")",
      draws == 1 ? "one run" : "\(draws) runs each",
    ].joined(separator: " · ")
  }

  private func caption(_ guess: Guess) -> String {
    var sentences = [
      "Test accuracy is the share of test pictures whose first choice is right, in percent"
        + (draws > 1
          ? ", the mean ± sample standard deviation of \(draws) runs with other pictures and other "
            + "random numbers; the test pictures are the same."
          : ", of one run, so there is no deviation."),
      guessSentence([guess]),
    ]
    let kinds = Set(rows.map(\.method))
    if kinds.contains(.scratch) {
      sentences.append("From scratch: the same architecture with fresh weights.")
    }
    if kinds.contains(.features) {
      sentences.append(
        "SVM: linear support vector machines on the unchanged features of the last hidden layer.")
    }
    if !kinds.isDisjoint(with: [.classifier, .connected, .all]) {
      sentences.append(
        "In the other rows, the classifier is new and learns at the full rate by gradient descent, or "
          + "at the highest that is stable for its features"
          + (kinds.isDisjoint(with: [.connected, .all])
            ? "."
            : ", and layers with given weights at "
              + "\(CSVRows.text(recipe.layers.copiedRate)) times the rate or not at all."))
    }
    if counts.contains(where: { $0 < Self.fullCount }) {
      let epochs = counts.map { count in
        "\(Self.epochs(recipe.epochs, perClass: count)) for \(count) per class"
      }
      sentences.append(
        "Fewer pictures have more epochs (\(epochs.joined(separator: ", "))), so that networks make "
          + "as many steps.")
    }
    sentences.append("After Zeiler and Fergus 2014, section 5.2.")
    return sentences.joined(separator: " ")
  }

  private func values(of results: [Result]) -> CSVRows {
    var table = CSVRows(columns: [
      "method", "label", "learned_parameters", "pictures_per_class", "runs", "test_accuracy",
      "deviation",
    ])
    for result in results {
      for (count, accuracy) in zip(counts, result.accuracies) {
        table.append([
          result.method.rawValue, result.label, result.learned.map { "\($0)" } ?? "", "\(count)",
          "\(accuracy.values.count)", CSVRows.text(accuracy.mean),
          CSVRows.text(accuracy.deviation),
        ])
      }
    }
    return table
  }

  private func runTable(_ measures: [RunMeasures]) -> CSVRows {
    var table = CSVRows(columns: [
      "run", "method", "pictures_per_class", "seed", "epochs", "training_pictures",
      "test_pictures", "learned_parameters", "training_accuracy", "test_accuracy",
    ])
    for ((run, cell), measures) in zip(zip(runs, cells), measures) {
      let isTrained = rows[cell.row].method != .features
      table.append([
        run.name, rows[cell.row].method.rawValue, "\(cell.perClass)", "\(run.recipe.seed)",
        isTrained ? "\(run.recipe.epochs)" : "", "\(measures.trainingPictures)",
        "\(measures.testPictures)", measures.learnedParameters.map { "\($0)" } ?? "",
        CSVRows.text(1 - measures.trainingError), CSVRows.text(measures.testAccuracy),
      ])
    }
    return table
  }
}
