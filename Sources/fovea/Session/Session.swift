import ArgumentParser
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
    // A gallery that was resumed is the one that an uninterrupted run makes.
    let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--resume" }
    output.reporting.report(try run(in: Session(), as: commandText(arguments)))
  }

  /// - Parameter command: As it would be typed, for captions.
  /// - Returns: The paths written.
  func run(in session: Session, as command: String) throws -> [String] {
    let model = try session.model(checkpoint, output.reporting.console)
    let writer = try GalleryWriter(
      folder: output.folder(for: checkpoint.checkpoint),
      checkpoint: .init(name: model.name, sha256: model.fingerprint, network: model.summary),
      version: Program.version, mode: mode, force: output.force,
      pixelsPerPoint: output.sharp ? 2 : 1)
    do {
      try render(
        Studio(
          model: model, writer: writer, console: output.reporting.console, command: command,
          writesArrays: output.arrays))
    } catch {
      if case .adding = mode { writer.abandon() }
      throw error
    }
    return try writer.finish()
  }
}

/// A command as it would be typed into a shell.
func commandText(_ arguments: [String]) -> String {
  let words = arguments.map { word in
    word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,+@".contains($0) } && !word.isEmpty
      ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
  return ([Program.name] + words).joined(separator: " ")
}
