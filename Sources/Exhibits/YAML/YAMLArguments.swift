internal import Analysis
internal import ArgumentParser
package import Files
internal import Foundation
internal import Galleries

/// Options as a YAML mapping, turned into the arguments that would be typed.
package enum YAMLArguments {
  /// - Parameters:
  ///   - known: The options of the command; nil if there is no such command.
  ///   - place: What the mapping stands for, for errors: `render 2`.
  ///   - path: The file.
  /// - Throws: `FileError` for a value that the option cannot have.
  package static func arguments(
    of options: [String: Any], _ known: OptionList?, _ place: String, in path: String
  ) throws(FileError) -> [String] {
    var arguments: [String] = []
    for (key, value) in options.sorted(by: { $0.key < $1.key }) {
      let option = "--" + key
      let takesValue = known?[key]?.takesValue
      switch value {
      case is NSNull: continue
      case let flag as Bool where known?[key]?.valueAsFlag != nil:
        if flag, let value = known?[key]?.valueAsFlag { arguments += words(option, value) }
      case let flag as Bool:
        guard takesValue != true else {
          throw FileError(
            .malformed, path,
            "\(place): '\(key)' needs a value, found \(flag); a text such as \"yes\" needs quotes")
        }
        if flag { arguments.append(option) }
      case _ where takesValue == false:
        throw FileError(
          .malformed, path, "\(place): '\(key)' must be true or false, not \(value)")
      case let list as [Any] where known?[key]?.isRepeating == true:
        // Each value has its own argument; other options separate values by commas.
        for element in list { arguments += words(option, "\(element)") }
      case let list as [Any]:
        guard !list.contains(where: { $0 is [Any] || $0 is [String: Any] }) else {
          throw FileError(.malformed, path, "\(place): '\(key)' must be a flat list")
        }
        arguments += words(option, list.map { "\($0)" }.joined(separator: ","))
      case is [String: Any]:
        throw FileError(.malformed, path, "\(place): '\(key)' must be a single value")
      default: arguments += words(option, "\(value)")
      }
    }
    return arguments
  }

  /// An option and its value; in one word if the value looks like another option.
  private static func words(_ option: String, _ value: String) -> [String] {
    value.hasPrefix("-") ? ["\(option)=\(value)"] : [option, value]
  }

  /// The mapping that a file holds.
  ///
  /// - Throws: `FileError` that names the file and what is wrong with it.
  package static func mapping(
    in path: String, expecting expected: String
  ) throws(FileError) -> [String: Any] {
    let data = try readFile(path, limit: YAMLText.mostBytes)
    let loaded: Any?
    do {
      loaded = try YAMLText(data).value
    } catch {
      throw FileError(.malformed, path, "expected YAML: \(error)")
    }
    guard let root = loaded as? [String: Any] else {
      throw FileError(.malformed, path, "expected \(expected)")
    }
    return root
  }
}

/// Options for individual kinds of figures, read from a file, for a whole gallery:
///
///     saliency:
///       method: guided-backpropagation
///     features:
///       pictures: 4
package struct KindOptions {
  private var arguments: [String: [String]] = [:]
  /// The options, by kind.
  private static let known = Dictionary(
    uniqueKeysWithValues: exhibits.map { ($0.kind.name, optionList(of: $0)) })

  /// No options.
  package init() {}

  /// - Throws: `FileError` that names the file and what is wrong with it.
  package init(_ path: String) throws(FileError) {
    let expected = "kinds of figures with their options"
    let names = exhibits.map { $0.kind.name }
    for (kind, value) in try YAMLArguments.mapping(in: path, expecting: expected) {
      guard let known = Self.known[kind] else {
        throw FileError(.malformed, path, "no kind '\(kind)'\(suggestion(for: kind, among: names))")
      }
      guard let options = value as? [String: Any] else {
        throw FileError(.malformed, path, "expected options with their values under '\(kind)'")
      }
      for key in options.keys.sorted() where known[key] == nil {
        throw FileError(
          .malformed, path,
          "'\(kind)' has no option '\(key)'\(suggestion(for: key, among: known.names.sorted()))")
      }
      arguments[kind] = try YAMLArguments.arguments(of: options, known, "'\(kind)'", in: path)
    }
    // Kinds that are not drawn are checked too.
    for exhibit in exhibits { try check(exhibit, path) }
  }

  /// - Throws: The parser's error for an exhibit's options, as an error about the file.
  private func check<E: Exhibit>(_ exhibit: E.Type, _ path: String) throws(FileError) {
    do {
      _ = try E.Options.parse(arguments(of: E.kind.name))
    } catch {
      let lines = E.Options.message(for: error).split(whereSeparator: \.isNewline)
      throw FileError(.malformed, path, "'\(E.kind.name)': \(lines.joined(separator: " "))")
    }
  }

  /// The arguments for one kind.
  package func arguments(of kind: String) -> [String] { arguments[kind] ?? [] }
}

private func optionList<E: Exhibit>(of exhibit: E.Type) -> OptionList {
  OptionList(of: E.Options.self)
}

/// The names of an exhibit's options, without leading hyphens.
package func optionNames(of exhibit: any Exhibit.Type) -> Set<String> {
  optionList(of: exhibit).names
}
