internal import Foundation

/// Names for files, as short as tells them apart: the file without its extension, or with it, or
/// with as many of its folders as that takes. Files that are given twice are numbered.
package func distinctNames(_ paths: [String]) -> [String] {
  let parts = paths.map { path in
    URL(filePath: path).standardizedFileURL.pathComponents.filter { $0 != "/" }
  }
  for depth in 1...max(1, parts.map(\.count).max() ?? 1) {
    for keepsExtension in [false, true] {
      let names = parts.map { part in
        let whole = part.suffix(depth).joined(separator: "/")
        return keepsExtension ? whole : (whole as NSString).deletingPathExtension
      }
      if Set(names).count == names.count { return names }
    }
  }
  var seen: [String: Int] = [:]
  return parts.map { part in
    let name = ((part.last ?? "") as NSString).deletingPathExtension
    seen[name, default: 0] += 1
    return "\(name) (\(seen[name, default: 0]))"
  }
}
