import Analysis
import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries
import Networks

/// A command that draws several checkpoints, which it loads itself, into a folder of its own.
protocol SeveralCheckpointsCommand: BatchedCommand {
  associatedtype Report: FoundReport

  /// What the command draws, with its article, as errors call it: `a comparison`.
  static var noun: String { get }

  /// Writes the folder.
  ///
  /// - Parameter arguments: The program's without `--resume`, for captions.
  /// - Returns: The paths written, and what was found.
  func draw(
    as arguments: [String], _ console: Console
  ) throws -> (files: [String], found: Report.Record)
}

/// What was found, as text and as JSON.
protocol FoundReport {
  associatedtype Record: Encodable

  var record: Record { get }
  var lines: [String] { get }

  init(_ record: Record)
}

extension FoundReport {
  /// - Parameter files: The paths written.
  func json(files: [String]) throws -> String {
    let data = try JSONEncoder().encode(record)
    var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    object["files"] = files
    return jsonText(object)
  }
}

extension SeveralCheckpointsCommand {
  static var checkpointKey: String { "checkpoints" }
  /// It loads its own.
  var sharedCheckpoints: [CheckpointOptions] { [] }

  func run() throws {
    output.computing.apply()
    let console = output.reporting.console
    let (files, found) = try written(as: Array(CommandLine.arguments.dropFirst()), console)
    let report = Report(found)
    if output.reporting.json { return try Console.results([report.json(files: files)]) }
    try Console.results(report.lines)
    for file in files { console.say(file) }
  }

  func run(in session: Session, as arguments: [String], console: Console) throws -> [String] {
    session.keepOnly([])
    return try written(as: arguments, console).files
  }

  private func written(
    as arguments: [String], _ console: Console
  ) throws -> (files: [String], found: Report.Record) {
    if let (path, _) = output.figureFile {
      throw UsageError(
        "--output: expected a folder for \(Self.noun), found a file's name, '\(path)'")
    }
    return try draw(as: arguments.filter { $0 != "--resume" }, console)
  }
}

extension CheckpointOptions {
  /// Loads several checkpoints with the same options; all stay in memory.
  func load(_ paths: [String], _ console: Console) throws -> [Model] {
    let memory = memory
    var models: [Model] = []
    for path in paths {
      var own = self
      own.checkpoint = path
      let held = models.reduce(0) { $0 + $1.network.parameterBytes }
      var model = try own.load(console, memory: memory.less(held))
      model.memory = memory
      models.append(model)
    }
    return models
  }
}

extension GalleryWriter {
  /// Writes what is drawn, and returns the paths with what was found.
  func written<Found>(
    to folder: String, _ console: Console, _ draw: () throws -> Found
  ) throws -> (files: [String], found: Found) {
    var found: Found?
    let files = try write(to: folder, console) { found = try draw() }
    guard let found else { preconditionFailure("figures that are written were drawn") }
    return (files, found)
  }

  /// Writes figures of several checkpoints into a folder of their own.
  ///
  /// - Parameters:
  ///   - reference: The network that the page describes.
  ///   - checkpoints: All of them.
  ///   - key: All that decides what is drawn, but for the weights.
  convenience init(
    folder: String, reference: Model, checkpoints: [ComparisonRecord.Checkpoint],
    kinds: [FigureKind], key: String, _ output: OutputOptions, resumes: Bool,
    comparison: ComparisonRecord? = nil, evolution: EvolutionRecord? = nil
  ) throws {
    try self.init(
      folder: folder,
      checkpoint: .init(
        name: checkpoints.map(\.name).joined(separator: ", "),
        sha256: fingerprint(of: Data(checkpoints.map(\.sha256).joined().utf8)),
        network: reference.summary, preprocessing: reference.preprocessing,
        classNames: reference.classNames.names),
      kinds: kinds, version: Release.version,
      mode: .replacing(
        configuration: "\(key)\n\(output.arrays?.rawValue ?? "")", resumes: resumes),
      force: output.force, pixelsPerPoint: output.pixelsPerPoint, appearance: output.theme,
      style: output.style.style(),
      summary: GallerySummary(of: reference.network, warnings: reference.warnings),
      comparison: comparison, evolution: evolution)
  }
}
