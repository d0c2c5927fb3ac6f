import Analysis
import ArgumentParser

/// Which method explains a score, and with which parameters. An option that is given and that the
/// method does not have is an error.
struct AttributionOptions: ParsableArguments {
  @Option(
    help: """
      How the class score is explained: \
      \(attributionMethods.map(\.name).joined(separator: ", ")).
      """)
  var method = "gradient"

  @Option(help: AttributionOptions.help("steps"))
  var steps: String?

  @Option(help: AttributionOptions.help("baseline"))
  var baseline: String?

  @Option(help: AttributionOptions.help("samples"))
  var samples: String?

  @Option(help: AttributionOptions.help("noise"))
  var noise: String?

  @Option(help: AttributionOptions.help("layer"))
  var layer: String?

  @Option(help: AttributionOptions.help("epsilon"))
  var epsilon: String?

  @Option(help: AttributionOptions.help("gamma"))
  var gamma: String?

  @Option(help: AttributionOptions.help("low"))
  var low: String?

  @Option(help: AttributionOptions.help("high"))
  var high: String?

  /// The parameters that are given, by name.
  private var given: [String: String] {
    let options = [
      "steps": steps, "baseline": baseline, "samples": samples, "noise": noise, "layer": layer,
      "epsilon": epsilon, "gamma": gamma, "low": low, "high": high,
    ]
    return options.compactMapValues(\.self)
  }

  /// - Throws: `ValidationError` that names the option.
  func method(seed: UInt64) throws -> any AttributionMethod {
    try Self.method(method, given, seed: seed)
  }

  /// - Parameters:
  ///   - given: Parameters by name.
  ///   - seed: For methods with random numbers.
  static func method(
    _ name: String, _ given: [String: String] = [:], seed: UInt64
  ) throws -> any AttributionMethod {
    do {
      return try attributionMethod(name, given, seed: seed)
    } catch {
      throw ValidationError("--method \(name): \(error)")
    }
  }

  /// What the parameter does, its usual value, and the methods that have it.
  private static func help(_ parameter: String) -> ArgumentHelp {
    var (sentence, value) = ("", "")
    var names: [String] = []
    for method in attributionMethods {
      for setting in method.settings where setting.name == parameter {
        (sentence, value) = (setting.help, setting.value)
        names.append(method.name)
      }
    }
    return "\(sentence) Default: \(value). For \(names.joined(separator: ", "))."
  }
}
