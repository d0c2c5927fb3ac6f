internal import Foundation

/// A path from the root without symbolic links, `.` and `..`: each `..` leaves the folder that a
/// link leads to, as it does for the system. What does not exist yet is taken as it is written.
public func resolvedPath(_ path: String) -> String {
  // What is still to be followed, the next part last.
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

/// As many as Linux follows; a circle of links is then left as it is.
private let mostLinks = 40

private let slash = UInt8(ascii: "/")

// A character may be more than a slash, such as one with an accent.
private func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

/// The parts of a path that lead anywhere, the last first.
private func parts(_ path: String) -> [String] {
  path.utf8.split(separator: slash).map { String(Substring($0)) }.filter { $0 != "." }.reversed()
}

/// What a symbolic link says; nil for what is no link.
func target(ofLink path: String) -> String? {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
    guard let start = buffer.baseAddress else { return nil }
    let count = readlink(path, start, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: UnsafeRawBufferPointer(buffer).prefix(count), as: UTF8.self)
  }
}
