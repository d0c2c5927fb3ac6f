import ArgumentParser
import Exhibits
import Files
import Foundation
import Scenes
import Synchronization

struct ScenesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenes",
    abstract: "Make a data set with known factors: rendered objects, series or short videos.",
    discussion: """
      Writes PNG files and factors.csv, replacing those of an earlier run. With --sweep, \
      one scene is rendered repeatedly while a single factor changes.

      With --series, synthetic series of eight kinds (\(SeriesClass.names)), each a CSV file with \
      one number per line, which spreadsheets and every other program open. With --volumes, grey \
      videos of objects that move in six ways (\(VolumeClass.names)), each a folder of frames as \
      PNG files. Both are read by 'train' and as --images:

        fovea scenes --series --count 4000 --output series
        fovea train --architecture series-small --data series
      """)

  @Flag(help: "What is made: objects, series or volumes.")
  var content = Content.objects

  @Option(name: .shortAndLong, help: "Number of pictures, series or volumes.")
  var count = 120

  @Option(
    help: ArgumentHelp(
      "Side length in pixels (default: 64; of volumes \(VolumeDataset.usualSize)).",
      valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "Length of each series (default: \(SeriesDataset.usualLength)).", valueName: "samples"))
  var length: Int?

  @Option(
    help: ArgumentHelp(
      "Number of frames of each volume (default: \(VolumeDataset.usualFrames)).",
      valueName: "frames"))
  var frames: Int?

  @Option(help: "Random seed of the factors.")
  var seed: UInt64 = 0

  @Option(
    help: """
      The one factor that changes: \
      \(SceneFactor.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  var sweep: String?

  @Option(help: "Range of the factor, for example 0...90.")
  var range: String?

  @Option(help: "The picture of the data set that a sweep starts from.")
  var base = 0

  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output = "output/scenes"

  @Flag(help: "Write all of them to one folder instead of one per class.")
  var flat = false

  @Flag(help: "Write to a folder with other files in it.")
  var force = false

  @OptionGroup var reporting: ReportingOptions

  /// What is made.
  enum Content: String, EnumerableFlag {
    case objects, series, volumes
  }

  private func validateContent() throws {
    guard content != .series || size == nil else {
      throw ValidationError("--size is of pictures; the length of series is --length")
    }
    guard length == nil || content == .series else {
      throw ValidationError("--length is for --series")
    }
    guard frames == nil || content == .volumes else {
      throw ValidationError("--frames is for --volumes")
    }
    guard content == .objects || sweep == nil && range == nil && base == 0 else {
      throw ValidationError("--sweep, --range and --base are for objects")
    }
    if let length, !(1...1_000_000).contains(length) {
      throw ValidationError("--length must be from 1 to 1,000,000, not \(length)")
    }
    if let frames, !(1...10_000).contains(frames) {
      throw ValidationError("--frames must be from 1 to 10,000, not \(frames)")
    }
  }

  func validate() throws {
    try validateContent()
    guard (1...1_000_000).contains(count) else {
      throw ValidationError("--count must be from 1 to 1,000,000, not \(count)")
    }
    if let size, !(8...4096).contains(size) {
      throw ValidationError("--size must be from 8 to 4096, not \(size)")
    }
    guard (0...1_000_000_000).contains(base) else {
      throw ValidationError("--base must be from 0 to 1,000,000,000, not \(base)")
    }
    guard !output.isEmpty else {
      throw ValidationError("--output: expected a folder, found nothing")
    }
  }

  func run() throws {
    let console = reporting.console
    let time = TimeLeft()
    let size = size ?? (content == .volumes ? VolumeDataset.usualSize : 64)
    let dataset = SceneDataset(count: max(count, base + 1), size: size, seed: seed)
    let lock = try OutputLock(output, .alone)
    defer { lock.release() }
    if !force { try SceneFolder(output).refuseForeign() }
    let written = Mutex(0)
    func progress(_ done: Int) {
      written.withLock { $0 = done }
      console.progress(
        content == .objects ? "scenes" : content.rawValue, done, of: count,
        detail: time.text(done, of: count))
    }
    let made = content == .objects ? "pictures" : content.rawValue
    let account: @Sendable () -> String = { [output, count] in
      "\(written.withLock(\.self)) of \(count) \(made) are in \(output)"
    }
    let layout = flat ? SceneFolderLayout.flat : .classFolders
    switch content {
    case .objects: break
    case .series:
      let series = SeriesDataset(
        count: count, length: length ?? SeriesDataset.usualLength, seed: seed)
      return try report(
        Signals.saying(account) {
          try writeExamples(of: series, to: output, layout: layout, progress: progress)
        })
    case .volumes:
      let volumes = VolumeDataset(
        count: count, frames: frames ?? VolumeDataset.usualFrames, size: size, seed: seed)
      return try report(
        Signals.saying(account) {
          try writeExamples(of: volumes, to: output, layout: layout, progress: progress)
        })
    }
    guard range == nil || sweep != nil else {
      throw UsageError("--range needs --sweep, which says which factor it is of")
    }
    guard let sweep else {
      let paths = try Signals.saying(account) {
        try writeScenes(
          (0..<count).map(dataset.factors), size: size, to: output,
          layout: layout, progress: progress)
      }
      return try report(paths)
    }
    guard let factor = SceneFactor(rawValue: sweep) else {
      throw UsageError(
        "no factor '\(sweep)'; there are "
          + SceneFactor.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let scenes = SceneSweep(
      factor: factor, count: count, base: dataset.factors(at: base), range: try parsedRange())
    try report(
      try Signals.saying(account) {
        try writeScenes(of: scenes, size: size, to: output, progress: progress)
      })
  }

  /// Thousands of paths are too many to print for somebody who asked for quiet.
  private func report(_ paths: [String]) throws {
    if reporting.json || !reporting.quiet { try reporting.report(paths) }
  }

  private func parsedRange() throws -> ClosedRange<Double>? {
    guard let range else { return nil }
    let ends = range.components(separatedBy: "...").compactMap(Double.init)
    guard ends.count == 2, ends[0] <= ends[1], ends.allSatisfy({ abs($0) <= 1e9 }) else {
      throw UsageError("--range: expected two numbers such as 0...90, found '\(range)'")
    }
    return ends[0]...ends[1]
  }
}

extension CaseIterable where Self: RawRepresentable<String> {
  fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
