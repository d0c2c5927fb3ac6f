internal import Drawing
internal import Files
package import Galleries
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
  /// - Throws: `UsageError` if the network is not, or if a layer does not exist.
  package static func runs(
    _ recipe: Recipe, _ architecture: Architecture, without removals: [[String]]
  ) throws -> [ExperimentRun] {
    let sets = try removals.isEmpty ? usualRemovals(recipe, architecture) : removals
    let complete = ExperimentRun(
      name: "complete", label: "\(architecture.rawValue), complete", recipe, architecture)
    return [complete]
      + sets.map { layers in
        var changed = recipe
        var changes = recipe.changes ?? ArchitectureChanges()
        changes.remove += layers
        changed.changes = changes
        return ExperimentRun(
          name: "without-" + layers.map(Self.fileName).joined(separator: "-"),
          label: "without \(layers.joined(separator: ", "))", changed, architecture)
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

  /// - Parameter measures: The complete network's first.
  package static func report(_ measures: [RunMeasures]) -> ExperimentReport {
    guard let complete = measures.first else {
      preconditionFailure("an ablation without a network")
    }
    let table = ExperimentTable(
      [
        ExperimentTable.network,
        .count("Parameters", "parameters", \.parameters),
        .percent("Parameters saved", "parameters_saved") {
          1 - Double($0.parameters) / Double(max(complete.parameters, 1))
        },
        .count("Multiply-adds", "multiply_adds", \.multiplyAdds),
        .percent("Training error", "training_error", \.trainingError),
        .percent("Test error", "test_error", \.testError),
        .points("Test accuracy lost", "test_accuracy_lost") { $0.testError - complete.testError },
      ], of: measures)
    let subtitle = subtitle(of: measures)
    let source = "After Zeiler and Fergus 2014, table 3."
    let made =
      "Each network was trained anew from the same recipe, with the layers left out together with "
      + "their activations and dropout, and the next layers adapted to what they read."
    let errors =
      "Errors are shares of wrong first choices after the last epoch, of training pictures without "
      + "augmentation."
    let tested = complete.testPictures
    let p = complete.testError
    // The binomial distribution's, of the share of wrong choices among independent pictures.
    let certainty =
      tested > 0 && p.isFinite
      ? " The standard error of the complete network's test error is "
        + fixedText(100 * (p * (1 - p) / Double(tested)).squareRoot(), decimals: 2)
        + " points; one test picture is \(fixedText(100 / Double(tested), decimals: 2)) points."
      : ""
    return ExperimentReport(
      table: table,
      figures: [
        (
          "table",
          experimentTableFigure(
            title: "Networks without some of their layers", subtitle: subtitle, heads: table.heads,
            rows: table.rows, isRelative: true,
            caption: "\(made) \(errors) Saved parameters and lost accuracy, in percentage points, "
              + "are relative to the complete network; a negative loss is a gain.\(certainty) \(source)"
          )
        ),
        (
          "errors",
          errorBarsFigure(
            title: "Error without some of the layers", subtitle: subtitle,
            networks: measures.map { ($0.label, $0.trainingError, $0.testError) },
            caption: "The complete network is orange. \(made) \(errors)\(certainty) \(source)")
        ),
        (
          "curves",
          experimentCurvesFigure(
            title: "How networks without some of their layers learned", subtitle: subtitle,
            networks: measures.map { ($0.label, $0.curve) },
            caption: "Each point is an epoch. Training accuracy is measured during the epoch, with "
              + "augmentation and dropout if there are any.")
        ),
      ])
  }
}

/// On which data an experiment was made, and for how long.
func subtitle(of measures: [RunMeasures]) -> String {
  guard let first = measures.first else { return "" }
  func pictures(_ count: Int, _ kind: String) -> String {
    "\(grouped(count)) \(kind) picture\(count == 1 ? "" : "s")"
  }
  return [
    first.recipe.data, pictures(first.trainingPictures, "training"),
    pictures(first.testPictures, "test"),
    "\(first.recipe.epochs) epoch\(first.recipe.epochs == 1 ? "" : "s")",
    "seed \(first.recipe.seed)",
  ].joined(separator: " · ")
}
