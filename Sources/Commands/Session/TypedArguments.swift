import ArgumentParser
import Exhibits
import Files
import Galleries

import func Analysis.suggestion

/// The arguments as they were typed, with the checks that the parser does not make.
enum TypedArguments {
  private typealias Command = any ParsableCommand.Type

  private static let commands: [String: Command] = Dictionary(
    uniqueKeysWithValues: Fovea.configuration.subcommands.compactMap { command in
      command.configuration.commandName.map { ($0, command) }
    })

  /// The arguments for the parser: it takes a negative number only in one word with its option.
  ///
  /// - Throws: `UsageError` for a command that does not exist, or an option that is given twice,
  ///   of which the parser would take the last.
  static func checked(_ arguments: [String]) throws -> [String] {
    guard let name = arguments.first, !name.hasPrefix("-"), name != "help" else {
      return arguments
    }
    guard var command = commands[name] else { throw unknown(name) }
    var given: [String: String] = [:]
    var checked = [name]
    var rest = arguments.dropFirst()
    if let second = rest.first,
      let nested = command.configuration.subcommands.first(where: {
        $0.configuration.commandName == second
      })
    {
      command = nested
      checked.append(second)
      rest = rest.dropFirst()
    }
    let options = OptionList(of: command)
    while let word = rest.popFirst() {
      guard word != "--" else { return checked + [word] + rest }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard word.hasPrefix("-"), let option = options[String(parts[0].drop { $0 == "-" })],
        option.takesValue
      else {
        checked.append(word)
        continue
      }
      var value = parts.count > 1 ? String(parts[1]) : nil
      if value != nil {
        checked.append(word)
      } else if let usual = option.valueAsFlag {
        // The next word may be its value, or the checkpoint.
        let isGiven = rest.first.map { option.valuesBesideFlag.contains($0) || isWord($0) } ?? false
        value = isGiven ? rest.popFirst() : usual
        checked.append("\(word)=\(value ?? usual)")
      } else {
        value = rest.popFirst()
        if let value, value.starts(with: /-[0-9.]/) {
          checked.append("\(word)=\(value)")
        } else {
          checked += [word] + [value].compactMap(\.self)
        }
      }
      guard let value, !option.isRepeating else { continue }
      if let earlier = given.updateValue(value, forKey: option.text) {
        throw UsageError("\(option.text) is given twice: \(earlier) and \(value)")
      }
    }
    return checked
  }

  /// Whether it can only be a value: no option and no file.
  private static func isWord(_ text: String) -> Bool {
    guard !text.contains(where: { "-./".contains($0) }), case .none = kindOfFile(text) else {
      return false
    }
    return true
  }

  private static func unknown(_ name: String) -> UsageError {
    let isFile = kindOfFile(name) == .regular
    return UsageError(
      "no command '\(name)'"
        + (isFile
          ? "; to draw its gallery, type fovea visualize \(shellWord(name))"
          : suggestion(for: name, among: commands.keys.sorted())))
  }

  /// The parser's error, with advice if other commands have an option that it does not know.
  ///
  /// - Parameter command: The command that was given.
  static func explaining(unknownOption message: String, of command: String) -> String {
    guard let option = message.firstMatch(of: /Unknown option '--([a-z0-9-]+)'/)?.output else {
      return message
    }
    let name = String(option.1)
    if command == VisualizeCommand.configuration.commandName {
      let kinds = exhibits.filter { optionNames(of: $0).contains(name) }.map { $0.kind.name }
      if !kinds.isEmpty {
        return "\(option.0), which \(taken(by: kinds)) from --with"
      }
    }
    let others = Fovea.configuration.subcommands.filter { OptionList(of: $0)[name] != nil }
      .compactMap { $0.configuration.commandName }
    guard !others.isEmpty else { return message }
    return "\(option.0), which \(taken(by: others))"
  }

  private static func taken(by names: [String]) -> String {
    guard names.count > 1, let last = names.last else { return names.joined() + " takes" }
    return names.dropLast().joined(separator: ", ") + " and \(last) take"
  }
}
