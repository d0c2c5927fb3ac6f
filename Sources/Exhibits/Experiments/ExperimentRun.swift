internal import Analysis
internal import Checkpoints
internal import Files
internal import Foundation
package import Galleries
package import Networks
package import Training

/// One network of an experiment: how it is made and trained.
package struct ExperimentRun: Sendable {
  /// Of its folder: short, without spaces, and no other run's.
  package let name: String
  /// What messages call it.
  package let label: String
  /// What tables and plots call it, and others that differ only in their random numbers.
  package let network: String
  package let recipe: Recipe
  /// Decides the size of pictures that are not small; nil if a given network does.
  package let architecture: Architecture?
  /// The numbers of the training pictures that it sees; nil for all.
  package let pictures: [Int]?
  /// The SHA-256 of the checkpoint that its weights, or features, are from; nil if all are fresh.
  let origin: String?
  let making: Making

  /// Whether it is tested after each epoch, and not only in the end.
  package var isTestedOften: Bool { pictures == nil }

  /// Whether its folder has a network of its own, `final.safetensors`.
  package var hasNetwork: Bool {
    switch making {
    case .training: true
    case .readout: false
    }
  }

  enum Making: Sendable {
    /// By gradient descent. What it starts with, and what a user should know about that.
    case training(@Sendable (TrainingSources) throws -> (TrainingStart, remarks: [String]))
    /// Linear classifiers on features that stay as they are.
    case readout(LinearReadout)
  }

  /// A network with fresh weights, trained on all pictures.
  ///
  /// - Parameter recipe: With the seed of the first draw.
  init(
    name: String, label: String, _ recipe: Recipe, _ architecture: Architecture, draw: Draw = .only
  ) {
    let recipe = draw.recipe(recipe)
    self.init(
      name: draw.name(name), label: draw.label(label), network: label, recipe, architecture,
      pictures: nil, origin: nil,
      .training { sources in
        let fresh = try FreshNetwork(recipe, architecture, for: sources)
        return (fresh.start, fresh.changes)
      })
  }

  init(
    name: String, label: String, network: String? = nil, _ recipe: Recipe,
    _ architecture: Architecture? = nil, pictures: [Int]?, origin: String?, _ making: Making
  ) {
    (self.name, self.label, self.recipe, self.origin) = (name, label, recipe, origin)
    self.network = network ?? label
    (self.architecture, self.pictures, self.making) = (architecture, pictures, making)
  }
}

/// What was measured of one network of an experiment: all that its tables and figures need, without
/// anything that depends on the clock.
package struct RunMeasures: Sendable, Hashable, Codable {
  /// The accuracy on test pictures that were shifted by this number of pixels, as the mean of four
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
  /// How many of them training changed; nil in files of earlier versions.
  package let learnedParameters: Int?
  /// For one picture.
  package let multiplyAdds: Int
  /// The share of wrong first choices after training, of pictures without augmentation; NaN if it
  /// was not measured.
  package let trainingError: Double
  package let testError: Double
  /// Empty if nothing was trained by gradient descent.
  package let history: TrainingHistory
  /// Empty if it was not measured.
  package let shifted: [Shifted]
  /// The SHA-256 of the checkpoint that the weights, or the features, are from.
  package let origin: String?

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
