internal import Analysis
internal import Checkpoints
package import Files
internal import Foundation
package import Galleries
package import Networks
package import Training

/// One network of an experiment: how it is made and trained.
package struct ExperimentRun: Sendable {
  /// Of its folder: short, without spaces, and no other run's.
  package let name: String
  /// What tables and plots call it.
  package let label: String
  package let recipe: Recipe
  package let architecture: Architecture

  package init(name: String, label: String, _ recipe: Recipe, _ architecture: Architecture) {
    (self.name, self.label) = (name, label)
    (self.recipe, self.architecture) = (recipe, architecture)
  }
}

/// What was measured of one network of an experiment: all that its tables and figures need, without
/// anything that depends on the clock.
package struct RunMeasures: Sendable, Hashable, Codable {
  /// The accuracy on test pictures that were shifted by so many pixels, as the mean of four
  /// directions.
  package struct Shifted: Sendable, Hashable, Codable {
    package let pixels: Int
    package let accuracy: Double
  }

  package let label: String
  package let recipe: Recipe
  package let trainingPictures: Int
  package let testPictures: Int
  package let classes: Int
  package let parameters: Int
  /// For one picture.
  package let multiplyAdds: Int
  /// The share of wrong first choices after training, of pictures without augmentation.
  package let trainingError: Double
  package let testError: Double
  package let history: TrainingHistory
  /// Empty if it was not measured.
  package let shifted: [Shifted]

  static let fileName = "measures.json"

  /// - Returns: Nil if the run in the folder is not finished.
  /// - Throws: `FileError` if the file is not one of an experiment.
  static func read(from folder: String) throws(FileError) -> RunMeasures? {
    let path = "\(folder)/\(fileName)"
    guard case .regular = kindOfFile(path) else { return nil }
    do {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
      return try decoder.decode(RunMeasures.self, from: try readFile(path))
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(.malformed, path, "contains no measurements of an experiment's run")
    }
  }

  func write(to folder: String) throws(FileError) {
    let encoder = JSONEncoder()
    // The loss of a network that came to nothing may be infinite.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(self) else {
      preconditionFailure("measurements have JSON")
    }
    try writeFile(bytes + Data("\n".utf8), to: "\(folder)/\(Self.fileName)")
  }
}

extension RunMeasures {
  package var testAccuracy: Double { 1 - testError }
  package var curve: [CurvePoint] { history.curve }
}
