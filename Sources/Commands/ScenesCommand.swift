import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries
import Scenes
import Synchronization

struct ScenesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenes",
    abstract: "Render the sample data set: solid objects with known factors.",
    discussion: """
      Writes PNG files and factors.csv, replacing those of an earlier run. With --sweep, \
      one scene is rendered repeatedly while a single factor changes.
      """)

  @Option(name: .shortAndLong, help: "Number of pictures.")
  var count = 120

  @Option(help: "Side length in pixels.")
  var size = 64

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

  @Flag(help: "Write all pictures to one folder instead of one per class.")
  var flat = false

  @Flag(help: "Write to a folder with other files in it.")
  var force = false

  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    guard (1...1_000_000).contains(count) else {
      throw ValidationError("--count must be from 1 to 1,000,000, not \(count)")
    }
    guard (8...4096).contains(size) else {
      throw ValidationError("--size must be from 8 to 4096, not \(size)")
    }
    guard (0...1_000_000_000).contains(base) else {
      throw ValidationError("--base must be from 0 to 1,000,000,000, not \(base)")
    }
    guard !output.isEmpty else {
      throw ValidationError("--output: expected a folder, found nothing")
    }
    if let problem = OutputName.folderProblem(with: output) {
      throw ValidationError("--output: \(problem)")
    }
  }

  func run() throws {
    let console = reporting.console
    let time = TimeLeft()
    let dataset = SceneDataset(count: max(count, base + 1), size: size, seed: seed)
    let lock = try OutputLock(output, .alone)
    defer { lock.release() }
    if !force { try SceneFolder(output).refuseForeign() }
    let written = Mutex(0)
    func progress(_ done: Int) {
      written.withLock { $0 = done }
      console.progress("scenes", done, of: count, detail: time.text(done, of: count))
    }
    let account: @Sendable () -> String = { [output, count] in
      "\(written.withLock(\.self)) of \(count) pictures are in \(output)"
    }
    guard range == nil || sweep != nil else {
      throw UsageError("--range needs --sweep, which says which factor it is of")
    }
    guard let sweep else {
      let paths = try Signals.saying(account) {
        try writeScenes(
          (0..<count).map(dataset.factors), size: size, to: output,
          layout: flat ? .flat : .classFolders, progress: progress)
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
