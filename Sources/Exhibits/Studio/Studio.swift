internal import Analysis
internal import Checkpoints
internal import Datasets
internal import Drawing
internal import Files
internal import Foundation
internal import Galleries
internal import Networks
internal import TensorCore

/// Where exhibits work: a model, the pictures that are opened for it, and what every figure
/// records about how it was made.
public struct Studio {
  /// What exhibits are drawn for.
  package enum Occasion: Sendable {
    /// On its own: every figure is exactly what its options say.
    case single
    /// One of many in a gallery, with less of each by default.
    case gallery
  }

  public private(set) var model: Model
  package let reporter: any Reporter
  let occasion: Occasion
  /// As it would be typed.
  private let command: String
  let memo: StudioMemo
  /// Keeps what passes over pictures found; nil if nothing is to be kept.
  private(set) var cache: ScanCache?
  /// Of the exhibits that are drawn together; nil for one on its own.
  private(set) var sharedUnits: SharedUnits?
  /// Nil while exhibits are set up.
  private var drawing: (kind: FigureKind, record: OptionRecord, sink: any FigureSink)?
  /// With which numbers the network ran for the exhibit's figures, if that is worth saying.
  private var saidPrecision: Precision?

  /// - Parameter command: The command that made the figures, for captions.
  package init(
    _ model: Model, command: String, occasion: Occasion = .single, memo: StudioMemo,
    cache: ScanCache? = nil, reporter: any Reporter
  ) {
    self.model = model
    self.command = command
    self.occasion = occasion
    self.memo = memo
    self.cache = cache
    self.reporter = reporter
  }

  /// - Parameters:
  ///   - model: The model that all figures are of.
  ///   - reporter: Told about what is left out, and about progress.
  public init(_ model: Model, reporter: any Reporter = SilentReporter()) {
    self.init(model, command: "", memo: StudioMemo(), reporter: reporter)
  }

  /// The same studio, while the figures of one exhibit are drawn.
  ///
  /// - Parameter runsNetwork: As in ``Exhibit``.
  func drawing(
    _ kind: FigureKind, _ record: OptionRecord, into sink: any FigureSink, runsNetwork: Bool = true
  ) -> Studio {
    var copy = self
    copy.saidPrecision = runsNetwork && model.precision != .float32 ? model.precision : nil
    copy.drawing = (kind, record, sink)
    return copy
  }

  var network: Network { model.network }

  /// Whether figures go to a single file.
  var takesOneFigure: Bool { drawing?.sink.takesOne ?? false }

  /// The same studio, for exhibits that show the same units.
  func sharing(_ units: SharedUnits) -> Studio {
    var copy = self
    copy.sharedUnits = units
    return copy
  }

  /// The same studio for a model that is set up otherwise.
  func with(_ model: Model) -> Studio {
    var copy = self
    copy.model = model
    return copy
  }

  /// The same studio, which goes through all pictures itself.
  func withoutCache() -> Studio {
    var copy = self
    copy.cache = nil
    return copy
  }

  /// Data sets with more pictures than this are sampled, unless a limit says otherwise.
  var usualLimit: Int? { occasion == .gallery ? 10_000 : nil }

  /// The pictures that the options name, or those that the checkpoint brings.
  ///
  /// - Throws: `FileError`; `UsageError` if there are none.
  public func pictures(_ options: PictureOptions) throws -> Model.Sources {
    let limit = options.limit ?? usualLimit
    let sources = try memo.sources(options, limit: limit) {
      try model.pictures(options, usualLimit: usualLimit, opened: memo.datasets)
    }
    for remark in sources.shown.dataset.remarks + sources.scanned.dataset.remarks {
      sayOnce(remark)
    }
    if options.limit == nil {
      for pictures in [sources.scanned, sources.shown] { sayLimit(pictures) }
    }
    return sources
  }

  private func sayLimit(_ pictures: Pictures) {
    let all = pictures.dataset.count
    guard pictures.count < all else { return }
    sayOnce(
      "\(pictures.name): \(countText(pictures.count)) of \(countText(all)) pictures, spread evenly; "
        + "--limit changes that")
  }

  /// Says that not every picture gets a figure, unless it was asked for so.
  func sayShare(_ shown: Int, of pictures: Pictures, in kind: FigureKind, isGiven: Bool) {
    guard shown < pictures.count, !isGiven || occasion == .gallery else { return }
    let way =
      occasion == .gallery ? "'\(kind.name): {pictures: N}' in a file for --with" : "--pictures"
    sayOnce(
      "\(kind.name): \(shown) of \(countText(pictures.count)) \(model.preprocessing.kind.plural); "
        + "\(way) changes that")
  }

