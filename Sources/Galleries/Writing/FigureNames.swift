internal import Files
internal import Foundation

/// Gives files names that are safe on every file system, each once.
struct FigureNames: Sendable {
  private var uses: [String: Int] = [:]

  /// Longer ones are cut: file systems allow 255 bytes. What was cut off decides a few digits at
  /// the end, so that names which only end differently stay apart, in another run as well.
  private static let (longest, digits) = (100, 12)

  /// The name that the next figure gets, without its extension.
  func next(_ kind: FigureKind, _ name: String) -> String {
    let base = Self.base(kind, name)
    var count = uses[base, default: 0]
    // A second `a` becomes `a-2`, which another figure may have taken.
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

  /// Lower case, for some file systems take `A` for `a`; runs of anything but letters, digits
  /// and dots become one hyphen.
  private static func slug(of name: String) -> String {
    let words = name.lowercased().split { character in
      !(character.isASCII && (character.isLetter || character.isNumber || character == "."))
    }
    // Dots stand inside words only: `features.0`, never `..` or a hidden file.
    let slug = words.map { $0.split(separator: ".").joined(separator: ".") }
      .filter { !$0.isEmpty }.joined(separator: "-")
    guard slug.count > longest else { return slug }
    let hash = fingerprint(of: Data(name.utf8)).prefix(digits)
    return "\(slug.prefix(longest - digits - 1))-\(hash)"
  }
}
