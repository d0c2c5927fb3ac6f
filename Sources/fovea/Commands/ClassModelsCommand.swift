import Analysis
import ArgumentParser

struct ClassModelsCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "class-models", abstract: "Draw the picture that a class score likes best.")

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var classes: ClassOptions
  @OptionGroup var ascent: AscentOptions

  @Option(help: "Decides the shifts.")
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
  @Option(help: "How many steps of gradient ascent.")
  var steps = ClassModelAnalysis().steps

  @Option(help: "The first step's root mean square, in the network's input units.")
  var rate = ClassModelAnalysis().rate

  @Option(name: .customLong("lambda"), help: "How much the image's squared norm costs.")
  var penalty = ClassModelAnalysis().penalty

  @Option(
    help: "Move the picture by up to so many pixels before each step; a sixteenth by default.")
  var shift: Int?

  func validate() throws {
    guard (0...100_000).contains(steps) else {
      throw ValidationError("--steps is from 0 to 100,000, not \(steps)")
    }
    guard rate > 0, rate.isFinite, penalty >= 0, penalty.isFinite else {
      throw ValidationError("--rate is positive and --lambda is not negative")
    }
    guard (0...1000).contains(shift ?? 0) else {
      throw ValidationError("--shift is from 0 to 1000, not \(shift ?? 0)")
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