  /// Says how the preprocessing was guessed, unless it matters to none of the pictures that were
  /// opened, which are arrays.
  package func sayAssumption() {
    guard let assumption = model.assumption,
      !memo.hasOnlyArrays || model.preprocessing.kind != .picture
    else { return }
    sayOnce("\(model.name): \(assumption)")
  }

  /// Says it only once, even if several exhibits share the pictures and layers.
  func sayOnce(_ line: String) {
    if memo.isNew(line) { reporter.say(line) }
  }

  /// - Throws: `ExhibitUnavailable` if the network ends in maps.
  func needClassScores() throws {
    guard !network.hasClassScores else { return }
    let extents = network.shapes[network.graph.scoreName]?.extents.dropFirst() ?? []
    let size = extents.map(String.init).joined(separator: "×")
    throw ExhibitUnavailable("'\(model.name)' ends in maps of \(size), not in class scores")
  }

  /// The layers that `--layers` names for a figure, with a remark on those that are left out.
  func layers(matching patterns: String, for need: LayerNeed) throws -> [String] {
    let selection = try network.layers(
      matching: namePatterns(patterns, of: "--layers"), for: need)
    for (reason, left) in Dictionary(grouping: selection.leftOut, by: \.reason).sorted(
      by: { $0.key < $1.key })
    {
      let names = firstOf(left.map { "'\($0.name)'" })
      sayOnce("left out of --layers: \(names), which \(reason)")
    }
    return selection.layers
  }

  func layer(_ name: String) -> LayerDescription {
    LayerDescription(of: name, in: network, model: model.name)
  }

  /// Whether an interrupted run has drawn the figure, so that it need not be computed.
  func resumes(_ name: String) -> Bool {
    drawing.map { $0.sink.resumes($0.kind, name) } ?? false
  }

  /// Whether an interrupted run has drawn all of these figures, so that none need be computed; if
  /// it has drawn some, they are still to be asked for one by one.
  func resumesAll(_ names: [String]) -> Bool {
    guard hasFinished(names) else { return false }
    for name in names { _ = resumes(name) }
    return true
  }

  /// Whether an interrupted run has drawn all of these figures, which are still to be asked for.
  func hasFinished(_ names: [String]) -> Bool {
    guard let drawing else { return false }
    return names.allSatisfy { drawing.sink.hasFinished(drawing.kind, $0) }
  }

  /// Waits until figures that were added no longer need the processor's cores.
  func settle() { drawing?.sink.settle() }

  /// Adds a finished figure.
  ///
  /// - Parameters:
  ///   - name: What distinguishes it from others of its kind, such as the layer or the picture.
  ///   - details: What the figure's record says besides the options, by name.
  ///   - finding: Its raw numbers, computed only if they are wanted.
  func add(
    _ figure: CaptionedFigure, name: String, source: String? = nil,
    details: [String: String] = [:], seed: UInt64? = nil, finding: () -> FigureArrays
  ) throws {
    try add(name: name, source: source, details: details, seed: seed, finding: finding) { figure }
  }

  /// Adds a figure that is put together in the background.
  ///
  /// - Parameters:
  ///   - trueClass: The class that the data set gives to its picture.
  ///   - predictions: The network's answers for its picture.
  func add(
    name: String, source: String? = nil, details: [String: String] = [:], seed: UInt64? = nil,
    trueClass: String? = nil, predictions: [PredictionRecord]? = nil,
    finding: () -> FigureArrays, figure: @escaping @Sendable () throws -> CaptionedFigure
  ) throws {
    guard let (kind, record, sink) = drawing else {
      preconditionFailure("exhibits draw no figures while they are set up")
    }
    let precision = saidPrecision.map { ["precision": $0.rawValue] } ?? [:]
    let facts = FigureFacts(
      source: source,
      options: record.values.merging(details) { $1 }.merging(precision) { $1 }, seed: seed,
      command: command, trueClass: trueClass, predictions: predictions)
    let remark = saidPrecision.map {
      "The network ran in \($0.rawValue): activations and weights have 8 significant bits, sums 24."
    }
    try sink.add(kind, name: name, facts: facts, arrays: finding) {
      try figure().remarking(remark)
    }
  }

  /// Goes through pictures once.
  package func scan(_ scan: PictureScan) throws { try self.scan(scan.pictures, scan.observers) }

