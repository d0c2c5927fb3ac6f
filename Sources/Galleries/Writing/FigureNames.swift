internal import Files
internal import Foundation

/// Gives files unique names that are safe on every file system.
struct FigureNames: Sendable {
  private var uses: [String: Int] = [:]

  /// Longer names are truncated: file systems allow 255 bytes. They end with digits of the name's
  /// hash, so that names that differ only at the end stay distinct, also across runs.
  private static let (longest, digits) = (100, 12)

  /// The name that the next figure gets, without its extension.
  func next(_ kind: FigureKind, _ name: String) -> String {
    let base = Self.base(kind, name)
    var count = uses[base, default: 0]
    // A second `a` becomes `a-2`, which another figure may already have.
    var candidate = base
    while count > 0, uses[candidate] != nil {
      count += 1
      candidate = "\(base)-\(count)"
    }
    return candidate
  }

  @discardableResult
  mutating func take(_ kind: FigureKind, _ name: String) -> String {
    let taken = next(kind, name)
    let base = Self.base(kind, name)
    uses[base, default: 0] += 1
    if taken != base { uses[taken, default: 0] += 1 }
    return taken
  }

  private static func base(_ kind: FigureKind, _ name: String) -> String {
    let slug = slug(of: name)
    return slug.isEmpty ? kind.name : "\(kind.name)-\(slug)"
  }

  /// Lower case, because some file systems treat `A` as `a`; runs of anything but letters, digits
  /// and dots become one hyphen.
  private static func slug(of name: String) -> String {
    let words = name.lowercased().split { character in
      !(character.isASCII && (character.isLetter || character.isNumber || character == "."))
    }
    // Dots are kept only inside words: `features.0`, never `..` or a hidden file.
    let slug = words.map { $0.split(separator: ".").joined(separator: ".") }
      .filter { !$0.isEmpty }.joined(separator: "-")
    guard slug.count > longest else { return slug }
    let hash = fingerprint(of: Data(name.utf8)).prefix(digits)
    return "\(slug.prefix(longest - digits - 1))-\(hash)"
  }
}

/// The name of a figure's file, without its extension.
public func figureName(_ kind: FigureKind, _ name: String) -> String {
  FigureNames().next(kind, name)
}

/// The names of figures' files, of which no two are the same, without their extensions.
public func uniqueFigureNames(_ kind: FigureKind, _ names: [String]) -> [String] {
  var taken = FigureNames()
  return names.map { taken.take(kind, $0) }
}
