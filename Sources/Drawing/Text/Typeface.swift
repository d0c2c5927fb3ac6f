/// The regular and the bold font of a family.
public final class Typeface: Sendable, Hashable {
  public let family: String
  let regular: Font
  let bold: Font

  #if canImport(Darwin)
  private static let standardFamily = "Helvetica Neue"
  #else
  private static let standardFamily = "DejaVu Sans"
  #endif

  /// The typeface of all figures, unless another is asked for.
  public static let standard = Typeface(standardFamily)

  private init(_ family: String) {
    self.family = family
    regular = Font(family, isBold: false)
    bold = Font(family, isBold: true)
  }

  /// A typeface that is installed.
  ///
  /// - Returns: Nil if there is no such family, so that another would take its place.
  public convenience init?(installed family: String) {
    self.init(family)
    // The system has a substitute for any name; one for a name that nobody uses shows which.
    let unknown = Font("no family has this name 7f3a", isBold: false)
    let usual = [Self.standardFamily, "sans-serif", "sans"].map { $0.lowercased() }
    guard !family.isEmpty,
      usual.contains(family.lowercased())
        || [Self.sample, Self.otherSample].contains(where: {
          regular.advance(of: $0) != unknown.advance(of: $0)
        })
    else { return nil }
  }

  private static let sample = "Hamburgefonstiv 0123456789"
  private static let otherSample = "WiM"

  public static func == (left: Typeface, right: Typeface) -> Bool { left.family == right.family }
  public func hash(into hasher: inout Hasher) { hasher.combine(family) }
}
