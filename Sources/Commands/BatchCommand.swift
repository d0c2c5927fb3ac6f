import ArgumentParser
import Exhibits
import Files
import Foundation

struct BatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "Run many renders from one YAML file.",
    discussion: """
      The file lists renders, each a command with its options, and defaults that all share:

        defaults:
          checkpoint: samples/objects.safetensors
          output: output/batch
        renders:
          - command: filters
            layers: conv1
          - command: saliency
            classes: [mug, car]
            method: guided-backpropagation

      A comparison has a list of checkpoints instead (command: compare, checkpoints: [a, b]), \
      and so has an evolution. Each checkpoint is loaded once if memory allows; a render that fails does not stop the \
      others.
      """)

  @Argument(help: "The YAML file.")
  var file: String

  @Flag(help: "List the renders without running them.")
  var dryRun = false

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var reporting: ReportingOptions

  func run() throws {
    computing.apply()
    let plan = try BatchPlan(file)
    let session = Session()
    var outcomes: [BatchOutcome] = []
    let commands = plan.entries.map { entry in Result { try entry.parse() } }
    for (position, (entry, command)) in zip(plan.entries, commands).enumerated() {
      let label = "\(position + 1)/\(plan.entries.count) \(entry.text)"
      var outcome = BatchOutcome(command: entry.text)
      do {
        let command = try command.get()
        if dryRun {
          try command.checkFiles()
        } else {
          reporting.console.say(label)
          let isQuiet = reporting.quiet || command.output.reporting.quiet
          let count = plan.entries.count
          outcome.files = try Signals.saying({ "render \(position + 1) of \(count) was under way" })
          {
            try command.run(in: session, as: entry.arguments, console: Console(isQuiet: isQuiet))
          }
        }
      } catch {
        outcome.problem = entry.message(for: error)
        outcome.status = ExitStatus(of: error) ?? .usage
        reporting.console.warn("\(label): \(outcome.problem ?? "")")
      }
      outcomes.append(outcome)
      session.keepOnly(
        commands.dropFirst(position + 1).flatMap { (try? $0.get().sharedCheckpoints) ?? [] })
    }
    try report(outcomes)
    if let status = outcomes.compactMap(\.status).first {
      throw BatchFailure(
        description: "\(outcomes.count { $0.problem != nil }) of \(outcomes.count) renders failed",
        status: status)
    }
  }

  private func report(_ outcomes: [BatchOutcome]) throws {
    if reporting.json {
      let renders = outcomes.map { outcome -> [String: Any] in
        ["command": outcome.command, "files": outcome.files, "error": outcome.problem ?? NSNull()]
      }
      return try Console.results([jsonText(["renders": renders])])
    }
    if dryRun { return try Console.results(outcomes.map { printable($0.command) }) }
    let table = TextTable(
      heads: ["render", "outcome"], leading: 2, rows: outcomes.map { [$0.command, $0.summary] })
    try Console.results(Array(table.lines.dropFirst()))
  }
}

/// The outcome of one render.
private struct BatchOutcome {
  let command: String
  var files: [String] = []
  var problem: String?
  var status: ExitStatus?

  var summary: String {
    if let problem { return "failed: \(problem)" }
    // A render that writes no gallery writes one figure.
    let isGallery = files.contains { $0.hasSuffix("/gallery.json") }
    let pictures = isGallery ? files.filter { $0.hasSuffix(".png") } : Array(files.prefix(1))
    let folder = files.first.map { URL(filePath: $0).deletingLastPathComponent().relativePath }
    let figures = pictures.count == 1 ? "1 figure" : "\(pictures.count) figures"
    return "\(figures) in \(folder ?? "")"
  }
}

/// Some renders of a batch failed; the first failure decides the exit status.
struct BatchFailure: Error, CustomStringConvertible {
  let description: String
  let status: ExitStatus
}
