internal import Foundation

/// An absolute path without symbolic links, `.` and `..`: as for the system, `..` after a link
/// leaves the folder that the link points to. Parts that do not exist yet are kept as written.
public func resolvedPath(_ path: String) -> String {
  // The parts still to be followed, in reverse order.
  var rest = parts(path)
  var resolved = isAbsolute(path) ? "" : FileManager.default.currentDirectoryPath
  if resolved == "/" { resolved = "" }
  var links = 0
  while let part = rest.popLast() {
    if part == ".." {
      let end = resolved.utf8.lastIndex(of: slash) ?? resolved.startIndex
      resolved.removeSubrange(end...)
      continue
    }
    let next = "\(resolved)/\(part)"
    if links < mostLinks, let target = target(ofLink: next) {
      links += 1
      if isAbsolute(target) { resolved = "" }
      rest += parts(target)
    } else {
      resolved = next
    }
  }
  return resolved.isEmpty ? "/" : resolved
}

/// Linux's own limit; beyond it, as in a circle of links, the path is left as it is.
private let mostLinks = 40

private let slash = UInt8(ascii: "/")

// A `Character` may be more than a slash, for example a slash with an accent.
private func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

/// The parts of a path except empty ones and `.`, in reverse order.
private func parts(_ path: String) -> [String] {
  path.utf8.split(separator: slash).map { String(Substring($0)) }.filter { $0 != "." }.reversed()
}

/// The destination of a symbolic link; nil if the path is not a link.
func target(ofLink path: String) -> String? {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
    guard let start = buffer.baseAddress else { return nil }
    let count = readlink(path, start, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: UnsafeRawBufferPointer(buffer).prefix(count), as: UTF8.self)
  }
}

/// Whether a path leads to a file or folder, or to what it contains, links followed.
public func isInside(_ path: String, _ folder: String) -> Bool {
  let (inner, outer) = (resolvedPath(path), resolvedPath(folder))
  return inner == outer || inner.hasPrefix(outer.hasSuffix("/") ? outer : outer + "/")
}
