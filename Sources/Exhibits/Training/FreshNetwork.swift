package import Checkpoints
internal import Datasets
package import Networks
internal import TensorCore
package import Training

/// A recipe's network before the first step.
package struct FreshNetwork {
  package let checkpoint: Checkpoint
  /// How it differs from the architecture, one line each.
  package let changes: [String]

  package var start: TrainingStart { TrainingStart(fresh: checkpoint) }

  /// - Throws: `GraphError` if the pictures are too small for the architecture; `RecipeError` if the
  ///   recipe's changes do not apply to it.
  package init(
    _ recipe: Recipe, _ architecture: Architecture, for sources: TrainingSources
  ) throws {
    let names = sources.classNames
    let dropout = recipe.dropout.map(Float.init)
    let (blueprint, report) = try recipe.applyingChanges(
      to: architecture.blueprint(
        classes: names.count, inputShape: Shape(sources.preprocessing.input), dropout: dropout))
    changes = report
    checkpoint = Checkpoint(
      try blueprint.network(seed: recipe.seed, initialization: recipe.initialization),
      // Only an architecture as it is can be built again by its name.
      design: report.isEmpty
        ? Checkpoint.Design(
          architecture: architecture.rawValue, classes: names.count,
          input: sources.preprocessing.input, dropout: dropout) : nil,
      classNames: names)
  }
}
