import ArgumentParser
import Exhibits
import Galleries
import TensorCore

/// The command that draws one exhibit.
struct FigureCommand<E: Exhibit>: RenderCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: E.kind.name, abstract: E.kind.abstract,
      discussion: E.kind.examples.map { example in
        "\(example.purpose):\n\n\(shellLines("fovea \(E.kind.name) \(example.arguments)"))"
      }.joined(separator: "\n\n"))
  }
  static var occasion: Studio.Occasion { .single }

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var options: E.Options
  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var output: OutputOptions

  var precision: Precision { numbers.precision }
  var pictureOptions: PictureOptions? { OptionRecord(of: options).pictures.first }

  func exhibits(in studio: Studio) throws -> ExhibitRun {
    var run = ExhibitRun()
    try run.add(E.self, options, in: studio)
    return run
  }

  var comparesClasses: Bool { E.comparesClasses }
  var arraysOfFile: ArraysFormat? { output.arrays ?? .usual(for: E.kind) }

  func mode(of run: ExhibitRun, for model: Model) -> GalleryWriter.Mode { .adding }
}

/// The commands that draw figures: one for the whole gallery, and one for each exhibit.
let renderCommands: [any RenderCommand.Type] =
  [VisualizeCommand.self] + exhibits.map { command(of: $0) }

/// The commands that a batch can run.
let batchedCommands: [any BatchedCommand.Type] =
  renderCommands + [CompareCommand.self, EvolutionCommand.self]

private func command<E: Exhibit>(of exhibit: E.Type) -> any RenderCommand.Type {
  FigureCommand<E>.self
}

/// A command as lines for a help text, which a shell reads as one.
private func shellLines(_ command: String) -> String {
  let width = 74
  var lines = [""]
  for word in command.split(separator: " ") {
    let line = lines[lines.count - 1]
    // An option keeps its value.
    if word.hasPrefix("-"), line.count + word.count > width - 24 {
      lines[lines.count - 1] = line + " \\"
      lines.append("  " + word)
    } else {
      lines[lines.count - 1] = line.isEmpty ? String(word) : line + " " + word
    }
  }
  return lines.map { "  " + $0 }.joined(separator: "\n")
}
