internal import Analysis
internal import Files
internal import Foundation
internal import Networks

/// Collects the features of layers over the parts of a data set, of which a cache keeps what it can.
///
/// They are kept in parts, each the features of one layer for some pictures, so that they are never
/// in memory twice, and an interrupted pass goes on where it was.
final class KeptFeatures {
  let layers: [ProbeFeatures]
  private let parts: [Pictures]
  private let studio: Studio
  private let pooling: ProbePooling
  /// Those that this pass kept.
  private var keys: [String] = []

  /// To be increased whenever features are computed otherwise while the program's version stays.
  private static let version = 1
  /// How many pictures a file is for.
  private static let pictures = 512

  /// - Parameter parts: Their pictures are the rows, in order.
  init(_ layers: [String], pooling: ProbePooling, of parts: [Pictures], in studio: Studio) {
    let rows = parts.reduce(0) { $0 + $1.count }
    self.layers = layers.map {
      ProbeFeatures(studio.network, layer: $0, pooling: pooling, rows: rows)
    }
    (self.parts, self.studio, self.pooling) = (parts, studio, pooling)
  }

  /// Reads what was kept, and runs the network for the rest.
  func collect() throws {
    var first = 0
    for part in parts {
      try collect(part, first)
      first += part.count
    }
  }

  /// - Parameter first: The row of the part's first picture.
  private func collect(_ part: Pictures, _ first: Int) throws {
    let facts = studio.cache == nil ? nil : KeptPass.facts(of: part, in: studio)
    let chunks = try stride(from: 0, to: part.count, by: Self.pictures).map { start in
      let indices = Array(part.indices[start..<min(start + Self.pictures, part.count)])
      let names = facts == nil ? [] : try indices.map { try part.sourceName(of: $0) }
      return Chunk(
        rows: (first + start)..<(first + start + indices.count), indices: indices,
        facts: facts.map { $0 + ["features \(Self.version)", "\(indices)", "\(names)"] })
    }
    let rest = chunks.filter { chunk in
      // All are read, so that only whole chunks are left.
      !layers.map({ read(chunk, $0) }).allSatisfy(\.self)
    }
    let kept = chunks.count - rest.count
    if kept > 0 {
      studio.reporter.say(
        "\(part.name): the features of \(kept == chunks.count ? "all" : "some") pictures are those "
          + "that an earlier run found; --no-cache looks again")
    }
    guard !rest.isEmpty else { return }
    let rows = Dictionary(
      uniqueKeysWithValues: rest.flatMap { zip($0.indices, $0.rows) })
    let observer = FeatureObserver(layers, rows, rest) { [self] in keep($0) }
    keys = []
    defer { if !keys.isEmpty, KeptPass.facts(of: part, in: studio) != facts { forget() } }
    try studio.scan(part.only(rest.flatMap(\.indices)), [observer])
  }

  fileprivate struct Chunk {
    let rows: Range<Int>
    let indices: [Int]
    /// Nil if nothing can be kept.
    let facts: [String]?
  }

  private func key(of chunk: Chunk, _ features: ProbeFeatures) -> String? {
    chunk.facts.map {
      KeptPass.key(
        of: $0 + ["layer \(features.layer)", pooling.rawValue, "\(features.featureCount)"])
    }
  }

  private func read(_ chunk: Chunk, _ features: ProbeFeatures) -> Bool {
    guard let cache = studio.cache?.features, let key = key(of: chunk, features),
      let result = cache.result(of: key),
      result.count
        == ProbeFeatures.bytes(rows: chunk.rows.count, features: features.featureCount)
    else { return false }
    let values = [Float](unsafeUninitializedCapacity: result.count / 4) { target, count in
      count = result.copyBytes(to: target) / 4
    }
    values.withUnsafeBufferPointer { values in
      for (place, row) in chunk.rows.enumerated() {
        let own = (place * features.featureCount)..<((place + 1) * features.featureCount)
        features.set(row, to: UnsafeBufferPointer(rebasing: values[own]))
      }
    }
    return true
  }

  private func keep(_ chunk: Chunk) {
    // Where values stop being finite is found out during the pass, and must be said each time.
    guard let cache = studio.cache?.features, !studio.hasReportedNonFinite else { return }
    for features in layers {
      guard let key = key(of: chunk, features), let values = features.known(chunk.rows),
        values.count * 4 <= cache.mostResultBytes
      else { continue }
      cache.keep(values.withUnsafeBytes { Data($0) }, of: key)
      keys.append(key)
    }
  }

  /// Pictures changed during the pass, so what it kept may not be of those that the keys name.
  private func forget() {
    for key in keys { studio.cache?.features.remove(key) }
  }
}

/// Hands the outputs of layers on to their features.
private final class FeatureObserver: ScanObserver {
  private let layers: [ProbeFeatures]
  private let rows: [Int: Int]
  private let onWhole: (KeptFeatures.Chunk) -> Void
  /// Chunks that are not complete, in the order of the pass.
  private var open: ArraySlice<KeptFeatures.Chunk>

  var nodes: [String] { layers.map(\.layer) }
  var heldBytes: Int {
    layers.reduce(0) { $0 + ProbeFeatures.bytes(rows: $1.rowCount, features: $1.featureCount) }
  }

  init(
    _ layers: [ProbeFeatures], _ rows: [Int: Int], _ chunks: [KeptFeatures.Chunk],
    onWhole: @escaping (KeptFeatures.Chunk) -> Void
  ) {
    (self.layers, self.rows, self.onWhole) = (layers, rows, onWhole)
    open = chunks[...]
  }

  func observe(_ recording: Recording, pictures: [Int]) {
    let own = pictures.map { rows[$0] ?? 0 }
    for features in layers { features.take(recording, rows: own) }
    // Pictures come in order, so those before the last one were read or never will be.
    guard let last = own.last else { return }
    while let chunk = open.first, chunk.rows.upperBound <= last + 1 {
      if layers.allSatisfy({ $0.known(chunk.rows) != nil }) { onWhole(chunk) }
      open.removeFirst()
    }
  }
}
