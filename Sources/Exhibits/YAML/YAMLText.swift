package import Foundation
internal import Yams

/// YAML text, read so that it can do no harm: the size of expanded aliases is checked before they
/// are expanded, keys are names, and no tag chooses a type.
package struct YAMLText {
  /// The longest text to be read: far more than any recipe or list of renders needs.
  package static let mostBytes = 1 << 20
  private static let (mostNodes, deepest) = (100_000, 64)

  /// Without aliases, anchors and tags; nil for an empty text.
  private let root: Node?

  /// - Throws: `YAMLDefect`.
  package init(_ data: Data) throws(YAMLDefect) {
    let text = String(decoding: data, as: UTF8.self)
    guard let masks = YAMLMasks(for: text) else {
      throw YAMLDefect("found too many characters for private use")
    }
    do {
      let masked = masks.masked(text)
      try masks.checkKeys(masked)
      var copy = Copy(masks, mostNodes: Self.mostNodes, deepest: Self.deepest)
      // Nodes know their anchors only while their parser is alive.
      let parser = try Parser(yaml: masked)
      root = try withExtendedLifetime(parser) { try parser.singleRoot().map { try copy.node($0) } }
    } catch let error as YAMLDefect {
      throw error
    } catch let error as YamlError {
      throw YAMLDefect(error, restored: masks.restored)
    } catch {
      throw YAMLDefect("found \(error)")
    }
  }

  /// Dictionaries, arrays, strings, numbers, `NSNull`; nil for an empty text.
  package var value: Any? { root?.any }

  /// - Throws: `DecodingError`, or what the type's decoder throws.
  package func decode<Value: Decodable>(
    _ type: Value.Type, userInfo: [CodingUserInfoKey: any Sendable] = [:]
  ) throws -> Value {
    try YAMLDecoder().decode(type, from: root ?? "", userInfo: userInfo)
  }
}

/// Copies the nodes of a masked text with aliases expanded, up to a number of nodes and a depth.
private struct Copy {
  /// A node whose aliases are expanded.
  private struct Tree {
    let node: Node
    /// The number of nodes.
    let count: Int
    /// The number of levels below.
    let height: Int
  }

  private let masks: YAMLMasks
  private let mostNodes: Int
  private let deepest: Int
  private var count = 0
  private var anchors: [String: Tree] = [:]

  init(_ masks: YAMLMasks, mostNodes: Int, deepest: Int) {
    (self.masks, self.mostNodes, self.deepest) = (masks, mostNodes, deepest)
  }

  mutating func node(_ node: Node) throws(YAMLDefect) -> Node { try tree(node, depth: 0).node }

  private mutating func tree(_ node: Node, depth: Int) throws(YAMLDefect) -> Tree {
    if case .scalar(let scalar) = node, let target = masks.target(of: scalar) {
      return try alias(of: target, scalar, depth: depth)
    }
    try take(1, levels: depth, at: node)
    let before = count
    var height = 0
    let copy: Node
    switch node {
    case .scalar(let scalar): copy = .scalar(try self.scalar(scalar, at: node))
    case .sequence(let sequence):
      try check(sequence.tag, at: node)
      var copies: [Node] = []
      for value in sequence {
        let tree = try tree(value, depth: depth + 1)
        height = max(height, tree.height + 1)
        copies.append(tree.node)
      }
      copy = .sequence(.init(copies, .implicit, sequence.style, sequence.mark))
    case .mapping(let mapping):
      try check(mapping.tag, at: node)
      var copies: [(Node, Node)] = []
      for (key, value) in mapping {
        try take(1, levels: depth + 1, at: key)
        let tree = try tree(value, depth: depth + 1)
        height = max(height, tree.height + 1)
        copies.append((try name(key), tree.node))
      }
      copy = .mapping(.init(copies, .implicit, mapping.style, mapping.mark))
    case .alias: throw YAMLDefect("found an alias of nothing", at: node.mark)
    }
    let tree = Tree(node: copy, count: 1 + count - before, height: height)
    if let anchor = node.anchor { anchors[anchor.rawValue] = tree }
    return tree
  }

  private mutating func alias(
    of target: String, _ scalar: Node.Scalar, depth: Int
  ) throws(YAMLDefect) -> Tree {
    guard scalar.tag.rawValue == Tag.Name.implicit.rawValue, scalar.anchor == nil,
      let tree = anchors[target]
    else { throw YAMLDefect("found undefined alias", at: scalar.mark) }
    try take(tree.count, levels: depth + tree.height, at: .scalar(scalar))
    return tree
  }

  private mutating func take(_ nodes: Int, levels: Int, at node: Node) throws(YAMLDefect) {
    count += nodes
    guard count <= mostNodes else {
      throw YAMLDefect("found more than \(mostNodes) values, those of aliases counted")
    }
    guard levels <= deepest else {
      throw YAMLDefect("found more than \(deepest) levels", at: node.mark)
    }
  }

  private func name(_ key: Node) throws(YAMLDefect) -> Node {
    guard case .scalar(let scalar) = key else {
      throw YAMLDefect("expected a name as key, found a list or mapping", at: key.mark)
    }
    guard masks.target(of: scalar) == nil else {
      throw YAMLDefect("expected a name as key, found an alias", at: key.mark)
    }
    return .scalar(try self.scalar(scalar, at: key))
  }

  private func scalar(
    _ scalar: Node.Scalar, at node: Node
  ) throws(YAMLDefect) -> Node.Scalar {
    guard !masks.isExplicitKey(scalar) else {
      throw YAMLDefect("expected a name as key, found a question mark", at: node.mark)
    }
    let text = masks.restored(scalar.string)
    try check(scalar.tag, at: node)
    // Any other text with these tags would be merged again and again.
    guard scalar.tag.rawValue != Tag.Name.merge.rawValue || text == "<<" else {
      throw YAMLDefect("found the tag \(scalar.tag.rawValue), which is not read", at: node.mark)
    }
    return .init(text, Tag(.init(rawValue: scalar.tag.rawValue)), scalar.style, scalar.mark)
  }

  /// The types of plain values, which the parser also infers.
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

/// Where and why YAML text cannot be read, in one line and without the text itself.
package struct YAMLDefect: Error, CustomStringConvertible {
  /// Both count from 1.
  typealias Place = (line: Int, column: Int)

  package var description: String

  init(_ reason: String, at mark: Mark?) {
    self.init(reason, at: mark.map { ($0.line, $0.column) })
  }

  init(_ reason: String, at place: Place? = nil) {
    let start = place.map { "line \($0.line), column \($0.column): " } ?? ""
    description = start + reason.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// - Parameters:
  ///   - restored: Converts a part of the parsed text to what the original text has there.
  ///   - original: Converts a place in the parsed text to one in the original text.
  init(
    _ error: YamlError, restored: (String) -> String = { $0 }, original: (Place) -> Place = { $0 }
  ) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      self.init(
        (context.map { "\($0.text), " } ?? "") + problem,
        at: original((mark.line, mark.column)))
    case .reader(let problem, let offset, _, let yaml):
      let lines = yaml.prefix(offset ?? 0).split(
        omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      self.init(problem, at: original((max(lines.count, 1), (lines.last?.count ?? 0) + 1)))
    case .duplicatedKeysInMapping(let keys, let context):
      self.init(
        "found the key \(keys.map { "'\(restored($0))'" }.joined(separator: ", ")) more than once",
        at: original((context.mark.line, context.mark.column)))
    default: self.init("\(error)")
    }
  }
}
