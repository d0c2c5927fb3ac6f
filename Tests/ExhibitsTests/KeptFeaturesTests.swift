import Exhibits
import Foundation
import TestSupport
import Testing

@Suite struct `The features of pictures` {
  private let bench: CacheBench

  init() throws { bench = try CacheBench(pictures: ["cat": 7, "dog": 8]) }

  private func probe(
    _ arguments: [String] = [], cached: Bool = true, _ listener: PassListener = PassListener()
  ) throws -> CacheBench.Outcome {
    try bench.draw(
      Probe.self,
      [bench.photos, "--folds", "2", "--layers", "relu,scores", "--softmax", "none"] + arguments,
      cached: cached, listener)
  }

  /// The kept files of features, by path.
  private var kept: [String] {
    let folder = "\(bench.cacheFolder)/features"
    return ((try? allNames(folder)) ?? []).map { "\(folder)/\($0)" }
  }

  @Test func `are kept, so that a second run reads no pictures`() throws {
    let fresh = try probe(cached: false)
    #expect(fresh.looked && kept.isEmpty)
    let first = try probe()
    #expect(first.looked && first.saidSo.isEmpty && first.shows(fresh))
    // A file for each layer.
    #expect(kept.count == 2)
    let second = try probe()
    #expect(!second.looked && second.shows(fresh))
    #expect(
      second.saidSo == [
        "pictures: the features of all pictures are those that an earlier run found; --no-cache "
          + "looks again"
      ])
    // What is fitted to them is found again.
    for arguments in [["--per-class", "3"], ["--scaling", "normalize"], ["--seed", "4"]] {
      let (other, alone) = (try probe(arguments), try probe(arguments, cached: false))
      #expect(!other.looked && other.shows(alone), "\(arguments)")
    }
    #expect(try !probe(["--layers", "relu"]).looked)
    #expect(try probe(["--no-cache"]).looked)
  }

  @Test func `are those of the pooling, the layers and the pictures`() throws {
    let arguments = [
      ["--pooling", "mean"], ["--pooling", "flatten"], ["--pooling", "grid"], ["--layers", "conv"],
      ["--limit", "12"],
    ]
    for arguments in arguments {
      let (found, alone) = (try probe(arguments), try probe(arguments, cached: false))
      #expect(found.looked && found.shows(alone), "\(arguments)")
    }
    for arguments in arguments { #expect(try !probe(arguments).looked, "\(arguments)") }
  }

  @Test func `say nothing of labels that are none of the network's classes`() throws {
    for _ in 0..<2 {
      let listener = PassListener()
      _ = try probe([], listener)
      #expect(!(listener.said + listener.warned).contains { $0.contains("of the network's") })
    }
    // Others do.
    let others = try bench.draw()
    #expect(others.listener.said.contains { $0.contains("of the network's") })
  }

  @Test func `are looked for again if their file is damaged`() throws {
    let fresh = try probe()
    let file = try #require(kept.first)
    try Data([1, 2, 3]).write(to: URL(filePath: file))
    let again = try probe()
    #expect(again.looked && again.shows(fresh))
    #expect(try !probe().looked)
  }

  @Test func `are not kept if a picture changes during the pass`() throws {
    let picture = "\(bench.photos)/cat/1.png"
    #expect(try probe([], PassListener { _ in utimes(picture, nil) }).looked)
    #expect(kept.isEmpty)
    #expect(try probe().looked)
    #expect(kept.count == 2)
  }
}
