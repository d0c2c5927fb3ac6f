internal import Analysis
internal import Datasets
internal import Files
internal import Foundation
internal import Networks
internal import TensorCore

/// A pass over pictures of which a cache keeps what can be kept.
struct KeptPass {
  private let cache: ScanCache
  private let studio: Studio
  private let pictures: Pictures
  private let observers: [any SavableScan]
  /// One for each observer: all that decides what it finds.
  private let keys: [String]
  /// Whether nothing else needs the pass.
  private let isForThemAlone: Bool
  /// How many of the pictures it went through, and which of these could not be read.
  private var done = 0
  private var skipped: [Int] = []
  private var lastSaved = ContinuousClock.now

  /// - Returns: Nil if there is no cache, or nothing that can be kept.
  init?(_ observers: [any ScanObserver], over pictures: Pictures, in studio: Studio) {
    guard let cache = studio.cache, pictures.count > 0 else { return nil }
    var left = min(cache.results.mostResultBytes, studio.model.memory.bytes / 16)
    let savable = observers.compactMap { $0 as? any SavableScan }.filter { scan in
      let bytes = scan.mostSavedBytes
      guard bytes <= left else { return false }
      left -= bytes
      return true
    }
    guard !savable.isEmpty, let keys = Self.keys(of: savable, over: pictures, in: studio) else {
      return nil
    }
    (self.cache, self.studio, self.pictures, self.keys) = (cache, studio, pictures, keys)
    (self.observers, isForThemAlone) = (savable, savable.count == observers.count)
  }

  // MARK: Earlier passes

  /// Takes up what earlier runs found, unless something else needs the whole pass.
  ///
  /// - Returns: How many of the pictures need not be gone through again.
  /// - Throws: Errors other than those of files that cannot be read.
  mutating func takeUp() throws -> Int {
    guard isForThemAlone else { return 0 }
    let found = zip(observers, keys).compactMap { self.found(by: $0, $1) }
    guard let first = found.first, found.count == observers.count,
      found.allSatisfy({ $0.done == first.done && $0.skipped == first.skipped }),
      let failures = try studio.failures(of: first.skipped, among: pictures)
    else { return 0 }
    for scan in found { scan.restore() }
    (done, skipped) = (first.done, first.skipped)
    let date = Self.text(of: found.map(\.date).max() ?? first.date)
    studio.reporter.say(
      done == pictures.count
        ? "\(pictures.name): the strongest activations are those that a run on \(date) found; "
          + "--no-cache looks again"
        : "\(pictures.name): goes on after \(done) of \(pictures.count) pictures, where a run on "
          + "\(date) was interrupted; --no-cache starts again")
    studio.report(failures)
    return done
  }

  private struct Found {
    let date: Date
    let done: Int
    let skipped: [Int]
    let restore: () -> Void
  }

  private func found(by observer: any SavableScan, _ key: String) -> Found? {
    guard let result = cache.results.result(of: key) else { return nil }
    var state = ScanStateReader([UInt8](result))
    do {
      let date = Date(timeIntervalSince1970: try state.double())
      let done = try state.integer(0...pictures.count)
      var skipped: [Int] = []
      for _ in 0..<(try state.integer(0...done)) {
        skipped.append(try state.integer(0...(pictures.dataset.count - 1)))
      }
      let restore = try observer.restoration(from: &state, pictures: pictures.dataset.count)
      guard state.isAtEnd else { return nil }
      return Found(date: date, done: done, skipped: skipped, restore: restore)
    } catch {
      return nil
    }
  }

  private static func text(of date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm"
    return formatter.string(from: date)
  }

  // MARK: This pass

  /// Counts the pictures of a batch, and saves what was found so far from time to time.
  ///
  /// - Parameter seen: In the order of the pass.
  mutating func note(_ seen: [Int]) {
    for picture in seen {
      while done < pictures.count, pictures.indices[done] != picture { skip() }
      done += 1
    }
    guard isForThemAlone, isWorthKeeping, ContinuousClock.now - lastSaved >= cache.interval else {
      return
    }
    save()
    lastSaved = .now
  }

  /// Keeps what was found, unless the pictures changed during the pass.
  mutating func finish() {
    while done < pictures.count { skip() }
    guard isWorthKeeping else { return }
    if Self.keys(of: observers, over: pictures, in: studio) == keys { save() }
  }

  private mutating func skip() {
    skipped.append(pictures.indices[done])
    done += 1
  }

  /// Where values stop being finite is found out during the pass, and must be said each time.
  private var isWorthKeeping: Bool { !studio.hasReportedNonFinite }

  private func save() {
    for (observer, key) in zip(observers, keys) {
      var state = ScanStateWriter()
      state.append(Date().timeIntervalSince1970)
      state.append(done)
      state.append(skipped.count)
      for picture in skipped { state.append(picture) }
      observer.save(into: &state)
      cache.results.keep(Data(state.bytes), of: key)
    }
  }

  // MARK: Keys

  /// To be increased whenever a scan finds something else, or saves it in another way, while the
  /// program's version stays the same.
  private static let version = 1
  /// Longer facts, such as the names of all pictures, are replaced by their hash.
  private static let longestFact = 1000

  /// All that decides what each observer finds; nil if it cannot be known whether the pictures are
  /// still the same.
  private static func keys(
    of observers: [any SavableScan], over pictures: Pictures, in studio: Studio
  ) -> [String]? {
    guard let facts = facts(of: pictures, in: studio),
      let names = try? pictures.indices.map({ try pictures.sourceName(of: $0) })
    else { return nil }
    let shared = facts + ["\(version)", "\(pictures.indices)", "\(names)"]
    return observers.map { key(of: shared + $0.facts(of: pictures.indices)) }
  }

  /// A key that all of these facts are part of.
  static func key(of facts: [String]) -> String {
    "\(facts.map { $0.utf8.count > longestFact ? fingerprint(of: Data($0.utf8)) : $0 })"
  }

  /// All that decides what a network makes of pictures, but for which of the data set they are; nil
  /// if it cannot be known whether the pictures are still the same.
  static func facts(of pictures: Pictures, in studio: Studio) -> [String]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let origin = pictures.origin, let state = try? origin.place.state,
      // What was written to since may not be what was opened.
      let lastChanged = state.lastChanged, lastChanged < origin.opened,
      let model = try? studio.model.circumstances(of: [], []),
      let preprocessing = try? [pictures.given, pictures.preprocessing].map({
        String(decoding: try encoder.encode($0), as: UTF8.self)
      })
    else { return nil }
    return [
      "\(Release.name) \(Release.version)", "threads \(ThreadCount.current)",
      studio.model.fingerprint, model, state.text, "\(pictures.dataset.count) pictures",
    ] + (origin.part.map { ["\($0) part"] } ?? []) + preprocessing
  }
}

extension Studio {
  /// The errors of pictures that cannot be read; nil if one of them can.
  ///
  /// - Parameter indices: Into the data set.
  /// - Throws: Errors other than those of files.
  func failures(of indices: [Int], among pictures: Pictures) throws -> [FileError]? {
    let reader = BatchReader(pictures.dataset, pictures.preprocessing)
    let size = Self.batchSize(for: network)
    var failures: [FileError] = []
    for start in stride(from: 0, to: indices.count, by: size) {
      let batch = try reader.batch(Array(indices[start..<min(start + size, indices.count)]))
      guard batch.indices.isEmpty else { return nil }
      failures += batch.failures
    }
    return failures
  }
}
