package import ArgumentParser
internal import Foundation

/// The options of a command, as its help lists them, but for `--help` and `--version`.
package struct OptionList: Sendable {
  package struct Option: Sendable, Hashable {
    /// Without leading hyphens; the long name first.
    package let names: [String]
    /// Flags take none.
    package let takesValue: Bool
    /// What it means if it is given without a value; nil if it needs one.
    package var valueAsFlag: String? {
      names.first == "arrays" ? ArraysFormat.safetensors.rawValue : nil
    }
    /// The values that it can have, of an option that needs none.
    package var valuesBesideFlag: [String] {
      names.first == "arrays" ? ArraysFormat.allCases.map(\.rawValue) : []
    }
    /// Whether it may be given more than once.
    package let isRepeating: Bool

    /// As it is typed.
    package var text: String { names.first.map { ($0.count == 1 ? "-" : "--") + $0 } ?? "" }
  }

  package let options: [Option]
  private let indices: [String: Int]

  /// Reads the parser's description of a command, its only list of options that is not a text; a
  /// test fails if it changes.
  package init(of command: any ParsableArguments.Type) {
    let described = try? JSONDecoder().decode(
      Description.self, from: Data(command._dumpHelp().utf8))
    options = (described?.command.arguments ?? []).compactMap { argument in
      guard argument.kind != "positional" else { return nil }
      let names = (argument.names ?? []).map(\.name).sorted { ($1.count, $0) < ($0.count, $1) }
      guard names.first != "help", names.first != "version" else { return nil }
      return Option(
        names: names, takesValue: argument.kind == "option", isRepeating: argument.isRepeating)
    }
    indices = Dictionary(
      options.enumerated().flatMap { index, option in option.names.map { ($0, index) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The option with a name, which is without leading hyphens.
  package subscript(name: String) -> Option? { indices[name].map { options[$0] } }

  /// The long names.
  package var names: Set<String> { Set(options.flatMap(\.names).filter { $0.count > 1 }) }

  private struct Description: Decodable {
    struct Command: Decodable { let arguments: [Argument]? }
    struct Argument: Decodable {
      let kind: String
      let isRepeating: Bool
      let names: [Name]?
    }
    struct Name: Decodable { let name: String }

    let command: Command
  }
}
