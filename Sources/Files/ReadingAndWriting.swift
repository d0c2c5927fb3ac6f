public import Foundation

/// - Throws: `FileError` when the file is missing, a folder, or cannot be read.
public func readFile(_ path: String) throws(FileError) -> Data {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
    throw FileError(.missing, path, "no such file")
  }
  guard !isFolder.boolValue else { throw FileError(.missing, path, "is a folder, not a file") }
  do {
    return try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
  } catch {
    throw FileError(.missing, path, "cannot be read: \(reason(for: error))")
  }
}

/// Writes a file whole or not at all: beside its place first, then renamed.
///
/// - Throws: `FileError` of kind `.unwritable`; an earlier file of that name is then unharmed.
public func writeFile(_ data: Data, to path: String) throws(FileError) {
  let beside = "\(path).\(ProcessInfo.processInfo.processIdentifier).partial"
  do {
    try data.write(to: URL(filePath: beside))
  } catch {
    try? FileManager.default.removeItem(atPath: beside)
    throw FileError(.unwritable, path, "cannot be written: \(reason(for: error))")
  }
  guard rename(beside, path) == 0 else {
    let reason = String(cString: strerror(errno))
    try? FileManager.default.removeItem(atPath: beside)
    throw FileError(.unwritable, path, "cannot be written: \(reason)")
  }
}

/// - Throws: `FileError` of kind `.unwritable`.
public func makeFolder(_ path: String) throws(FileError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw FileError(.unwritable, path, "the folder cannot be made: \(reason(for: error))")
  }
}

/// The operating system's own words for what went wrong.
private func reason(for error: any Error) -> String {
  let error = error as NSError
  if let posix = error.userInfo[NSUnderlyingErrorKey] as? NSError,
    posix.domain == NSPOSIXErrorDomain
  {
    return String(cString: strerror(Int32(posix.code)))
  }
  switch CocoaError.Code(rawValue: error.code) {
  case .fileWriteOutOfSpace: return String(cString: strerror(ENOSPC))
  case .fileWriteNoPermission, .fileReadNoPermission: return String(cString: strerror(EACCES))
  case .fileWriteVolumeReadOnly: return String(cString: strerror(EROFS))
  default: return error.localizedDescription.replacingOccurrences(of: "\n", with: " ")
  }
}
