import ArgumentParser
import Exhibits
import Foundation

/// The manual page of a program, in the macros of man(7), made of the parser's description of its
/// commands.
struct ManualPage {
  private let program: Command

  /// Options that at least this many commands share are described once, after the commands.
  private static let commonCount = 5

  init(_ program: any ParsableCommand.Type) {
    let data = Data(program._dumpHelp().utf8)
    guard let described = try? JSONDecoder().decode(Description.self, from: data) else {
      preconditionFailure("the parser describes the program in another form")
    }
    self.program = described.command
  }

  var text: String {
    let name = program.commandName
    let commands = (program.subcommands ?? []).filter { $0.commandName != "help" }
      .flatMap(\.withNested)
    let common = commonOptions(of: commands)
    var lines = [
      ".TH \(name.uppercased()) 1 \"\" \"\(Release.name) \(Release.version)\"",
      ".SH NAME", "\(roff(name)) \\- \(roff(lowercased(program.abstract ?? "")))",
      ".SH SYNOPSIS", ".B \(roff(name))", "command [options]",
      ".SH DESCRIPTION",
    ]
    lines += paragraphs(program.discussion)
    lines.append(".SH COMMANDS")
    for command in commands {
      lines.append(".SS \(roff("\(name) \(command.synopsis)"))")
      lines += paragraphs(command.abstract) + paragraphs(command.discussion)
      let arguments = command.shown
      for argument in arguments where !common.contains(argument) { lines += entry(argument) }
      let shared = arguments.filter { $0.kind != "positional" && common.contains($0) }
        .map { "\\fB\(roff($0.typed))\\fR" }
      if !shared.isEmpty { lines += [".PP", "Common options: \(shared.joined(separator: ", "))."] }
    }
    lines.append(".SH COMMON OPTIONS")
    for argument in common { lines += entry(argument) }
    lines += [
      ".SH EXIT STATUS", "0 if all was done, 64 for a wrong command line, 65 for a damaged file,",
      "66 for a missing one, 70 for an internal error, 71 for too little memory, and 73 if the",
      "output cannot be written.",
    ]
    return lines.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// In the order in which they first occur.
  private func commonOptions(of commands: [Command]) -> [Argument] {
    let all = commands.flatMap(\.shown)
    let counts = Dictionary(all.map { ($0, 1) }, uniquingKeysWith: +)
    var seen = Set<Argument>()
    return all.filter { counts[$0, default: 0] >= Self.commonCount && seen.insert($0).inserted }
  }

  private func entry(_ argument: Argument) -> [String] {
    let names = (argument.names ?? []).map { "\\fB\(roff($0.typed))\\fR" }
    let value = argument.valueName.map { "\\fI\(roff($0))\\fR" } ?? ""
    let head: String
    switch argument.kind {
    case "positional": head = value
    case "option": head = "\(names.joined(separator: ", ")) \(value)"
    default: head = names.joined(separator: ", ")
    }
    var text = argument.abstract ?? ""
    if let values = argument.allValues, !values.isEmpty {
      text += " One of \(values.joined(separator: ", "))."
    }
    if argument.kind == "option", let usual = argument.defaultValue, !usual.isEmpty {
      text += " Default: \(usual)."
    }
    return [".TP", head, roff(text.trimmingCharacters(in: .whitespaces))]
  }

  /// Indented lines are examples, shown as they are.
  private func paragraphs(_ text: String?) -> [String] {
    (text ?? "").components(separatedBy: "\n\n").flatMap { paragraph -> [String] in
      let lines = paragraph.split(separator: "\n").map(String.init)
      guard !lines.isEmpty else { return [] }
      let isExample = lines.allSatisfy { $0.hasPrefix("  ") }
      return isExample ? [".PP", ".EX"] + lines.map(roff) + [".EE"] : [".PP"] + lines.map(roff)
    }
  }
}

/// The parser's own description, as `--experimental-dump-help` prints it.
private struct Description: Decodable { let command: Command }

private struct Command: Decodable {
  let commandName: String
  let abstract: String?
  let discussion: String?
  let subcommands: [Command]?
  let arguments: [Argument]?

  /// The command, and those that belong to it, by their whole names.
  var withNested: [Command] {
    [self]
      + (subcommands ?? []).map { nested in
        Command(
          commandName: "\(commandName) \(nested.commandName)", abstract: nested.abstract,
          discussion: nested.discussion, subcommands: nil, arguments: nested.arguments)
      }
  }

  /// Without those that every command has.
  var shown: [Argument] {
    (arguments ?? []).filter { argument in
      argument.shouldDisplay
        && !(argument.names ?? []).contains { ["help", "version"].contains($0.name) }
    }
  }

  var synopsis: String {
    ([commandName]
      + shown.filter { $0.kind == "positional" }.map { argument in
        let name = (argument.valueName ?? "").uppercased()
        return argument.isOptional ? "[\(name)]" : name
      } + ["[options]"]).joined(separator: " ")
  }
}

private struct Argument: Decodable, Hashable {
  let kind: String
  let shouldDisplay: Bool
  let isOptional: Bool
  let names: [Name]?
  let valueName: String?
  let defaultValue: String?
  let allValues: [String]?
  let abstract: String?

  /// Its longest name.
  var typed: String { (names ?? []).map(\.typed).max { $0.count < $1.count } ?? valueName ?? "" }
}

private struct Name: Decodable, Hashable {
  let kind: String
  let name: String

  var typed: String { (kind == "long" ? "--" : "-") + name }
}

/// The abstract of a program begins with a capital, its line in a manual does not.
private func lowercased(_ sentence: String) -> String {
  let start = sentence.prefix(1).lowercased() + sentence.dropFirst()
  return start.hasSuffix(".") ? String(start.dropLast()) : start
}

/// A line that man shows as it is.
private func roff(_ text: String) -> String {
  let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    .replacing("\n", with: " ")
    // Lists of words may be broken after each.
    .replacing("|", with: "|\\:")
  // Other lines that begin so would be commands.
  return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
}
