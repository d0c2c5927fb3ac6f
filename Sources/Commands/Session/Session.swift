import Analysis
import ArgumentParser
import Drawing
import Exhibits
import Files
import Foundation
import Galleries
import Networks
import TensorCore

/// What the renders of one run share: each checkpoint is loaded once if memory allows, and freed
/// when no later render needs it.
final class Session {
  private var models: [String: Model] = [:]
  /// The remarks of the last render, which are not repeated.
  private var said: Set<String> = []
  /// Determined before anything is loaded, because it depends on what is free.
  private let usualMemory = MemoryBudget.ofMachine()

  /// What the exhibits of the next render share.
  func memo() -> StudioMemo { StudioMemo(said: said) }

  /// Remembers the remarks of a render that ended.
  func note(_ memo: StudioMemo) { said = memo.remarks }

  /// A checkpoint that may use the memory that the others leave. Those are freed if they take more
  /// than a quarter of it, and loaded again when a later render needs them.
  func model(_ options: CheckpointOptions, _ console: Console) throws -> Model {
    let key = "\(options)"
    let memory = options.memoryOptions.memory == nil ? usualMemory : options.memory
    var held = 0
    for (other, model) in models where other != key {
      model.network.releaseDerivedWeights()
      held += model.network.parameterBytes
    }
    if held > memory.bytes / 4 {
      models = models.filter { $0.key == key }
      releaseIdleMemory()
      held = 0
    }
    let rest = memory.less(held)
    var model = try models[key] ?? options.load(console, memory: rest)
    model.memory = rest
    models[key] = model
    return model
  }

  /// Frees every checkpoint but those that are still needed.
  func keepOnly(_ needed: [CheckpointOptions]) {
    let keys = Set(needed.map { "\($0)" })
    guard models.keys.contains(where: { !keys.contains($0) }) else { return }
    models = models.filter { keys.contains($0.key) }
    releaseIdleMemory()
  }
}

/// A command that a batch can run.
protocol BatchedCommand: ParsableCommand {
  /// How a batch file names what is drawn: `checkpoint`, or `checkpoints` with a list.
  static var checkpointKey: String { get }
  /// Those that it takes from the session.
  var sharedCheckpoints: [CheckpointOptions] { get }
  var output: OutputOptions { get }

  /// Checks option files, without the checkpoint and the pictures.
  func checkFiles() throws
  /// - Parameter arguments: The program's, for captions.
  /// - Returns: The paths written.
  func run(in session: Session, as arguments: [String], console: Console) throws -> [String]
}

/// A command that draws figures of one checkpoint into a gallery.
protocol RenderCommand: BatchedCommand {
  var checkpoint: CheckpointOptions { get }
  /// With which numbers the network runs.
  var precision: Precision { get }
  /// Whether it draws a whole gallery.
  static var occasion: Studio.Occasion { get }

  /// Sets up what is to be drawn; all user errors are found here.
  func exhibits(in studio: Studio) throws -> ExhibitRun
  /// The pictures that figures show, unless an exhibit's options say otherwise; nil if none do.
  var pictureOptions: PictureOptions? { get }
  /// Whether it matters which labels of pictures are none of the network's classes.
  var comparesClasses: Bool { get }
  /// Whether passes over pictures may be kept, and replaced by those that were.
  var usesCache: Bool { get }
  /// What the numbers of a figure in a file of its own are written as; nil for no file.
  var arraysOfFile: ArraysFormat? { get }
  /// Whether the gallery is replaced as a whole or added to.
  func mode(of run: ExhibitRun, for model: Model) throws -> GalleryWriter.Mode
}

extension BatchedCommand {
  func checkFiles() throws {}
}

extension RenderCommand {
  static var checkpointKey: String { "checkpoint" }
  var comparesClasses: Bool { true }
  var usesCache: Bool { true }
  var arraysOfFile: ArraysFormat? { output.arrays }
  var sharedCheckpoints: [CheckpointOptions] { [checkpoint] }

  func run() throws {
    output.computing.apply()
    try output.reporting.report(
      try run(
        in: Session(), as: Array(CommandLine.arguments.dropFirst()),
        console: output.reporting.console))
  }

