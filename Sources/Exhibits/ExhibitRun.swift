internal import ArgumentParser
internal import Galleries

/// Exhibits that are set up: user errors have been ruled out.
package struct ExhibitRun {
  private struct Prepared {
    let kind: FigureKind
    let exhibit: any Exhibit
    let record: OptionRecord
  }

  private var prepared: [Prepared] = []
  private var unavailable: [(kind: FigureKind, reason: ExhibitUnavailable)] = []

  package init() {}

  /// Sets one up.
  ///
  /// - Throws: The errors of `Exhibit.init`.
  package mutating func add<E: Exhibit>(
    _ type: E.Type, _ options: E.Options, in studio: Studio
  ) throws {
    prepared.append(
      Prepared(
        kind: E.kind, exhibit: try E(options, in: studio), record: OptionRecord(of: options)))
  }

  /// Sets one up, or notes why the network cannot answer its question.
  ///
  /// - Throws: The parser's errors, and the other errors of `Exhibit.init`.
  package mutating func addIfAvailable<E: Exhibit>(
    _ type: E.Type, _ arguments: [String], in studio: Studio
  ) throws {
    let options = try E.Options.parse(arguments)
    do {
      try add(type, options, in: studio)
    } catch let reason as ExhibitUnavailable {
      unavailable.append((E.kind, reason))
    }
  }

  /// - Throws: `ExhibitUnavailable` if none could be set up, with the reasons.
  package func checkAny() throws {
    guard prepared.isEmpty, !unavailable.isEmpty else { return }
    throw ExhibitUnavailable(unavailableRemarks.joined(separator: "; "))
  }

  /// All that decides what is drawn: figures of two runs with the same key are the same.
  ///
  /// - Throws: `FileError` if pictures cannot be listed.
  package func key(for model: Model) throws -> String {
    let options = prepared.map { exhibit in
      // What matters is the folder's contents, not how its path was typed.
      let values = exhibit.record.values.filter { $0.key != "images" }.sorted { $0.key < $1.key }
      return "\(exhibit.kind.name) \(values.map { "\($0.key)=\($0.value)" })"
    }
    return try model.circumstances(of: options, prepared.flatMap(\.record.pictures))
  }

  /// Draws all figures; goes through each set of pictures once, just before the first figure that
  /// needs it.
  package func draw(into sink: any FigureSink, in studio: Studio) throws {
    for remark in unavailableRemarks { studio.reporter.warn(remark) }
    var scanned: [Pictures] = []
    for (position, next) in prepared.enumerated() {
      let studio = studio.drawing(next.kind, next.record, into: sink)
      if let scan = next.exhibit.scan, !scanned.contains(where: scan.pictures.isSame) {
        let observers = prepared[position...].compactMap(\.exhibit.scan)
          .filter { $0.pictures.isSame(as: scan.pictures) }.flatMap(\.observers)
        try studio.scan(scan.pictures, observers)
        scanned.append(scan.pictures)
      }
      try next.exhibit.draw(into: studio)
    }
  }

  private var unavailableRemarks: [String] {
    let notable = unavailable.filter { !$0.reason.isCommon || prepared.isEmpty }
    return Dictionary(grouping: notable, by: \.reason.description).sorted { $0.key < $1.key }
      .map { reason, kinds in
        let names = kinds.map { "no " + $0.kind.name.replacing("-", with: " ") }
        return "\(names.joined(separator: " and ")): \(reason)"
      }
  }
}

extension Studio {
  /// The figures of one exhibit, as values.
  ///
  /// - Parameters:
  ///   - exhibit: Its type, such as `TopPatches.self`.
  ///   - options: As `E.Options.parse([])` gives them, with any changes.
  /// - Throws: The errors of `Exhibit.init` and of its work.
  public func figures<E: Exhibit>(of exhibit: E.Type, _ options: E.Options) throws -> [DrawnFigure]
  {
    var run = ExhibitRun()
    try run.add(exhibit, options, in: self)
    let collection = FigureCollection()
    try run.draw(into: collection, in: self)
    return collection.figures
  }

  /// The figures of one exhibit, as values.
  ///
  /// - Parameters:
  ///   - exhibit: Its type, such as `TopPatches.self`.
  ///   - arguments: Options as its command has them: `"--images", "photos"`.
  /// - Throws: The parser's errors, and those of `Exhibit.init` and of its work.
  public func figures<E: Exhibit>(
    of exhibit: E.Type, _ arguments: String...
  ) throws -> [DrawnFigure] {
    try figures(of: exhibit, E.Options.parse(arguments))
  }
}