  /// Goes through the pictures once, for all observers.
  ///
  /// - Parameter task: What progress is called.
  func scan(
    _ pictures: Pictures, _ observers: [any ScanObserver], task: String? = nil
  ) throws {
    let layers = observers.flatMap(\.nodes)
    guard !layers.isEmpty else { return }
    var kept = KeptPass(observers, over: pictures, in: self)
    let start = try kept?.takeUp() ?? 0
    let rest = Array(pictures.indices.dropFirst(start))
    guard !rest.isEmpty else { return }
    // What an interrupted pass has left may be nothing but files that cannot be read.
    if start > 0, let failures = try failures(of: rest, among: pictures) {
      kept?.finish()
      return report(failures)
    }
    settle()
    defer { releaseIdle() }
    let nodes = network.graph.nodes.map(\.name)
    let last = nodes.lastIndex { layers.contains($0) }.map { nodes[$0] }
    let time = TimeLeft()
    var done = start
    let size = try batchSize(
      upTo: Self.batchSize(for: network), on: pictures, keeping: .only(layers), through: last,
      beside: observers.reduce(0) { $0 + $1.heldBytes })
    let failures = try pictures.dataset.forEachBatch(
      of: size, indices: rest, preprocessing: pictures.preprocessing
    ) { batch in
      let recording = network.record(batch.images, keeping: .only(layers), through: last)
      for observer in observers { observer.observe(recording, pictures: batch.indices) }
      for layer in layers where !memo.hasReportedNonFinite && !recording[layer].isFinite {
        try reportNonFinite(layer, for: batch, of: pictures)
      }
      kept?.note(batch.indices)
      done += batch.indices.count
      reporter.progress(
        task ?? "looking through \(pictures.name)", done, of: pictures.count,
        detail: time.text(done - start, of: pictures.count - start))
    }
    kept?.finish()
    report(failures)
  }

  /// Reports the files that could not be read, each once, and how many there are.
  func report(_ failures: [FileError]) {
    let new = failures.filter { memo.isNewlySkipped($0.file) }
    for failure in new { reporter.warn("skipped \(failure)") }
    if !new.isEmpty, memo.skippedCount > 1 {
      reporter.warn("skipped \(memo.skippedCount) files in all")
    }
  }

  /// Whether the origin of non-finite values has been reported, which is done only once.
  var hasReportedNonFinite: Bool {
    get { memo.hasReportedNonFinite }
    nonmutating set { memo.hasReportedNonFinite = newValue }
  }

  /// Smaller for large pictures, to limit memory.
  static func batchSize(for network: Network) -> Int {
    let pixels = network.graph.inputShape.elementCount
    return max(8, min(128, 3_000_000 / max(pixels, 1)))
  }
}

/// What the exhibits of one run share: opened pictures, and remarks already made.
package final class StudioMemo {
  private struct Key: Hashable {
    let images: String?
    let labels: String?
    let limit: Int?
  }

  /// What was said, which several models may share.
  private final class Said {
    var remarks: Set<String>
    var skipped: Set<String> = []

    init(_ remarks: Set<String>) { self.remarks = remarks }
  }

  let datasets: OpenedDatasets
  private var opened: [Key: Model.Sources] = [:]
  private let said: Said
  fileprivate var hasReportedNonFinite = false

  private init(_ datasets: OpenedDatasets, _ said: Said) {
    (self.datasets, self.said) = (datasets, said)
  }

  /// - Parameter said: Remarks made by an earlier run of the same session.
  package convenience init(said: Set<String> = []) { self.init(OpenedDatasets(), Said(said)) }

  /// That of another model, for which no data set is opened again and no remark repeated.
  func sharing() -> StudioMemo { StudioMemo(datasets, said) }

  /// The remarks that were made.
  package var remarks: Set<String> { said.remarks }

  fileprivate func isNew(_ remark: String) -> Bool { said.remarks.insert(remark).inserted }
  fileprivate func isNewlySkipped(_ file: String) -> Bool { said.skipped.insert(file).inserted }
  fileprivate var skippedCount: Int { said.skipped.count }

  /// Whether pictures were opened, and all are arrays.
  fileprivate var hasOnlyArrays: Bool {
    !opened.isEmpty
      && opened.values.allSatisfy { $0.shown.dataset.holdsArrays && $0.scanned.dataset.holdsArrays }
  }

  fileprivate func sources(
    _ options: PictureOptions, limit: Int?, _ open: () throws -> Model.Sources
  ) throws -> Model.Sources {
    let key = Key(images: options.images, labels: options.labels, limit: limit)
    if let found = opened[key] { return found }
    let sources = try open()
    opened[key] = sources
    return sources
  }
}
