internal import Foundation

/// Text as it may stand between tags and inside quoted attributes.
func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    // HTML allows no control characters but these, not even as references.
    case "\t", "\n": result.unicodeScalars.append(scalar)
    case _ where scalar.properties.generalCategory == .control: result += " "
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
