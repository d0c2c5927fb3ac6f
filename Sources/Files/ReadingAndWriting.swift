public import Foundation

/// Reads a whole file into memory.
///
/// - Throws: `FileError` if the file is missing, a folder or a device, needs more memory than
///   allowed, or cannot be read.
public func readFile(
  _ path: String, memory: MemoryBudget = .ofMachine()
) throws(FileError) -> Data {
  let file = try OpenFile(path)
  try memory.check(file.size, path, "reading the file")
  return try file.read(0..<file.size)
}

/// Reads a whole file that must be small to be valid.
///
/// - Parameter limit: In bytes.
/// - Throws: `FileError` if the file is missing, a folder or a device, larger than the limit, or
///   cannot be read.
public func readFile(_ path: String, limit: Int) throws(FileError) -> Data {
  let file = try OpenFile(path)
  guard file.size <= limit else {
    throw FileError(
      .malformed, path,
      "expected at most \(byteText(limit)), found a file of \(byteText(file.size))")
  }
  return try file.read(0..<file.size)
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

/// Writes a file completely or not at all: first beside its destination, then renamed.
///
/// - Throws: `FileError` of kind `.unwritable`; an existing file of that name is then unchanged.
public func writeFile(_ data: Data, to path: String) throws(FileError) {
  do throws(PartialFile.Failure) {
    // A device must stay: renaming over /dev/null would replace it.
    if case .other = kindOfFile(path) { return try writeDevice(data, at: path) }
    // A link stays and points to the new file.
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

/// Creates a folder and its missing parents; an existing folder is left as it is.
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
    // Another process may have created it in the meantime.
    if case .folder = kindOfFile(path) { return }
    throw FileError(.unwritable, path, "the folder cannot be created: \(words(for: error))")
  }
}

/// The names in a folder, sorted, without hidden ones and those that are not valid UTF-8.
///
/// - Throws: `FileError` of kind `.missing`.
public func namesInFolder(_ path: String) throws(FileError) -> [String] {
  try FolderListing(path).names
}

/// The contents of a folder, without hidden files.
public struct FolderListing: Sendable {
  /// Sorted.
  public private(set) var names: [String] = []
  /// The number of names that are not valid UTF-8 and so cannot be opened.
  public private(set) var unreadableNames = 0

  /// - Throws: `FileError` of kind `.missing`.
  public init(_ path: String) throws(FileError) {
    guard let folder = opendir(path) else {
      throw FileError(.missing, path, errno == ENOENT ? "no such folder" : words(for: errno))
    }
    defer { closedir(folder) }
    while let entry = try Self.next(in: folder, path) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard bytes.first != UInt8(ascii: ".") else { continue }
      if let name = String(validating: bytes, as: UTF8.self) {
        names.append(name)
      } else {
        unreadableNames += 1
      }
    }
    names.sort()
  }

  #if canImport(Darwin)
  private typealias Folder = UnsafeMutablePointer<DIR>
  #else
  private typealias Folder = OpaquePointer
  #endif

  private static func next(
    in folder: Folder, _ path: String
  ) throws(FileError) -> UnsafeMutablePointer<dirent>? {
    // At the end, `readdir` returns the same as for an error, but leaves `errno` alone.
    errno = 0
    if let entry = readdir(folder) { return entry }
    guard errno == 0 else {
      throw FileError(.missing, path, "cannot be read: \(words(for: errno))")
    }
    return nil
  }
}
/// What is at a path, following links.
public enum FileKind: Sendable, Hashable {
  case regular
  case folder
  case other
  /// Nothing that can be reached, with the system's error number.
  case none(Int32)
}

/// What is at a path, following links.
public func kindOfFile(_ path: String) -> FileKind {
  var status = stat()
  guard stat(path, &status) == 0 else { return .none(errno) }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return .regular
  case S_IFDIR: return .folder
  default: return .other
  }
}

/// The operating system's message for an error number.
package func words(for error: Int32) -> String { String(cString: strerror(error)) }
