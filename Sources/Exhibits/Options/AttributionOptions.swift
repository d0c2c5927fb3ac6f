internal import Analysis
public import ArgumentParser

/// Which method explains a score, and with which parameters. An option that is given and that the
/// method does not have is an error.
public struct AttributionOptions: ParsableArguments {
  @Option(
    help: """
      Method that explains the class score: \
      \(attributionMethods.map(\.name).joined(separator: ", ")).
      """)
  public var method = "gradient"

  @Option(help: AttributionOptions.help("steps"))
  public var steps: String?

  @Option(help: AttributionOptions.help("baseline"))
  public var baseline: String?

  @Option(help: AttributionOptions.help("samples"))
  public var samples: String?

  @Option(help: AttributionOptions.help("noise"))
  public var noise: String?

  @Option(help: AttributionOptions.help("layer"))
  public var layer: String?

  @Option(help: AttributionOptions.help("epsilon"))
  public var epsilon: String?

  @Option(help: AttributionOptions.help("gamma"))
  public var gamma: String?

  @Option(help: AttributionOptions.help("low"))
  public var low: String?

  @Option(help: AttributionOptions.help("high"))
  public var high: String?

  public init() {}

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
