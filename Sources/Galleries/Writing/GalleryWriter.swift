public import Drawing
public import Files
public import Foundation
internal import Images
internal import Synchronization

/// Writes figures, their records and the page that shows them into one folder.
///
/// Everything is prepared in a hidden folder on the same file system and put in place by
/// ``finish()``: until then, and after any failure, an earlier gallery is unchanged. That also
/// holds if the process is killed; if the two folders cannot be exchanged atomically, it holds once
/// the next writer has started. Figures are drawn and encoded on other cores while the caller
/// computes the next.
public final class GalleryWriter: Sendable {
  public enum Mode: Sendable, Hashable {
    /// The new gallery replaces the whole earlier one.
    ///
    /// A run that was interrupted leaves its finished figures behind; one with the same
    /// checkpoint and `configuration`, such as the options of the command, can resume from them.
    case replacing(configuration: String, resumes: Bool)
    /// The new figures are added to an earlier gallery and replace those of the same name.
    case adding
  }

  let folder: GalleryFolder
  let kinds: [FigureKind]
  let mode: Mode
  let staging: StagingFolder
  let force: Bool
  private let lock: OutputLock
  private let work = BackgroundWork()
  private let pixelsPerPoint: Int
  private let appearance: Appearance
  private let style: FigureStyle
  private let state: Mutex<State>
  /// How many figures a later run can resume from if this one is interrupted.
  private let finished: Mutex<Int>
  let isInPlace = Mutex(false)

  private struct State {
    var manifest: Manifest
    /// What the page says about the network, added at the end.
    var summary = GallerySummary()
    /// In the order of adding; nil while a figure is being drawn.
    var records: [FigureRecord?] = []
    var names = FigureNames()
    /// The figures of an interrupted run that nobody has asked for yet, by file.
    var resumable: [String: FigureRecord]
    /// The size of the smallest text of figures for print, by file.
    var printedSizes: [String: PrintedSize] = [:]
    /// Of all figures.
    var unavailableCharacters: Set<Unicode.Scalar> = []

    /// With the figures that are drawn, in their order.
    var finishedManifest: Manifest {
      var manifest = manifest
      manifest.figures = records.compactMap(\.self)
      return manifest
    }

    /// With all figures that a later run can resume from if this one is interrupted.
    var resumableManifest: Manifest {
      var manifest = finishedManifest
      manifest.figures += resumable.values.sorted { $0.file < $1.file }
      return manifest
    }
  }

  /// - Parameters:
  ///   - kinds: In the order of their sections on the page.
  ///   - version: The program's.
  ///   - force: Write beside other people's files, and replace what cannot be read.
  ///   - pixelsPerPoint: 2 for figures that stay sharp on screens of high resolution.
  ///   - appearance: Whether figures are dark on light, or light on dark.
  ///   - style: Other formats, and the sheet on paper.
  ///   - summary: What the page says about the network before its figures.
  ///   - comparison: The checkpoints that are compared, if there are several; `checkpoint` then
  ///     stands for all of them.
  ///   - evolution: The same for checkpoints of a training run.
  /// - Throws: `FileError` if the folder holds other people's files, an unreadable record or
  ///   a gallery of another checkpoint, each unless `force`; if it cannot be written to; and while
  ///   another run replaces the same gallery, or any run writes to one that is to be replaced.
  public init(
    folder path: String, checkpoint: Manifest.Checkpoint, kinds: [FigureKind], version: String,
    mode: Mode, force: Bool = false, pixelsPerPoint: Int = 1, appearance: Appearance = .light,
    style: FigureStyle = FigureStyle(), summary: GallerySummary = GallerySummary(),
    comparison: ComparisonRecord? = nil, evolution: EvolutionRecord? = nil
  ) throws(FileError) {
    self.kinds = kinds
    self.mode = mode
    self.force = force
    self.pixelsPerPoint = pixelsPerPoint
    self.appearance = appearance
    self.style = style
    lock = try OutputLock(path, mode == .adding ? .shared : .alone)
    let resolved = resolvedPath(path)
    // No other run may be in the middle of adding to it.
    let turn = try FileLock.turn(at: resolved, called: path)
    defer { withExtendedLifetime(turn) {} }
    // Runs that were killed may have left it in any state.
    try recover(resolved, called: path)
    let folder = try GalleryFolder(path, force: force)
    if !force {
      try folder.refuseForeign()
      try folder.refuseOther(than: checkpoint)
    }
    let purpose: StagingFolder.Purpose
    switch mode {
    case .replacing(let configuration, let resumes):
      let key = [
        checkpoint.sha256, checkpoint.name, version, "\(pixelsPerPoint)", appearance.rawValue,
        "\(style.options.sorted { $0.key < $1.key })", configuration,
      ]
      purpose = .replacement(key: key.joined(separator: "\n"), resumes: resumes)
    case .adding: purpose = .addition
    }
    self.folder = folder
    staging = try Interruption.deferred { () throws(FileError) in
      try StagingFolder(for: folder, purpose)
    }
    let finished = staging.finishedFigures
    var manifest = Manifest(version: version, checkpoint: checkpoint)
    manifest.comparison = comparison
    manifest.evolution = evolution
    state = Mutex(
      State(
        manifest: manifest, summary: summary,
        resumable: Dictionary(finished.map { ($0.file, $0) }) { first, _ in first }))
    self.finished = Mutex(finished.count)
  }

