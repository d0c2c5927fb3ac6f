public import Drawing
public import Files
public import Foundation
internal import Synchronization

/// Writes the only figure of a command to a file, and what else is asked for beside it.
public final class FigureFile: Sendable {
  /// As the user wrote it.
  private let path: String
  private let format: FigureFormat
  private let style: FigureStyle
  private let appearance: Appearance
  private let pixelsPerPoint: Int
  private let manifest: Manifest
  private let arraysExtension: String?
  private let state = Mutex(State())

  private struct State {
    var figure: Added?
    var names: [String] = []
    var printedSizes: [String: PrintedSize] = [:]
    var unavailableCharacters: Set<Unicode.Scalar> = []
  }

  private struct Added: Sendable {
    let kind: FigureKind
    let facts: FigureFacts
    let arrays: Data?
    let make: @Sendable () throws -> CaptionedFigure
    var animation: FigureAnimation?
  }

  /// What the only figure of a command can be written as.
  static let formats: [FigureFormat] = [.png, .pdf, .svg]

  /// What a file is, by its name; nil for a folder.
  public static func format(of path: String) -> FigureFormat? {
    let end = (path as NSString).pathExtension.lowercased()
    guard formats.map(\.rawValue).contains(end) else { return nil }
    // A folder may have any name.
    if case .folder = kindOfFile(path) { return nil }
    return path.hasSuffix("/") ? nil : FigureFormat(rawValue: end)
  }

  /// - Parameters:
  ///   - path: A file with the extension of a format.
  ///   - force: Replace existing files.
  ///   - arraysExtension: What the file of raw numbers is called; nil if there is none.
  /// - Throws: `FileError` if a file exists, unless `force`, or if LaTeX could not include it.
  public init(
    _ path: String, format: FigureFormat, checkpoint: Manifest.Checkpoint, version: String,
    force: Bool, pixelsPerPoint: Int, appearance: Appearance, style: FigureStyle,
    arraysExtension: String?
  ) throws(FileError) {
    self.path = path
    self.format = format
    self.style = style
    self.appearance = appearance
    self.pixelsPerPoint = pixelsPerPoint
    self.arraysExtension = arraysExtension
    manifest = Manifest(version: version, checkpoint: checkpoint)
    let pictures = [format] + style.formats
    guard !pictures.contains(.tex) || pictures.contains(.pdf) || pictures.contains(.png) else {
      throw FileError(
        .unwritable, path, "LaTeX includes no SVG; add the PDF with --format pdf,tex")
    }
    let name = (path as NSString).lastPathComponent
    guard !pictures.contains(.tex) || !name.contains(where: { "%{}\\#".contains($0) }) else {
      throw FileError(
        .unwritable, path, "LaTeX includes no file with one of %, {, }, \\ and # in its name")
    }
    for place in places where !force {
      if case .none(ENOENT) = kindOfFile(place) { continue }
      if case .other = kindOfFile(place) { continue }
      throw FileError(.unwritable, place, "exists; give another --output, or --force to replace it")
    }
  }

  private var base: String { (path as NSString).deletingPathExtension }
  private var others: [FigureFormat] { style.formats.filter { $0 != format } }

  private var places: [String] {
    [path] + others.map { "\(base).\($0.rawValue)" }
      + [arraysExtension].compactMap { $0.map { "\(base).\($0)" } }
  }

  /// - Parameters:
  ///   - animation: What a PNG shows one after the other; nil for the figure alone.
  ///   - make: The figure, which other formats show as well.
  public func add(
    _ kind: FigureKind, name: String, facts: FigureFacts, arrays: Data?,
    animation: FigureAnimation? = nil, figure make: @escaping @Sendable () throws -> CaptionedFigure
  ) {
    state.withLock { state in
      state.names.append(name)
      if state.figure == nil {
        state.figure = Added(
          kind: kind, facts: facts, arrays: arrays, make: make, animation: animation)
      }
    }
  }

  /// Whether text is too small on paper, or the figure is higher than a page, and which characters
  /// no installed font has.
  public var remarks: [String] {
    let (sizes, characters) = state.withLock { ($0.printedSizes, $0.unavailableCharacters) }
    return printRemarks(sizes, in: style) + fontRemarks(characters)
  }

  /// Draws the figure, and writes its files.
  ///
  /// - Returns: The paths written.
  /// - Throws: `FileError` if there is no figure or more than one; `DrawingError`.
  public func finish() throws -> [String] {
    let (added, names) = state.withLock { ($0.figure, $0.names) }
    guard let added, names.count == 1 else {
      let found =
        names.isEmpty
        ? "none was drawn" : "the command draws \(names.count): \(firstOf(names.map { "'\($0)'" }))"
      throw FileError(
        .unwritable, path,
        "expected one figure for this file, but \(found)"
          + (names.isEmpty
            ? ""
            : "; give a folder as --output, or options that leave one figure, such as --layers or "
              + "--limit 1"))
    }
    var facts = added.facts
    facts.options.merge(style.options) { $1 }
    let figure = StyledFigure(try added.make(), style, appearance, usual: pixelsPerPoint)
    let file = (path as NSString).lastPathComponent
    let record = FigureRecord(
      of: figure.figure, added.kind, facts, file: file, width: 0, height: 0, arrays: nil,
      thumbnail: nil, theme: appearance)
    let picture =
      [format, .pdf, .png].first { $0 != .svg && ($0 == format || others.contains($0)) }
    var files: [(String, Data)] = []
    for (place, format) in zip(places, [format] + others) {
      if format == .png, let animation = added.animation {
        files.append((place, try figure.animatedPNG(animation, record, manifest)))
        continue
      }
      let data = try figure.data(
        format, record, manifest,
        including: picture.map { "\((base as NSString).lastPathComponent).\($0.rawValue)" } ?? file)
      files.append((place, data))
    }
    if let arrays = added.arrays, let place = places.last { files.append((place, arrays)) }
    for (place, data) in files { try writeFile(data, to: place) }
    let unavailable = figure.unavailableCharacters
    state.withLock { $0.unavailableCharacters = unavailable }
    if let size = figure.printedSize { state.withLock { $0.printedSizes[file] = size } }
    return files.map(\.0)
  }
}
