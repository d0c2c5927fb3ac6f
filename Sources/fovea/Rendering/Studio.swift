import Analysis
import Checkpoints
import Datasets
import Files
import Foundation
import Galleries
import Networks
import TensorCore

/// Where a command draws: the model, the gallery, and what every figure says of its making.
struct Studio {
  let session: Session
  let model: Model
  let writer: GalleryWriter
  let console: Console
  /// As it would be typed.
  let command: String
  let writesArrays: Bool
  private let skipped = SkippedFiles()
  let finiteness = Finiteness()

  var network: Network { model.network }

  /// The pictures that the options name, or those that the checkpoint brings.
  func pictures(_ options: PictureOptions, usualLimit: Int? = nil) throws -> Model.Sources {
    let sources = try model.pictures(options, usualLimit: usualLimit)
    for remark in sources.shown.dataset.remarks + sources.scanned.dataset.remarks
    where session.isNew(remark) {
      console.say(remark)
    }
    return sources
  }

  /// Why a network without class scores has neither saliency nor class models.
  var missingScores: String {
    let extents = network.shapes[network.graph.scoreName]?.extents.dropFirst() ?? []
    let size = extents.map(String.init).joined(separator: "×")
    return "'\(model.name)' ends in maps of \(size), not in class scores"
  }

  /// The layers that `--layers` names for a figure, with a remark on those that are left out.
  func layers(matching patterns: String, for need: LayerNeed) throws -> [String] {
    let selection = try network.layers(
      matching: namePatterns(patterns, of: "--layers"), for: need)
    for (reason, left) in Dictionary(grouping: selection.leftOut, by: \.reason).sorted(
      by: { $0.key < $1.key })
    {
      let names = firstOf(left.map { "'\($0.name)'" })
      console.say("left out of --layers: \(names), which \(reason)")
    }
    return selection.layers
  }

  func layer(_ name: String) -> LayerDescription {
    LayerDescription(of: name, in: network, model: model.name)
  }

  func facts(
    source: String? = nil, options: [String: String] = [:], seed: UInt64? = nil
  ) -> FigureFacts {
    FigureFacts(source: source, options: options, seed: seed, command: command)
  }

  /// - Parameter arrays: The figure's raw numbers, made only where they are wanted.
  func add(
    _ figure: CaptionedFigure, name: String, _ facts: FigureFacts, arrays: () -> FigureArrays
  ) throws {
    try writer.add(
      figure, name: name, facts: facts, arrays: file(of: arrays, for: figure.kind))
  }

  /// - Returns: The arrays as a file, where arrays are wanted.
  func file(of arrays: () -> FigureArrays, for kind: FigureKind) -> Data? {
    writesArrays ? arrays().file(kind) : nil
  }

  /// Looks through pictures once, for all observers.
  func scan(_ pictures: Pictures, _ observers: [any ScanObserver]) throws {
    let layers = observers.flatMap(\.nodes)
    guard !layers.isEmpty else { return }
    writer.settle()
    defer { releaseIdleMemory() }
    let nodes = network.graph.nodes.map(\.name)
    let last = nodes.lastIndex { layers.contains($0) }.map { nodes[$0] }
    let time = TimeLeft()
    var done = 0
    let failures = try pictures.dataset.forEachBatch(
      of: try batchSize(
        upTo: Self.batchSize(for: network), on: pictures, keeping: .only(layers), through: last),
      indices: pictures.indices,
      preprocessing: pictures.preprocessing
    ) { batch in
      let recording = network.record(batch.images, keeping: .only(layers), through: last)
      for observer in observers { observer.observe(recording, pictures: batch.indices) }
      for layer in layers where !finiteness.isReported && !recording[layer].isFinite {
        try reportNonFinite(layer, for: batch, of: pictures)
      }
      done += batch.indices.count
      console.progress(
        "looking through \(pictures.name)", done, of: pictures.count,
        detail: time.text(done, of: pictures.count))
    }
    report(failures)
  }

  /// Names the files that could not be read, each once, and counts them.
  func report(_ failures: [FileError]) {
    let new = failures.filter { skipped.files.insert($0.file).inserted }
    for failure in new { console.warn("skipped \(failure)") }
    if !new.isEmpty, skipped.files.count > 1 {
      console.warn("skipped \(skipped.files.count) files in all")
    }
  }

  /// Large pictures in small batches, so that memory stays small.
  static func batchSize(for network: Network) -> Int {
    let pixels = network.graph.inputShape.elementCount
    return max(8, min(128, 3_000_000 / max(pixels, 1)))
  }
}

/// The files that a command could not read and went on without.
private final class SkippedFiles {
  var files: Set<String> = []
}