  deinit {
    staging.discard()
    lock.release()
  }

  /// Adds to what the page says about the network before its figures.
  ///
  /// - Parameters:
  ///   - accuracy: On the labelled pictures; nil if there were none.
  ///   - warnings: What a reader should know before trusting the figures, one line each.
  public func note(_ accuracy: Manifest.Accuracy?, warnings: [String] = []) {
    state.withLock { state in
      if let accuracy { state.summary.accuracy = accuracy }
      state.summary.warnings += warnings
    }
  }

  /// Takes what a comparison found, for the record and the page.
  public func note(_ comparison: ComparisonRecord) {
    state.withLock { $0.manifest.comparison = comparison }
  }

  /// Takes how features evolved, for the record and the page.
  public func note(_ evolution: EvolutionRecord) {
    state.withLock { $0.manifest.evolution = evolution }
  }

  /// How many figures an interrupted run leaves to one that resumes it.
  public var keptFigures: Int { finished.withLock(\.self) }

  /// What a user finds in the folder if the run ends now.
  public enum Outcome: Sendable, Hashable { case nothing, earlier, complete }

  public var outcome: Outcome {
    isInPlace.withLock(\.self) ? .complete : folder.exists ? .earlier : .nothing
  }

  /// The checkpoint of the same name but different content whose gallery is to be replaced.
  public var replacedCheckpoint: Manifest.Checkpoint? {
    guard case .replacing = mode, let earlier = folder.manifest?.checkpoint else { return nil }
    let own = state.withLock { $0.manifest.checkpoint }
    return earlier.sha256 == own.sha256 ? nil : earlier
  }

  /// Whether there is a run to resume, but with other pictures, options or weights.
  public var ignoresOtherRun: Bool {
    guard case .replacing(_, resumes: true) = mode else { return false }
    return staging.earlier == .other
  }

  /// Whether an interrupted run has drawn this figure; if so, it counts as added and need not be
  /// computed again.
  public func resumes(_ kind: FigureKind, _ name: String) -> Bool {
    state.withLock { state in
      let file = state.names.next(kind, name) + ".png"
      guard let record = state.resumable.removeValue(forKey: file) else { return false }
      state.names.take(kind, name)
      state.records.append(record)
      return true
    }
  }

  /// Whether an interrupted run has drawn this figure, without counting it as added.
  public func hasFinished(_ kind: FigureKind, _ name: String) -> Bool {
    state.withLock { $0.resumable[$0.names.next(kind, name) + ".png"] != nil }
  }