  func run(in session: Session, as arguments: [String], console: Console) throws -> [String] {
    // A resumed gallery is the same as that of an uninterrupted run, and so are, up to
    // rounding, figures of an earlier run's scan.
    let command = commandText(arguments.filter { !["--resume", "--no-cache"].contains($0) })
    let memo = session.memo()
    defer { session.note(memo) }
    try checkPrecision(precision)
    var studio = Studio(
      try session.model(checkpoint, console).computing(with: precision), command: command,
      occasion: Self.occasion, memo: memo, cache: usesCache ? .ofUser() : nil, reporter: console)
    if let pictureOptions {
      studio = try studio.adapted(to: pictureOptions, comparesClasses: comparesClasses)
    } else {
      try checkpoint.refuseTrial(by: Self.configuration.commandName ?? "this")
    }
    let run = try exhibits(in: studio)
    studio.sayAssumption()
    if let (path, format) = output.figureFile {
      return try write(run, to: path, as: format, in: studio, console)
    }
    let folder = output.folder(for: checkpoint.checkpoint)
    let writer = try GalleryWriter(
      studio.model, folder: folder, mode: mode(of: run, for: studio.model), force: output.force,
      pixelsPerPoint: output.pixelsPerPoint, appearance: output.theme,
      style: output.style.style())
    return try writer.write(run, to: folder, in: studio, arrays: output.arrays, console: console)
  }

  /// Writes the only figure to a file.
  private func write(
    _ run: ExhibitRun, to path: String, as format: FigureFormat, in studio: Studio,
    _ console: Console
  ) throws -> [String] {
    guard Self.occasion == .single else {
      throw UsageError(
        "--output: expected a folder for a whole gallery, found a file's name, '\(path)'")
    }
    let file = try FigureFile(
      path, format: format, checkpoint: studio.model.record, version: Release.version,
      force: output.force, pixelsPerPoint: output.pixelsPerPoint, appearance: output.theme,
      style: output.style.style(), arraysExtension: arraysOfFile?.rawValue)
    try run.draw(into: FigureFileSink(file, arrays: arraysOfFile), in: studio)
    let files = try file.finish()
    for remark in file.remarks { console.warn(remark) }
    return files
  }
}

extension Model {
  /// What records say of it.
  fileprivate var record: Manifest.Checkpoint {
    Manifest.Checkpoint(
      name: name, sha256: fingerprint, network: summary, preprocessing: preprocessing,
      classNames: classNames.names)
  }
}

extension GalleryWriter {
  /// A writer of figures of a model.
  convenience init(
    _ model: Model, folder: String, mode: Mode, force: Bool, pixelsPerPoint: Int = 1,
    appearance: Appearance = .light, style: FigureStyle = FigureStyle()
  ) throws(FileError) {
    try self.init(
      folder: folder, checkpoint: model.record, kinds: Exhibits.exhibits.map { $0.kind },
      version: Release.version, mode: mode, force: force, pixelsPerPoint: pixelsPerPoint,
      appearance: appearance, style: style,
      summary: GallerySummary(of: model.network, warnings: model.warnings))
  }

  /// Draws what is set up into the gallery, and finishes it.
  ///
  /// - Returns: The paths written.
  func write(
    _ run: ExhibitRun, to folder: String, in studio: Studio, arrays: ArraysFormat?,
    console: Console,
    alongside other: PictureScan? = nil
  ) throws -> [String] {
    try write(to: folder, console) {
      try run.draw(
        into: GallerySink(self, arrays: arrays), in: studio, alongside: other)
    }
  }

  /// Adds what is drawn, and finishes the gallery.
  ///
  /// - Returns: The paths written.
  func write(
    to folder: String, _ console: Console, drawing draw: () throws -> Void
  ) throws -> [String] {
    let writer = self
    if writer.ignoresOtherRun {
      console.warn(
        "the interrupted run was of other weights, pictures or options; all figures are drawn anew")
    }
    if let earlier = writer.replacedCheckpoint {
      console.say(
        "\(folder): the gallery of another \(earlier.name) (\(earlier.sha256.prefix(8))) is replaced"
      )
    }
    return try Signals.saying({ writer.account(of: folder) }) {
      do {
        try draw()
        let files = try writer.finish()
        for remark in writer.remarks { console.warn(remark) }
        return files
      } catch {
        writer.abandon()
        if writer.keptFigures > 0 { console.warn(writer.account(of: folder)) }
        throw error
      }
    }
  }
}

extension GalleryWriter {
  /// What a run leaves behind if it ends here.
  fileprivate func account(of folder: String) -> String {
    let kept = keptFigures
    let figures = kept == 1 ? "1 finished figure is" : "\(kept) finished figures are"
    return switch outcome {
    case .complete: "\(folder) is complete"
    case .earlier: (kept > 0 ? "\(figures) kept for --resume, and " : "") + "\(folder) is as it was"
    case .nothing: kept > 0 ? "\(figures) kept for --resume" : "nothing was written"
    }
  }
}

/// A command as it would be typed into a shell, in one line of visible characters.
func commandText(_ arguments: [String]) -> String {
  ([Release.name] + arguments.map(shellWord)).joined(separator: " ")
}

func shellWord(_ word: String) -> String {
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
