import ArgumentParser
import Files
import Foundation
import Galleries

/// What several renders of one run share: each checkpoint is loaded once.
final class Session {
  private var models: [String: Model] = [:]

  func model(_ options: CheckpointOptions, _ console: Console) throws -> Model {
    let key = "\(options)"
    if let found = models[key] { return found }
    let model = try options.load(console)
    models[key] = model
    return model
  }
}

/// A command that draws figures into a gallery.
protocol RenderCommand: ParsableCommand {
  var checkpoint: CheckpointOptions { get }
  var output: OutputOptions { get }
  /// Whether the gallery is made anew as a whole.
  var mode: GalleryWriter.Mode { get }

  func render(_ studio: Studio) throws
}

extension RenderCommand {
  var mode: GalleryWriter.Mode { .adding }

  func run() throws {
    output.computing.apply()
    // A gallery that was resumed is the one that an uninterrupted run makes.
    let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--resume" }
    output.reporting.report(
      try run(in: Session(), as: commandText(arguments), console: output.reporting.console))
  }

  /// - Parameter command: As it would be typed, for captions.
  /// - Returns: The paths written.
  func run(in session: Session, as command: String, console: Console) throws -> [String] {
    let model = try session.model(checkpoint, console)
    let writer = try GalleryWriter(
      folder: output.folder(for: checkpoint.checkpoint),
      checkpoint: .init(name: model.name, sha256: model.fingerprint, network: model.summary),
      version: Program.version, mode: mode, force: output.force,
      pixelsPerPoint: output.sharp ? 2 : 1)
    do {
      try render(
        Studio(
          model: model, writer: writer, console: console, command: command,
          writesArrays: output.arrays))
    } catch {
      if case .adding = mode { writer.abandon() }
      throw error
    }
    return try writer.finish()
  }
}

/// A command as it would be typed into a shell, in one line of visible characters.
func commandText(_ arguments: [String]) -> String {
  ([Program.name] + arguments.map(shellWord)).joined(separator: " ")
}

private func shellWord(_ word: String) -> String {
  if word.unicodeScalars.contains(where: \.isHidden) {
    // Bash and zsh read `$'…'` with escapes.
    let scalars = word.unicodeScalars.map { scalar in
      scalar.isHidden
        ? String(format: "\\U%08x", scalar.value)
        : "'\\".unicodeScalars.contains(scalar) ? "\\\(scalar)" : "\(scalar)"
    }
    return "$'\(scalars.joined())'"
  }
  let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,+@".contains($0) }
  return isPlain && !word.isEmpty
    ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
}
