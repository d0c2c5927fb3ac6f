import Foundation
import TestSupport
import Testing

extension `The program` {
  /// Texts in `Snapshots/help-….txt`, wrapped for a terminal of 100 columns.
  @Suite struct `Help texts` {
    private func help(_ arguments: String...) throws -> String { try help(arguments) }

    private func help(_ arguments: [String]) throws -> String {
      let outcome = try Program.run(
        arguments, in: TemporaryFolder(), environment: ["COLUMNS": "100"])
      #expect(outcome.status == 0 && outcome.errors == "", "\(arguments)")
      return outcome.output
    }

    /// In the order of the overview, each followed by those that belong to it, as words.
    private func commands() throws -> [[String]] {
      try names(in: help("--help")).flatMap { name in
        [[name]] + (try names(in: help(name, "--help")).map { [name, $0] })
      }
    }

    private func names(in help: String) -> [String] {
      guard let list = help.firstRange(of: "SUBCOMMANDS:") else { return [] }
      return help[list.upperBound...].matches(of: /(?m)^  ([a-z][a-z-]*)(?: |$)/)
        .map { String($0.output.1) }
    }

    @Test func `the overview`() throws {
      try expectSnapshot(help("--help"), named: "help")
    }

    @Test func `of every command`() throws {
      let commands = try commands()
      for command in commands {
        let text = try help(command + ["--help"])
        try expectSnapshot(text, named: "help-\(command.joined(separator: "-"))")
        #expect(try help(["help"] + command) == text, "\(command)")
      }
      let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Snapshots")
      let known = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasPrefix("help-") && !$0.hasSuffix(".failed.txt") }
      #expect(known.sorted() == commands.map { "help-\($0.joined(separator: "-")).txt" }.sorted())
      #expect(commands.count > 10)
    }

    @Test func `no line is wider than the terminal`() throws {
      for command in try commands() {
        // The parser does not wrap the line of usage.
        let lines = try help(command + ["--help"]).split(separator: "\n")
          .filter { !$0.hasPrefix("USAGE: ") }
        for line in lines { #expect(line.count <= 100, "\(command): \(line)") }
      }
    }
  }
}
