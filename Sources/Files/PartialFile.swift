package import Foundation

/// A file that is written beside its destination and renamed when it is complete.
///
/// It is hidden, named after the destination, `.NAME.fovea-1234abcd.partial`, and locked as a sign
/// that its writer is alive: an unlocked one was left behind by a run that was killed.
final class PartialFile: Temporary {
  let path: String
  private let descriptor: Int32

  /// The system's error number.
  struct Failure: Error { let number: Int32 }

  private init(_ path: String, _ descriptor: Int32) {
    (self.path, self.descriptor) = (path, descriptor)
  }

  deinit {
    close(descriptor)
    Interruption.remove(self)
  }

  /// - Parameter target: The destination; an existing file there passes on its permissions.
  static func make(beside target: String) throws(Failure) -> PartialFile {
    try Interruption.deferred { () throws(Failure) in
      for _ in 0..<attempts {
        let number = String(UInt32.random(in: 0 ... .max), radix: 16)
        let digits = String(repeating: "0", count: 8 - number.count) + number
        let path = prefix(for: target) + digits + suffix
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
          if errno == EEXIST { continue }
          throw Failure(number: errno)
        }
        let file = PartialFile(path, descriptor)
        var earlier = stat()
        if stat(target, &earlier) == 0 { fchmod(descriptor, earlier.st_mode & 0o777) }
        // Until it is locked, another run may take it for a leftover and remove it. Without lock
        // support, no file is taken for a leftover.
        let isTaken = FileLock.lock(descriptor, LOCK_EX | LOCK_NB) == .taken
        if !isTaken, kindOfFile(path) == .regular {
          Interruption.add(file)
          return file
        }
        unlink(path)
      }
      throw Failure(number: EWOULDBLOCK)
    }
  }

  private static let attempts = 20

  func write(_ data: Data) throws(Failure) {
    let error = writeAll(data, to: descriptor)
    // Some file systems report a full disk only when a descriptor is closed. The lock is released
    // with the last descriptor.
    let copy = dup(descriptor)
    let isClosed = copy < 0 || close(copy) == 0
    if let error = error ?? (isClosed ? nil : errno) { throw Failure(number: error) }
  }

  /// Moves it to its destination.
  func rename(to target: String) throws(Failure) {
    try Interruption.deferred { () throws(Failure) in
      guard Foundation.rename(path, target) == 0 else { throw Failure(number: errno) }
      Interruption.remove(self)
    }
  }

  func discard() {
    unlink(path)
    Interruption.remove(self)
  }

  // MARK: Names

  private static let suffix = ".partial"

  fileprivate static func prefix(for target: String) -> String {
    let folder = (target as NSString).deletingLastPathComponent
    let name = (target as NSString).lastPathComponent
    return (folder.isEmpty ? "" : folder == "/" ? "/" : folder + "/") + hiddenPrefix(for: name)
  }

  /// Whether a name is that of a partial file.
  fileprivate static func isName(_ name: String) -> Bool {
    name.wholeMatch(of: /\..*\.fovea-[0-9a-f]{8}\.partial/.dotMatchesNewlines()) != nil
  }
}

/// Removes the files in a folder that runs left unfinished when they were killed.
///
/// - Parameter name: The destination's name; nil for any.
public func removePartialFiles(in folder: String, of name: String? = nil) {
  let start = name.map {
    (PartialFile.prefix(for: folder + "/" + $0) as NSString).lastPathComponent
  }
  for found in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  where PartialFile.isName(found) && found.hasPrefix(start ?? ".") {
    let path = folder + "/" + found
    guard let lock = try? FileLock(path, waits: false) else { continue }
    withExtendedLifetime(lock) { _ = unlink(path) }
  }
}

/// The beginning of the hidden names that belong to a file or folder, short enough for a suffix:
/// file systems allow 255 bytes.
func hiddenPrefix(for name: String) -> String {
  let longest = 230
  var name = name
  while name.utf8.count > longest { name.removeLast() }
  return ".\(name).fovea-"
}

/// Writes to a file or stream, and waits while a stream is full.
///
/// - Returns: The system's error number; nil when all bytes are written.
package func writeAll(_ data: Data, to descriptor: Int32) -> Int32? {
  data.withUnsafeBytes { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let count = write(descriptor, part.baseAddress, part.count)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count == 0 {
        // `errno` still has the value of an earlier call.
        return EIO
      } else if errno == EAGAIN {
        // Whoever started the program made the pipe non-blocking; wait until it has room.
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}
