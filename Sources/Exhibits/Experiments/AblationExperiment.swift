internal import Drawing
internal import Files
internal import Galleries
package import Networks
package import Training

/// The experiment of Zeiler and Fergus (2014), table 3: which layers does a network need?
package enum AblationExperiment {
  /// The complete network, and one run for each set of layers to leave out.
  ///
  /// - Parameters:
  ///   - recipe: Of the complete network.
  ///   - removals: Names or patterns of layers; empty for those of the paper, if the network is
  ///     like AlexNet.
  ///   - seeds: How often each network is trained, with other random numbers.
  /// - Throws: `UsageError` if the network is not, or if a layer does not exist.
  package static func runs(
    _ recipe: Recipe, _ architecture: Architecture, without removals: [[String]],
    seeds: Int = 1
  ) throws -> [ExperimentRun] {
    let sets = try removals.isEmpty ? usualRemovals(recipe, architecture) : removals
    let draws = Draw.all(seeds)
    let complete = draws.map { draw in
      ExperimentRun(
        name: "complete", label: "\(architecture.rawValue), complete", recipe, architecture,
        draw: draw)
    }
    return complete
      + sets.flatMap { layers in
        var changed = recipe
        var changes = recipe.changes ?? ArchitectureChanges()
        changes.remove += layers
        changed.changes = changes
        return draws.map { draw in
          ExperimentRun(
            name: "without-" + layers.map(Self.fileName).joined(separator: "-"),
            label: "without \(layers.joined(separator: ", "))", changed, architecture, draw: draw)
        }
      }
  }

  /// Layers 7; 6 and 7; 3 and 4; 3, 4, 6 and 7 of five convolutions and three fully connected
  /// layers, as in the paper.
  private static func usualRemovals(
    _ recipe: Recipe, _ architecture: Architecture
  ) throws -> [[String]] {
    let blueprint = try recipe.applyingChanges(to: architecture.blueprint()).blueprint
    let layers = blueprint.graph.nodes.filter {
      $0.operation is Convolution || $0.operation is Linear
    }
    let isLikeAlexNet =
      layers.count == 8 && layers.prefix(5).allSatisfy { $0.operation is Convolution }
      && layers.suffix(3).allSatisfy { $0.operation is Linear }
    guard isLikeAlexNet else {
      let names = layers.dropLast().map(\.name)
      throw UsageError(
        "\(recipe.architecture) has not the eight layers of AlexNet, so give those to leave out, "
          + "such as --without \(names.last ?? "fc7"); it has \(names.prefix(16).joined(separator: ", "))"
          + (names.count > 16 ? ", …" : ""))
    }
    func names(_ numbers: Int...) -> [String] { numbers.map { layers[$0 - 1].name } }
    return [names(7), names(6, 7), names(3, 4), names(3, 4, 6, 7)]
  }

  private static func fileName(_ layer: String) -> String {
    String(layer.map { $0.isLetter && $0.isASCII || $0.isNumber || $0 == "." ? $0 : "_" })
  }

  /// - Parameters:
  ///   - measures: In the order of the runs, with the complete network's first.
  ///   - sources: The pictures of all runs.
  package static func report(
    _ measures: [RunMeasures], on sources: TrainingSources
  ) throws -> ExperimentReport {
    let networks = RepeatedRuns.grouped(measures)
    guard let whole = networks.first else { preconditionFailure("an ablation without a network") }
    let complete = whole.first
    // Runs with the same random numbers are compared with each other.
    let completeErrors = Dictionary(
      whole.measures.map { ($0.recipe.seed, $0.testError) }, uniquingKeysWith: { first, _ in first }
    )
    let guessing = try Guessing(sources)
    let guesses = [guessing.training, guessing.test]
    @Sendable func saved(_ run: RunMeasures) -> Double {
      1 - Double(run.parameters) / Double(max(complete.parameters, 1))
    }
    let columns: [ExperimentTable.Column] = [
      ExperimentTable.network,
      .count("Parameters", "parameters", \.parameters),
      // The same for all runs of a network.
      .init(
        "Parameters saved", "parameters_saved",
        text: { fixedText(100 * saved($0.first), decimals: 2) + " %" },
        value: { CSVRows.text(saved($0)) }),
      .count("Multiply-adds", "multiply_adds", \.multiplyAdds),
      .percent(
        "Training error", "training_error", guess: guessing.training, as: \.error, \.trainingError),
      .percent("Test error", "test_error", guess: guessing.test, as: \.error, \.testError),
      .points("Test accuracy lost", "test_accuracy_lost") {
        $0.testError - (completeErrors[$0.recipe.seed] ?? complete.testError)
      },
    ]
    let table = ExperimentTable(columns, of: networks)
    let subtitle = subtitle(of: measures)
    let source = "After Zeiler and Fergus 2014, table 3."
    let made =
      "Each network was trained anew from the same recipe, with the layers left out together with "
      + "their activations and dropout, and the next layers adapted to what they read."
    let errors =
      "Errors are shares of wrong first choices after the last epoch, of training pictures without "
      + "augmentation."
    let certainty = standardErrorRemark(
      "the complete network's test error", [whole.measure(\.testError).mean],
      pictures: complete.testPictures)
    let remarks =
      "\(guessSentence(guesses, isError: true))\(repeatRemark(networks))\(certainty) \(source)"
    return ExperimentReport(
      table: table,
      figures: [
        (
          "table",
          experimentTableFigure(
            title: "Networks without some of their layers", subtitle: subtitle, heads: table.heads,
            rows: table.rows, isRelative: true,
            caption: "\(made) \(errors) Saved parameters and lost accuracy, in percentage points, "
              + "are relative to the complete network; a negative loss is a gain. \(remarks)")
        ),
        (
          "errors",
          errorBarsFigure(
            title: "Error without some of the layers", subtitle: subtitle,
            networks: networks.map {
              ($0.label, $0.measure(\.trainingError), $0.measure(\.testError))
            }, guesses: guessing.pair,
            caption: "The complete network is orange. \(made) \(errors) \(remarks)")
        ),
        (
          "curves",
          experimentCurvesFigure(
            title: "How networks without some of their layers learned", subtitle: subtitle,
            networks: networks.map { ($0.label, $0.curve) }, guesses: guessing.pair,
            isRelative: true,
            caption: "The complete network is orange. Each point is an epoch"
              + "\(meanPoint(networks)). Training accuracy is measured during the epoch, with augmentation and dropout if there are any. "
              + guessSentence(guesses))
        ),
      ], runs: ExperimentTable.runs(columns, of: networks))
  }
}

/// On which data an experiment was made, and for how long.
func subtitle(of measures: [RunMeasures]) -> String {
  guard let first = measures.first else { return "" }
  func pictures(_ count: Int, _ kind: String) -> String {
    "\(grouped(count)) \(kind) picture\(count == 1 ? "" : "s")"
  }
  let repeats = RepeatedRuns.grouped(measures).map(\.measures.count).max() ?? 1
  return [
    first.recipe.data, pictures(first.trainingPictures, "training"),
    pictures(first.testPictures, "test"),
    "\(first.recipe.epochs) epoch\(first.recipe.epochs == 1 ? "" : "s")",
    repeats > 1
      ? "\(repeats) runs each, from seed \(first.recipe.seed)" : "seed \(first.recipe.seed)",
  ].joined(separator: " · ")
}
