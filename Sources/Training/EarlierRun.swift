internal import Checkpoints
public import Files
internal import Foundation

/// A training run that is already in a folder.
public struct EarlierRun: Sendable, Hashable {
  /// Whether it has its last network.
  public let isComplete: Bool
  /// The number of complete epochs; nil if it cannot be told.
  public let epoch: Int?

  /// Nil if the folder contains none.
  public init?(in folder: String) {
    let names = (try? namesInFolder(folder)) ?? []
    let hasState = names.contains(TrainingFileNames.resume)
    isComplete = names.contains(TrainingFileNames.final) && !hasState
    guard hasState || isComplete || names.contains(where: { TrainingFileNames.epoch($0) != nil })
    else {
      return nil
    }
    let file = isComplete ? TrainingFileNames.final : TrainingFileNames.resume
    let text = try? SafeTensorsFile("\(folder)/\(file)").metadata[Checkpoint.Key.history]
    let history = text.flatMap {
      try? JSONDecoder().decode(TrainingHistory.self, from: Data($0.utf8))
    }
    epoch = history?.epochs.last?.epoch
  }

  /// The recipe of the run in a folder, with the places of its pictures and of the weights that it
  /// started from, as far as `data.json` has them.
  ///
  /// - Returns: Nil if the folder contains no run that can be continued.
  /// - Throws: `FileError` if its checkpoint cannot be read, or contains no recipe.
  public static func recipe(in folder: String) throws(FileError) -> Recipe? {
    let names = (try? namesInFolder(folder)) ?? []
    let checkpoints = [TrainingFileNames.resume, TrainingFileNames.final]
    guard let name = checkpoints.first(where: names.contains) else { return nil }
    let path = "\(folder)/\(name)"
    let text = try SafeTensorsFile(path).metadata[Checkpoint.Key.recipe]
    guard let text else {
      throw FileError(.malformed, path, "contains no recipe to continue with")
    }
    do {
      let recipe = try JSONDecoder().decode(Recipe.self, from: Data(text.utf8))
      return DataLocations(beside: path).map(recipe.at) ?? recipe
    } catch {
      throw FileError(
        .malformed, path, "contains no recipe to continue with: \(RecipeError(decoding: error))")
    }
  }

  /// - Throws: `FileError` that says what is there and how to go on.
  public func refuse(_ folder: String) throws(FileError) {
    let length = epoch.map { $0 == 1 ? " of 1 epoch" : " of \($0) epochs" } ?? ""
    let found =
      isComplete
      ? "contains a complete training run\(length)"
      : "contains an unfinished training run" + (epoch.map { ", \($0) epochs done" } ?? "")
    let advice =
      isComplete ? "--resume with more --epochs to prolong it" : "--resume to continue it"
    throw FileError(
      .unwritable, folder,
      "\(found); use \(advice), --restart to replace it, or another --output")
  }
}
