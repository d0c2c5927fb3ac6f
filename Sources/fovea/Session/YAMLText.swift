import Foundation
import Yams

/// A text of YAML, read so that no text can do harm: what aliases expand to is counted before it
/// is made, keys are names, and no tag chooses a type.
struct YAMLText {
  /// Far more than any recipe or list of renders has.
  private static let (mostBytes, mostNodes, deepest) = (1 << 22, 100_000, 64)

  /// Without aliases, anchors and tags; nil for an empty text.
  private let root: Node?

  /// - Throws: `YAMLDefect`.
  init(_ data: Data) throws(YAMLDefect) {
    guard data.count <= Self.mostBytes else {
      throw YAMLDefect("found \(data.count) bytes, more than the \(Self.mostBytes) that are read")
    }
    let text = String(decoding: data, as: UTF8.self)
    guard !Self.mayHaveAliasesInKeys(text) else {
      throw YAMLDefect("found keys that are no plain names beside aliases")
    }
    do {
      var copy = Copy(mostNodes: Self.mostNodes, deepest: Self.deepest)
      root = try Yams.compose(yaml: text).map { try copy.node($0) }
    } catch let error as YAMLDefect {
      throw error
    } catch let error as YamlError {
      throw YAMLDefect(error)
    } catch {
      throw YAMLDefect("found \(error)")
    }
  }

  /// Dictionaries, arrays, texts, numbers, `NSNull`; nil for an empty text.
  var value: Any? { root?.any }

  /// - Throws: `DecodingError`, or what the type's decoder throws.
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try YAMLDecoder().decode(type, from: root ?? "")
  }

  /// The parser compares keys as wholes, and so expands the aliases in them: lists and
  /// mappings as keys are refused beforehand where there is any alias.
  private static func mayHaveAliasesInKeys(_ text: String) -> Bool {
    guard text.contains(/(?m)(?:^|[\s\[{,:?-])\*[^\s,\[\]{}]/) else { return false }
    let startsKey = /(?m)(?:^[\s-]*|[\[{,]\s*)\?(?:\s|$)/
    let endsKey = /(?m)[\]}]\s*:(?:[\s,\[\]{}]|$)|\*[^\s,\[\]{}]+\s*:(?:[\s,\[\]{}]|$)/
    return text.contains(startsKey) || text.contains(endsKey)
  }
}

/// Copies nodes with all that stands for them, up to a number and a depth.
private struct Copy {
  let mostNodes: Int
  let deepest: Int
  private var count = 0

  init(mostNodes: Int, deepest: Int) {
    (self.mostNodes, self.deepest) = (mostNodes, deepest)
  }

  mutating func node(_ node: Node, depth: Int = 0) throws(YAMLDefect) -> Node {
    count += 1
    guard count <= mostNodes else {
      throw YAMLDefect("found more than \(mostNodes) values, those of aliases counted")
    }
    guard depth <= deepest else {
      throw YAMLDefect("found more than \(deepest) levels", at: node.mark)
    }
    switch node {
    case .scalar(let scalar):
      try check(scalar.tag, at: node)
      let tag = Tag(.init(rawValue: scalar.tag.rawValue))
      return .scalar(.init(scalar.string, tag, scalar.style, scalar.mark))
    case .sequence(let sequence):
      try check(sequence.tag, at: node)
      var copies: [Node] = []
      for value in sequence { copies.append(try self.node(value, depth: depth + 1)) }
      return .sequence(.init(copies, .implicit, sequence.style, sequence.mark))
    case .mapping(let mapping):
      try check(mapping.tag, at: node)
      var copies: [(Node, Node)] = []
      for (key, value) in mapping {
        guard case .scalar = key else {
          throw YAMLDefect("expected a name as key, found a list or mapping", at: key.mark)
        }
        copies.append(
          (try self.node(key, depth: depth + 1), try self.node(value, depth: depth + 1)))
      }
      return .mapping(.init(copies, .implicit, mapping.style, mapping.mark))
    case .alias: throw YAMLDefect("found an alias of nothing", at: node.mark)
    }
  }

  /// The types of plain values, as the parser finds them too.
  private static let plainTags: Set<Tag.Name> = [
    .implicit, .nonSpecific, .str, .int, .float, .bool, .null, .timestamp, .merge, .value, .seq,
    .map,
  ]

  private func check(_ tag: Tag, at node: Node) throws(YAMLDefect) {
    guard Self.plainTags.contains(.init(rawValue: tag.rawValue)) else {
      throw YAMLDefect("found the tag \(tag.rawValue), which is not read", at: node.mark)
    }
  }
}

/// Where and why a text is no YAML that is read, in one line and without the text itself.
struct YAMLDefect: Error, CustomStringConvertible {
  let description: String

  init(_ reason: String, at mark: Mark? = nil) {
    self.init(reason, at: mark.map { ($0.line, $0.column) })
  }

  private init(_ reason: String, at place: (line: Int, column: Int)?) {
    let start = place.map { "line \($0.line), column \($0.column): " } ?? ""
    description = start + reason.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  init(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      self.init((context.map { "\($0.text), " } ?? "") + problem, at: mark)
    case .reader(let problem, let offset, _, let yaml):
      let lines = yaml.prefix(offset ?? 0).split(
        omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      self.init(problem, at: (max(lines.count, 1), (lines.last?.count ?? 0) + 1))
    case .duplicatedKeysInMapping(let keys, let context):
      self.init(
        "found the key \(keys.map { "'\($0)'" }.joined(separator: ", ")) more than once",
        at: context.mark)
    default: self.init("\(error)")
    }
  }
}
