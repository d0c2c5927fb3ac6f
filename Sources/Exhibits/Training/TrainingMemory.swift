package import Files
package import Networks
internal import TensorCore
package import Training

extension MemoryBudget {
  /// The recipe sets the batch size, which affects the result, so it is never reduced silently.
  ///
  /// - Parameters:
  ///   - held: The bytes that the pictures take.
  ///   - name: The recipe's, for the error.
  /// - Returns: What is left for features of frozen layers, in bytes.
  /// - Throws: `FileError` of kind `.tooLarge` if a step needs more.
  @discardableResult package func checkTraining(
    _ network: Network, _ recipe: Recipe, beside held: Int, name: String
  ) throws(FileError) -> Int {
    let weights = network.parameterBytes
    // The weights, their rearranged copy, the optimizer's state for each, their average, and those
    // of the best epoch.
    let copies =
      (recipe.optimizer.name == .sgd ? 3 : 4)
      + (recipe.optimizer.averageDecay > 0 ? 1 : 0) + (recipe.earlyStopping.isOn ? 1 : 0)
    let kept = weights * copies
    // Of a batch in parts: the gradients of each, and its pictures once more.
    // With layers frozen, batch norms may not measure the batch, which is then in parts, too.
    let isFrozen = !recipe.layers.freeze.isEmpty || recipe.layers.rates.values.contains(0)
    let parts = network.batchParts(
      of: recipe.batchSize, learning: isFrozen ? nil : LayerRates(all: network)
    ).count
    let gradients = weights * max(parts - 1, 0)
    let batch =
      ((recipe.mixup > 0 ? 3 : 2) + (parts > 1 ? 1 : 0)) * recipe.batchSize
      * network.graph.inputShape.elementCount
      * MemoryLayout<Float>.stride
    let step = network.runBytes(
      pictures: recipe.batchSize, keeping: .forTraining, mode: .training(seed: 0))
    let needed = held + kept + gradients + batch + step
    try check(
      needed, name, "a step of \(recipe.batchSize) pictures",
      advice: "a smaller --batch-size takes less")
    return min(bytes - needed, PreparedPictures.usualMemory)
  }
}
