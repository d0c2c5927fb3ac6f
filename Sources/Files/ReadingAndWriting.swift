public import Foundation

/// Reads a whole file; a large one is mapped into memory and read as it is used.
///
/// - Throws: `FileError` when the file is missing, a folder, a device, or cannot be read.
public func readFile(_ path: String) throws(FileError) -> Data {
  close(try openForReading(path))
  do {
    return try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
  } catch {
    let reason = error.localizedDescription.replacingOccurrences(of: "\n", with: " ")
    throw FileError(.missing, path, "cannot be read: \(reason)")
  }
}

/// - Returns: A descriptor of a regular file, which the caller closes.
func openForReading(_ path: String) throws(FileError) -> Int32 {
  switch kindOfFile(path) {
  case .regular: break
  case .folder: throw FileError(.missing, path, "is a folder, not a file")
  case .other: throw FileError(.missing, path, "is a device or pipe, not a file")
  case .none(let error):
    throw FileError(.missing, path, error == ENOENT ? "no such file" : words(for: error))
  }
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw FileError(.missing, path, "cannot be read: \(words(for: errno))")
  }
  return descriptor
}

/// Writes a file whole or not at all: beside its place first, then renamed.
///
/// - Throws: `FileError` of kind `.unwritable`; an earlier file of that name is then unharmed.
public func writeFile(_ data: Data, to path: String) throws(FileError) {
  do throws(PartialFile.Failure) {
    // A device keeps its place: renaming over /dev/null would remove it.
    if case .other = kindOfFile(path) { return try writeDevice(data, at: path) }
    // A link stays, and leads to the new file.
    let place = target(ofLink: path) == nil ? path : resolvedPath(path)
    let partial = try PartialFile.make(beside: place)
    do throws(PartialFile.Failure) {
      try partial.write(data)
      try partial.rename(to: place)
    } catch {
      partial.discard()
      throw error
    }
  } catch {
    throw FileError(.unwritable, path, "cannot be written: \(words(for: error.number))")
  }
}

private func writeDevice(_ data: Data, at path: String) throws(PartialFile.Failure) {
  let descriptor = open(path, O_WRONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw PartialFile.Failure(number: errno) }
  let error = writeAll(data, to: descriptor)
  close(descriptor)
  if let error { throw PartialFile.Failure(number: error) }
}

/// Makes a folder and those above it; one that is there already is left as it is.
///
/// - Throws: `FileError` of kind `.unwritable`.
public func makeFolder(_ path: String) throws(FileError) {
  if case .folder = kindOfFile(path) { return }
  var status = mkdir(path, 0o777)
  if status != 0, errno == ENOENT {
    let above = (path as NSString).deletingLastPathComponent
    guard above != path, !above.isEmpty else {
      throw FileError(.unwritable, path, "cannot be written: \(words(for: ENOENT))")
    }
    try makeFolder(above)
    status = mkdir(path, 0o777)
  }
  if status != 0 {
    let error = errno
    // Somebody else may have made it in between.
    if case .folder = kindOfFile(path) { return }
    throw FileError(.unwritable, path, "the folder cannot be made: \(words(for: error))")
  }
}

/// The names in a folder, sorted, without hidden ones.
///
/// - Throws: `FileError` of kind `.missing`.
public func namesInFolder(_ path: String) throws(FileError) -> [String] {
  guard let folder = opendir(path) else {
    throw FileError(.missing, path, errno == ENOENT ? "no such folder" : words(for: errno))
  }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}

/// What lies at a path, links followed.
public enum FileKind: Sendable, Hashable {
  case regular
  case folder
  case other
  /// Nothing that can be reached, with the system's error number.
  case none(Int32)
}

/// What lies at a path, links followed.
public func kindOfFile(_ path: String) -> FileKind {
  var status = stat()
  guard stat(path, &status) == 0 else { return .none(errno) }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return .regular
  case S_IFDIR: return .folder
  default: return .other
  }
}

/// The operating system's own words for what went wrong.
func words(for error: Int32) -> String { String(cString: strerror(error)) }
