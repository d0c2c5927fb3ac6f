internal import Files
internal import Foundation

/// The files of the page's own, as they are embedded in the program.
enum PageFiles {
  static let template = text(PackageResources.page_html)
  static let style = text(PackageResources.page_css)
  static let script = text(PackageResources.page_js)
  /// Runs before the first paint.
  static let earlyScript = text(PackageResources.early_js)

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// A text with slots, such as `{{name}}`.
struct PageTemplate {
  let text: String

  /// The text with its slots filled; what fills them is not searched for slots.
  ///
  /// - Precondition: There is a value for every slot.
  func filled(with values: [String: String]) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "{{"),
      let end = rest[start.upperBound...].firstRange(of: "}}")
    {
      let slot = String(rest[start.upperBound..<end.lowerBound])
      guard let value = values[slot] else { preconditionFailure("no value for {{\(slot)}}") }
      result += rest[..<start.lowerBound] + value
      rest = rest[end.upperBound...]
    }
    return result + rest
  }
}

/// What a content security policy calls a script: browsers run no other.
func policyHash(of script: String) -> String {
  let digits = Array(fingerprint(of: Data(script.utf8)))
  let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
    UInt8(String(digits[$0...($0 + 1)]), radix: 16)
  }
  return "'sha256-\(Data(bytes).base64EncodedString())'"
}
