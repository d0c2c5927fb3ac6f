internal import Analysis
internal import ArgumentParser
internal import Datasets
package import Files
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
  private let sharedUnits = SharedUnits()

  package init() {}

  /// Sets one up.
  ///
  /// - Throws: The errors of `Exhibit.init`; `ExhibitUnavailable` if it is not drawn of what the
  ///   network takes.
  package mutating func add<E: Exhibit>(
    _ type: E.Type, _ options: E.Options, in studio: Studio
  ) throws {
    let (model, kind) = (studio.model, studio.model.preprocessing.kind)
    guard E.examples.contains(kind) else {
      let expected = ExampleKind.allCases.filter(E.examples.contains).map(\.plural)
      throw ExhibitUnavailable(
        "expected a network of \(expected.joined(separator: " or ")), found '\(model.name)', which "
          + "takes \(kind.plural) of \(model.preprocessing.input)")
    }
    prepared.append(
      Prepared(
        kind: E.kind, exhibit: try E(options, in: studio.sharing(sharedUnits)),
        record: OptionRecord(of: options)))
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
    let options = try prepared.map { exhibit in
      let files = type(of: exhibit.exhibit).fileOptions
      return "\(exhibit.kind.name) \(try exhibit.record.facts(files: files))"
    }
    return try model.circumstances(of: options, prepared.flatMap(\.record.pictures))
  }

  /// Draws all figures; goes through each set of pictures once, just before the first figure that
  /// needs it.
  ///
  /// A whole gallery also says whether the network is set up as it was trained.
  ///
  /// - Parameter other: Someone else who needs the pass over some pictures, whether or not an
  ///   exhibit does.
  package func draw(
    into sink: any FigureSink, in studio: Studio, alongside other: PictureScan? = nil
  ) throws {
    let studio = prepared.contains(where: \.record.skipsCache) ? studio.withoutCache() : studio
    for remark in unavailableRemarks { studio.reporter.warn(remark) }
    var scanned: [Pictures] = []
    var checks: [SetupCheck] = []
    func scan(_ pictures: Pictures, _ observers: [any ScanObserver]) throws {
      let check = studio.occasion == .gallery ? SetupCheck(pictures, in: studio) : nil
      let others = other.map { $0.pictures.isSame(as: pictures) ? $0.observers : [] } ?? []
      try studio.scan(pictures, observers + others + (check?.observers ?? []))
      scanned.append(pictures)
      if let check {
        check.report(in: studio)
        checks.append(check)
      }
    }
    if let other { try scan(other.pictures, observers(of: other.pictures, in: prepared[...])) }
    if studio.occasion == .gallery, !prepared.contains(where: { $0.exhibit.scan != nil }),
      let options = prepared.lazy.compactMap({ $0.record.pictures.first }).first
    {
      // Those that are needed were opened when the exhibits were set up.
      if let pictures = try? studio.pictures(options).scanned {
        try scan(pictures.only(pictures.sample(SetupCheck.sampleCount)), [])
      }
    }
    for (position, next) in prepared.enumerated() {
      let studio = studio.drawing(
        next.kind, next.record, into: sink, runsNetwork: type(of: next.exhibit).runsNetwork)
      if let needed = next.exhibit.scan, !scanned.contains(where: needed.pictures.isSame) {
        try scan(needed.pictures, observers(of: needed.pictures, in: prepared[position...]))
      }
      try next.exhibit.draw(into: studio)
    }
    if let first = checks.first {
      sink.note(first.accuracy, warnings: checks.flatMap { $0.doubts(about: studio.model) })
    }
  }

  private func observers(
    of pictures: Pictures, in exhibits: ArraySlice<Prepared>
  ) -> [any ScanObserver] {
    // Those that several exhibits share see each picture once.
    var seen: Set<ObjectIdentifier> = []
    return exhibits.compactMap(\.exhibit.scan).filter { $0.pictures.isSame(as: pictures) }
      .flatMap(\.observers).filter { seen.insert(ObjectIdentifier($0)).inserted }
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
    let studio =
      try OptionRecord(of: options).pictures.first.map {
        try adapted(to: $0, comparesClasses: E.comparesClasses)
      } ?? self
    var run = ExhibitRun()
    try run.add(exhibit, options, in: studio)
    let collection = FigureCollection()
    try run.draw(into: collection, in: studio)
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

extension OptionRecord {
  /// The options that decide what is drawn, as text: of files what they contain, which matters, and
  /// not how their paths were typed.
  ///
  /// - Parameter files: The options that name one, besides those of pictures, which are compared by
  ///   themselves.
  /// - Throws: `FileError` if one cannot be read.
  package func facts(files: Set<String> = []) throws(FileError) -> [String] {
    var facts: [String] = []
    for (name, value) in values.sorted(by: { $0.key < $1.key })
    where !PictureOptions.fileOptions.contains(name) {
      // A pipe cannot be read twice.
      guard files.contains(name), kindOfFile(value) == .regular else {
        facts.append("\(name)=\(value)")
        continue
      }
      facts.append("\(name)=\(baseName(value)) \(try fingerprint(of: OpenFile(value)))")
    }
    return facts
  }
}
