/// Class names and indices as a user writes them.
public struct ClassNames: Sendable, Hashable {
  public let names: [String]
  public let count: Int
  private let shortNames: [String]

  /// - Parameter count: Of the network's scores; names may be fewer or none, and those
  ///   beyond it belong to no class.
  public init(_ names: [String], count: Int) {
    let names = Array(names.prefix(count))
    let beginnings = names.map { $0.split(separator: ",").first.map(String.init) ?? $0 }
    let uses = Dictionary(beginnings.map { ($0, 1) }, uniquingKeysWith: +)
    self.names = names
    self.count = count
    shortNames = zip(names, beginnings).map { uses[$1] == 1 ? $1 : $0 }
  }

  /// The class's name, or its number if it has none.
  public subscript(index: Int) -> String {
    index < names.count ? names[index] : "class \(index)"
  }

  /// The name up to its first comma, `tench` of `tench, Tinca tinca`, if no other begins so.
  public func shortName(_ index: Int) -> String {
    index < shortNames.count ? shortNames[index] : self[index]
  }

  /// - Parameter wanted: A name, its beginning up to a comma, or an index.
  /// - Throws: `SelectionError` with the nearest names.
  public func index(of wanted: String) throws(SelectionError) -> Int {
    if let index = names.firstIndex(where: { $0.lowercased() == wanted.lowercased() }) {
      return index
    }
    if let index = Int(wanted) {
      guard (0..<count).contains(index) else {
        throw SelectionError("no class \(index): the network has \(count), from 0 on")
      }
      return index
    }
    let synonyms = names.indices.filter { index in
      names[index].split(separator: ",").contains {
        $0.drop { $0 == " " }.lowercased() == wanted.lowercased()
      }
    }
    if let index = synonyms.first { return index }
    throw SelectionError(
      names.isEmpty
        ? "no class '\(wanted)': the checkpoint names no classes, give an index below \(count)"
        : "no class '\(wanted)'\(suggestion(for: wanted, among: names))")
  }
}

extension ClassNames {
  /// Which of the classes each of some names means; nil for those of others.
  ///
  /// Names are compared without regard to case, hyphens and underscores, and with each of a class's
  /// synonyms.
  package func indices(of wanted: [String]) -> [Int?] {
    var own: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      own[comparable(name)] = own[comparable(name)] ?? index
    }
    for (index, name) in names.enumerated() {
      // `tench, Tinca tinca`; two classes may share a synonym, as ImageNet's cranes do.
      for synonym in name.split(separator: ",").map(comparable) where own[synonym] == nil {
        own[synonym] = index
      }
    }
    return wanted.map { own[comparable($0)] }
  }
}

private func comparable(_ name: some StringProtocol) -> String {
  let words = name.split { $0 == " " || $0 == "_" || $0 == "-" }
  return words.joined(separator: " ").lowercased()
}