  /// Puts together, draws and encodes a figure in the background; its record follows those added
  /// before.
  ///
  /// - Parameters:
  ///   - name: What distinguishes it from others of its kind, such as the layer or the picture:
  ///     the file is `<kind>-<name>.png`, with characters that are safe everywhere.
  ///   - arrays: The raw numbers as a file, written beside the picture.
  ///   - arraysExtension: What the name of that file ends with.
  /// - Throws: The first error of earlier figures; nothing is written then.
  public func add(
    _ kind: FigureKind, name: String, facts: FigureFacts, arrays: Data? = nil,
    arraysExtension: String = "safetensors",
    figure make: @escaping @Sendable () throws -> CaptionedFigure
  ) throws {
    let (base, place, manifest) = state.withLock { state in
      let base = state.names.take(kind, name)
      state.resumable[base + ".png"] = nil
      state.records.append(nil)
      return (base, state.records.count - 1, state.manifest)
    }
    var facts = facts
    facts.options.merge(style.options) { $1 }
    do {
      try work.add { [self, facts] in
        let figure = StyledFigure(try make(), style, appearance, usual: pixelsPerPoint)
        let image = try figure.image(for: base + ".png")
        let others = style.formats.filter { $0 != .png }
        let record = FigureRecord(
          of: figure.figure, kind, facts, file: base + ".png", width: image.width,
          height: image.height,
          otherFormats: others.isEmpty ? nil : others.map { "\(base).\($0.rawValue)" },
          arrays: arrays.map { _ in "\(base).\(arraysExtension)" },
          // No other file has an underscore in its name.
          thumbnail: base + "_thumbnail.jpg", theme: appearance)
        try write(figure.png(image, record, manifest), as: record.file)
        let picture = others.contains(.pdf) ? base + ".pdf" : record.file
        for format in others {
          let data = try figure.data(format, record, manifest, including: picture)
          try write(data, as: "\(base).\(format.rawValue)")
        }
        if let name = record.thumbnail {
          try write(figure.figure.thumbnail(appearance), as: name)
        }
        if let arrays, let name = record.arrays { try write(arrays, as: name) }
        if let size = figure.printedSize {
          state.withLock { $0.printedSizes[record.file] = size }
        }
        let unavailable = figure.unavailableCharacters
        try state.withLock { state in
          state.unavailableCharacters.formUnion(unavailable)
          state.records[place] = record
          guard case .replacing = mode else { return }
          try writeManifest(state.resumableManifest)
          staging.keep()
          finished.withLock { $0 += 1 }
        }
      }
    } catch {
      abandon()
      throw error
    }
  }

  /// Which figures have text that is too small on paper, or are higher than a page, and which
  /// characters no installed font has.
  public var remarks: [String] {
    let (sizes, characters) = state.withLock { ($0.printedSizes, $0.unavailableCharacters) }
    return printRemarks(sizes, in: style) + fontRemarks(characters)
  }

  /// Waits until the figures added so far are drawn.
  ///
  /// A network's run needs all cores at once: sharing them with figures takes more time in total
  /// than taking turns.
  public func settle() { work.settle() }

  /// Waits for all figures, then puts the gallery in place.
  ///
  /// - Returns: The paths of the files written: figures in the order in which they were added,
  ///   then the record and the page.
  /// - Throws: The first error; an earlier gallery is then unchanged.
  public func finish() throws -> [String] {
    do {
      try work.finish()
      let manifest = state.withLock { $0.summary.added(to: $0.finishedManifest) }
      guard mode == .adding || !manifest.figures.isEmpty || !folder.exists else {
        throw FileError(
          .unwritable, folder.path, "there is no figure to replace the earlier gallery with")
      }
      switch mode {
      case .replacing: try replace(with: manifest)
      case .adding: try add(manifest)
      }
      lock.release()
      // Thumbnails are only for the page.
      let figures = manifest.figures.flatMap { figure in
        figure.files.filter { $0 != figure.thumbnail }
      }
      let names = figures + [Manifest.fileName, manifest.pageName]
      return names.map { "\(folder.path)/\($0)" }
    } catch {
      abandon()
      throw error
    }
  }

  /// Gives up: keeps an earlier gallery and, of what was prepared, only the finished figures of a
  /// replacement, so that a later run can resume from them.
  public func abandon() {
    try? work.finish()
    staging.discard()
    lock.release()
  }

  func write(_ data: Data, as name: String) throws(FileError) {
    do {
      try staging.begin()
      try writeFile(data, to: "\(staging.path)/\(name)")
    } catch {
      // The user knows the gallery's folder, not where it is prepared.
      throw FileError(error.kind, "\(folder.path)/\(name)", error.reason)
    }
  }

  func writeManifest(_ manifest: Manifest) throws {
    try write(manifest.encoded(), as: Manifest.fileName)
  }
}
