import ArgumentParser
import Exhibits
import Files
import Foundation

import func Analysis.suggestion

/// The renders of a batch file, each as the arguments of its command.
struct BatchPlan {
  let entries: [Entry]

  struct Entry {
    let arguments: [String]

    var text: String { commandText(arguments) }

    static var names: [String] { batchedCommands.compactMap { $0.configuration.commandName } }

    private var type: (any BatchedCommand.Type)? { arguments.first.flatMap(Self.type) }

    private static func type(of command: String) -> (any BatchedCommand.Type)? {
      batchedCommands.first { $0.configuration.commandName == command }
    }

    /// How the file names the checkpoints of a command.
    static func checkpointKey(of command: String) -> String {
      type(of: command)?.checkpointKey ?? "checkpoint"
    }

    /// The keys that a render of any kind may have.
    static let keys = Set(names.compactMap(keys).joined())

    /// The keys that a render by this command may have: its options.
    static func keys(of command: String) -> Set<String>? {
      options(of: command).map { $0.names.union(["command", checkpointKey(of: command)]) }
    }

    static func options(of command: String) -> OptionList? {
      type(of: command).map { OptionList(of: $0) }
    }

    /// - Throws: The argument parser's error.
    func parse() throws -> any BatchedCommand {
      guard let type else {
        throw UsageError(
          "no render command '\(arguments.first ?? "")'"
            + suggestion(for: arguments.first ?? "", among: Self.names))
      }
      let command = try type.parse(Array(arguments.dropFirst()))
      guard command.output.computing.threads == nil else {
        throw UsageError("give --threads to batch itself: all renders share them")
      }
      return command
    }

    /// In one line.
    func message(for error: any Error) -> String {
      ExitStatus.message(for: error, in: type ?? Fovea.self)
    }
  }

  /// - Throws: `FileError` that names the file and what is wrong with it.
  init(_ path: String) throws {
    let expected = "a list 'renders' with at least one entry"
    let root = try YAMLArguments.mapping(in: path, expecting: expected)
    guard let renders = root["renders"] as? [Any], !renders.isEmpty else {
      throw FileError(.malformed, path, "expected \(expected)")
    }
    for key in root.keys.sorted() where !["defaults", "renders"].contains(key) {
      throw FileError(
        .malformed, path,
        "no key '\(key)'\(suggestion(for: key, among: ["defaults", "renders"]))")
    }
    guard let defaults = (root["defaults"] ?? [String: Any]()) as? [String: Any] else {
      throw FileError(.malformed, path, "expected keys and values under 'defaults'")
    }
    for key in defaults.keys.sorted() where !Entry.keys.contains(key) {
      throw FileError(
        .malformed, path,
        "no render has an option '\(key)'\(suggestion(for: key, among: Entry.keys.sorted()))")
    }
    entries = try renders.enumerated().map { position, render in
      guard let own = render as? [String: Any] else {
        throw FileError(
          .malformed, path,
          "expected keys and values in render \(position + 1), found "
            + (render is [Any] ? "a list" : "\(render)"))
      }
      // A default applies only to commands that have the option.
      let known = (own["command"] ?? defaults["command"]).flatMap { Entry.keys(of: "\($0)") }
      let shared = defaults.filter { known?.contains($0.key) ?? true }
      return Entry(
        arguments: try Self.arguments(shared.merging(own) { $1 }, path, position + 1))
    }
  }

  private static func arguments(
    _ options: [String: Any], _ path: String, _ number: Int
  ) throws -> [String] {
    guard let command = options["command"] as? String else {
      throw FileError(.malformed, path, "render \(number) has no 'command'")
    }
    let key = Entry.checkpointKey(of: command)
    guard let given = options[key], !(given is NSNull) else {
      throw FileError(.malformed, path, "render \(number) has no '\(key)'")
    }
    let checkpoints: [String]
    switch given {
    case let file as String: checkpoints = [file]
    case let files as [String] where key == "checkpoints": checkpoints = files
    default:
      let expected = key == "checkpoints" ? "a list of files" : "a file"
      throw FileError(
        .malformed, path, "render \(number): expected \(expected) under '\(key)', found \(given)")
    }
    let others = options.filter { $0.key != "command" && $0.key != key }
    return try [command] + checkpoints
      + YAMLArguments.arguments(
        of: others, Entry.options(of: command), "render \(number)", in: path)
  }
}
