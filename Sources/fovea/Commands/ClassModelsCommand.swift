import Analysis
import ArgumentParser

struct ClassModelsCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "class-models", abstract: "Draw the picture that maximizes a class score.")

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var classes: ClassOptions
  @OptionGroup var ascent: AscentOptions

  @Option(help: "Random seed of the shifts.")
  var seed: UInt64 = 0

  @OptionGroup var output: OutputOptions

  func render(_ studio: Studio) throws {
    let given = try classes.indices(in: studio.model)
    let usual = Array(0..<min(studio.model.classNames.count, Studio.mostClasses))
    let isDrawn = try studio.addClassModels(
      given.isEmpty ? usual : given, ascent.analysis(seed: seed), options: ascent.texts)
    guard isDrawn else { throw studio.scoresNotFinite }
  }
}

/// How a class model is optimized.
struct AscentOptions: ParsableArguments {
  @Option(help: "Number of steps of gradient ascent.")
  var steps = ClassModelAnalysis().steps

  @Option(help: "Root mean square of the first step, in the network's input units.")
  var rate = ClassModelAnalysis().rate

  @Option(name: .customLong("lambda"), help: "Weight of the penalty on the image's squared norm.")
  var penalty = ClassModelAnalysis().penalty

  @Option(
    help: "Shift the picture by up to N pixels before each step; by default 1/16 of its side.")
  var shift: Int?

  func validate() throws {
    guard (0...100_000).contains(steps) else {
      throw ValidationError("--steps must be from 0 to 100,000, not \(steps)")
    }
    guard rate > 0, rate.isFinite, penalty >= 0, penalty.isFinite else {
      throw ValidationError("--rate must be positive and --lambda must not be negative")
    }
    guard (0...1000).contains(shift ?? 0) else {
      throw ValidationError("--shift must be from 0 to 1000, not \(shift ?? 0)")
    }
  }

  func analysis(seed: UInt64) -> ClassModelAnalysis {
    var analysis = ClassModelAnalysis()
    analysis.steps = steps
    analysis.rate = rate
    analysis.penalty = penalty
    analysis.shift = shift
    analysis.seed = seed
    return analysis
  }

  /// For the gallery's record, but for the shift, which may depend on the network.
  var texts: [String: String] {
    ["steps": "\(steps)", "rate": "\(rate)", "lambda": "\(penalty)"]
  }
}
