import ArgumentParser
import Exhibits
import Files
import Foundation
import Synchronization
import TestSupport

/// Keeps what is reported, and does something at every progress.
final class PassListener: Reporter {
  private let heard = Mutex<(said: [String], warned: [String], passed: [Int])>(([], [], []))
  private let work: @Sendable (Int) -> Void

  init(_ work: @escaping @Sendable (Int) -> Void = { _ in }) { self.work = work }

  var said: [String] { heard.withLock { $0.said } }
  var warned: [String] { heard.withLock { $0.warned } }
  /// How many pictures were done after each batch of a pass.
  var passed: [Int] { heard.withLock { $0.passed } }

  func say(_ line: String) { heard.withLock { $0.said.append(line) } }
  func warn(_ line: String) { heard.withLock { $0.warned.append(line) } }
  func progress(_ label: String, _ done: Int, of total: Int, detail: String) {
    guard label.hasPrefix("looking through") else { return }
    heard.withLock { $0.passed.append(done) }
    work(done)
  }
}

/// A checkpoint, its pictures, and a cache.
struct CacheBench {
  let folder: TemporaryFolder
  let checkpoint: String
  let photos: String

  init(pictures: [String: Int] = ["cat": 5, "dog": 6]) throws {
    folder = try TemporaryFolder()
    checkpoint = try folder.checkpoint()
    photos = try folder.pictures(pictures)
  }

  var cacheFolder: String { folder["/cache"] }

  /// What the figures show, and what was reported.
  struct Outcome {
    let numbers: [String: [String: [Float]]]
    let listener: PassListener

    var looked: Bool { !listener.passed.isEmpty }
    var saidSo: [String] { listener.said.filter { $0.contains("--no-cache") } }
  }

  /// Draws patches.
  ///
  /// - Parameter cached: Whether the cache is used.
  func draw(
    _ arguments: [String] = [], model: [String] = [], cached: Bool = true,
    listener: PassListener = PassListener()
  ) throws -> Outcome {
    try draw(
      TopPatches.self, ["--images", photos] + arguments, model: model, cached: cached, listener)
  }

  /// Draws an exhibit.
  func draw<E: Exhibit>(
    _ exhibit: E.Type, _ arguments: [String], model: [String] = [], cached: Bool = true,
    _ listener: PassListener = PassListener()
  ) throws -> Outcome {
    let checkpoint = try CheckpointOptions.parse(
      (model.isEmpty ? ["--preprocess", "unit"] : model) + [checkpoint])
    let studio = Studio(
      try Model(checkpoint), command: "", memo: StudioMemo(),
      cache: cached ? ScanCache(ResultCache(cacheFolder), savingEvery: .zero) : nil,
      reporter: listener)
    let figures = try studio.figures(of: exhibit, try E.Options.parse(arguments))
    return Outcome(
      numbers: Dictionary(
        uniqueKeysWithValues: figures.map { ($0.name, $0.finding.mapValues(\.elements)) }),
      listener: listener)
  }

  /// The kept files, by path.
  var kept: [String] {
    ((try? allNames(cacheFolder)) ?? []).map { "\(cacheFolder)/\($0)" }
  }
}

extension CacheBench.Outcome {
  /// Numbers that are missing are NaN.
  func shows(_ other: CacheBench.Outcome) -> Bool {
    numbers.keys == other.numbers.keys
      && numbers.allSatisfy { name, arrays in
        arrays.allSatisfy { key, values in
          other.numbers[name]?[key]?.map(\.bitPattern) == values.map(\.bitPattern)
        }
      }
  }
}
