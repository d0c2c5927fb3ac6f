import Files
import Networks
import TensorCore
import Training

extension MemoryBudget {
  /// The batch is a recipe's and decides the result, so that it is not made smaller silently.
  ///
  /// - Parameters:
  ///   - held: What the pictures take.
  ///   - name: Of the recipe, for the error.
  /// - Throws: `FileError` of kind `.tooLarge` if a step takes more.
  func checkTraining(
    _ network: Network, _ recipe: Recipe, beside held: Int, name: String
  ) throws(FileError) {
    let weights = network.parameterBytes
    // The weights, their other arrangement, and what the optimizer keeps for each.
    let kept = weights * (recipe.optimizer.name == .sgd ? 3 : 4)
    let batch =
      2 * recipe.batchSize * network.graph.inputShape.elementCount * MemoryLayout<Float>.stride
    let step = network.runBytes(
      pictures: recipe.batchSize, keeping: .forTraining, mode: .training(seed: 0))
    try check(
      held + kept + batch + step, name, "a step of \(recipe.batchSize) pictures",
      advice: "a smaller --batch-size takes less")
  }
}
