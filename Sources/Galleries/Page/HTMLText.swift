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
  var allowed = CharacterSet.alphanumerics
  allowed.insert(charactersIn: "-._~")
  // The dot and slash keep a name such as `data:x` from being read as a scheme.
  return "./" + (name.addingPercentEncoding(withAllowedCharacters: allowed) ?? name)
}
