import ArgumentParser
import Files
import Foundation

import func Analysis.suggestion

/// The renders of a batch file, each as the arguments of its command.
struct BatchPlan {
  let entries: [Entry]

  struct Entry {
    let arguments: [String]

    var text: String { commandText(arguments) }

    private static let commands: [any RenderCommand.Type] = [
      VisualizeCommand.self, FiltersCommand.self, FeaturesCommand.self, PatchesCommand.self,
      EmbeddingCommand.self, SaliencyCommand.self, ClassModelsCommand.self,
    ]

    static var names: [String] { commands.compactMap { $0.configuration.commandName } }

    private var type: (any RenderCommand.Type)? { arguments.first.flatMap(Self.type) }

    private static func type(of command: String) -> (any RenderCommand.Type)? {
      commands.first { $0.configuration.commandName == command }
    }

    /// What a render of any kind may say.
    static let keys = Set(names.compactMap(keys).joined())

    /// What a render by this command may say: its options as its help lists them.
    static func keys(of command: String) -> Set<String>? {
      type(of: command).map { type in
        let options = type.helpMessage().matches(of: /(?m)^ +(?:-\w, )?--([a-z-]+)/)
        return Set(options.map { String($0.output.1) }).union(["command", "checkpoint"])
      }
    }

    /// - Throws: The argument parser's error.
    func parse() throws -> any RenderCommand {
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

    /// One line.
    func message(for error: any Error) -> String {
      ExitStatus.message(for: error, in: type ?? Fovea.self)
    }
  }

  /// - Throws: `FileError` that names the file and what is wrong in it.
  init(_ path: String) throws {
    let data = try readFile(path, limit: YAMLText.mostBytes)
    let loaded: Any?
    do {
      loaded = try YAMLText(data).value
    } catch {
      throw FileError(.malformed, path, "expected YAML: \(error)")
    }
    guard let root = loaded as? [String: Any], let renders = root["renders"] as? [Any],
      !renders.isEmpty
    else {
      throw FileError(.malformed, path, "expected a list 'renders' with at least one entry")
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
      // A default is for the commands that have such an option.
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
    guard let checkpoint = options["checkpoint"] as? String else {
      throw FileError(.malformed, path, "render \(number) has no 'checkpoint'")
    }
    var arguments = [command, checkpoint]
    for (key, value) in options.sorted(by: { $0.key < $1.key })
    where key != "command" && key != "checkpoint" {
      let option = "--" + key
      switch value {
      case is NSNull: continue
      case let flag as Bool:
        if flag { arguments.append(option) }
      case let list as [Any] where key == "constant":
        // One of several that each have a name, where other options separate by commas.
        for constant in list { arguments += [option, "\(constant)"] }
      case let list as [Any]:
        guard !list.contains(where: { $0 is [Any] || $0 is [String: Any] }) else {
          throw FileError(.malformed, path, "render \(number): '\(key)' must be a flat list")
        }
        arguments += [option, list.map { "\($0)" }.joined(separator: ",")]
      case is [String: Any]:
        throw FileError(.malformed, path, "render \(number): '\(key)' must be a single value")
      default: arguments += [option, "\(value)"]
      }
    }
    return arguments
  }
}
