internal import Files
internal import Foundation

/// Text as it may stand between tags and inside quoted attributes. What has no picture, which HTML
/// allows in part not even as references, is written out.
func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in printable(text).unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// The address of a file in the page's own folder.
func address(ofFile name: String) -> String {
  // The dot and slash keep a name such as `data:x` from being read as a scheme.
  "./" + encoded(name)
}

/// The address of a figure on the page: that of its card, and of the large view.
func address(of record: FigureRecord) -> String { "#fig=" + encoded(identifier(of: record)) }

private func encoded(_ name: String) -> String {
  var allowed = CharacterSet.alphanumerics
  allowed.insert(charactersIn: "-._~")
  return name.addingPercentEncoding(withAllowedCharacters: allowed) ?? name
}
