public import ArgumentParser

/// Parsed options by their names on the command line, including those of groups, in order.
public struct OptionRecord {
  public struct Entry {
    /// Without leading hyphens.
    public let name: String
    /// As it would be typed; nil if it was not given and has no default.
    public let value: String?
  }

  public private(set) var entries: [Entry] = []
  /// The picture options among the groups.
  package private(set) var pictures: [PictureOptions] = []
  /// Whether one of the groups says to use no cache.
  private(set) var skipsCache = false

  public init(of options: some ParsableArguments) {
    collect(options)
  }

  /// Those with a value.
  public var values: [String: String] {
    Dictionary(
      entries.compactMap { entry in entry.value.map { (entry.name, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  public var names: Set<String> { Set(entries.map(\.name)) }

  /// The parser has no API for names and values, so they are read by reflection from its property
  /// wrappers, whose `_parsedValue` is an implementation detail: a test fails if it changes.
  private mutating func collect(_ options: any ParsableArguments) {
    if let options = options as? PictureOptions { pictures.append(options) }
    if let options = options as? CacheOptions {
      skipsCache = options.noCache
      return
    }
    for child in Mirror(reflecting: options).children {
      guard let label = child.label, label.hasPrefix("_"),
        let value = parsedValue(of: child.value)
      else { continue }
      if let group = value as? any ParsableArguments {
        collect(group)
      } else {
        entries.append(Entry(name: hyphenated(label.dropFirst()), value: text(of: value)))
      }
    }
  }

  private func parsedValue(of wrapper: Any) -> Any? {
    let parsed = Mirror(reflecting: wrapper).children.first { $0.label == "_parsedValue" }?.value
    guard let parsed, let value = Mirror(reflecting: parsed).children.first,
      value.label == "value"
    else { return nil }
    return value.value
  }

  private func text(of value: Any) -> String? {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      return mirror.children.first.flatMap { text(of: $0.value) }
    }
    if let list = value as? [Any] {
      return list.isEmpty ? nil : list.compactMap(text).joined(separator: ",")
    }
    return (value as? any ExpressibleByArgument)?.defaultValueDescription ?? "\(value)"
  }

  /// `perPicture` as `per-picture`, as the parser names the option.
  private func hyphenated(_ label: Substring) -> String {
    label.reduce(into: "") { name, character in
      name += character.isUppercase ? "-\(character.lowercased())" : String(character)
    }
  }
}
