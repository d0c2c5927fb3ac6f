internal import Foundation
internal import Synchronization

/// The use of an output by one run alone, or by several that add to it.
///
/// The lock is a hidden file beside the output, `.NAME.fovea-lock`, gone when nobody uses it: what
/// lies in an output may be exchanged as a whole. In a folder whose parent cannot be written to it
/// lies inside.
public final class OutputLock: Temporary {
  public enum Use: Sendable, Hashable { case alone, shared }

  private let use: Use
  private let path: String
  private let descriptor = Mutex<Int32?>(nil)
  /// The folders that were not there before, the deepest first.
  private let missing: [String]

  /// - Throws: `FileError` of kind `.unwritable` while other runs use the output in a way that
  ///   does not go together with this. Where no lock can be made there is none: what cannot be
  ///   written to is for the writer to say.
  public init(_ output: String, _ use: Use) throws(FileError) {
    self.use = use
    (path, missing) = Self.place(of: output)
    try Interruption.deferred { () throws(FileError) in
      let found = try Self.acquire(path, for: output, use, makingFolder: !missing.isEmpty)
      descriptor.withLock { $0 = found }
      Interruption.add(self)
    }
  }

  deinit { release() }

  /// Lets others use the output, and removes folders that are still empty.
  public func release() {
    Interruption.deferred {
      guard let descriptor = descriptor.withLock({ $0.take() }) else { return }
      Interruption.remove(self)
      // Others that share it go on with the file.
      if use == .alone || flock(descriptor, LOCK_EX | LOCK_NB) == 0, names(path, descriptor) {
        unlink(path)
      }
      close(descriptor)
      for folder in missing where rmdir(folder) != 0 && errno != ENOENT { break }
    }
  }

  public func discard() { release() }

  /// Where the lock of an output lies, and which folders on the way to and with it are missing.
  private static func place(of output: String) -> (path: String, missing: [String]) {
    if let resolved = realPath(output) {
      let parent = (resolved as NSString).deletingLastPathComponent
      guard access(parent, W_OK) != 0, kindOfFile(resolved) == .folder else {
        return ("\(parent)/.\((resolved as NSString).lastPathComponent)\(ending)", [])
      }
      return ("\(resolved)/\(ending)", [])
    }
    var missing: [String] = []
    var folder = URL(filePath: output).standardizedFileURL.path(percentEncoded: false)
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    let name = (folder as NSString).lastPathComponent
    while folder.count > 1, realPath(folder) == nil {
      missing.append(folder)
      folder = (folder as NSString).deletingLastPathComponent
    }
    let there = realPath(folder) ?? folder
    let between = missing.dropFirst().reversed().map { ($0 as NSString).lastPathComponent }
    let parent = ([there == "/" ? "" : there] + between).joined(separator: "/")
    return ("\(parent)/.\(name)\(ending)", missing)
  }

  private static let ending = ".fovea-lock"
  /// One that has just ended holds its lock for a moment more.
  private static let (attempts, pause): (Int, UInt32) = (20, 10_000)

  /// - Returns: A descriptor of the file that is locked; nil where no lock can be made.
  private static func acquire(
    _ path: String, for output: String, _ use: Use, makingFolder: Bool
  ) throws(FileError) -> Int32? {
    var owner = ""
    for attempt in 0..<attempts {
      if attempt > 0 { usleep(pause) }
      if makingFolder { try? makeFolder((path as NSString).deletingLastPathComponent) }
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { return nil }
      guard flock(descriptor, (use == .alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 else {
        let isTaken = errno == EWOULDBLOCK
        owner = process(descriptor)
        close(descriptor)
        if isTaken { continue }
        return nil
      }
      // The one before may have removed the file between the two calls.
      guard names(path, descriptor) else {
        close(descriptor)
        continue
      }
      ftruncate(descriptor, 0)
      // For messages alone, so a full disk is no matter.
      if use == .alone { _ = writeAll(Data("\(getpid())\n".utf8), to: descriptor) }
      return descriptor
    }
    throw FileError(
      .unwritable, output,
      "another run\(owner) is writing here; wait for it, or use another --output")
  }

  /// Which process has locked a file, for a message.
  private static func process(_ descriptor: Int32) -> String {
    var digits = [UInt8](repeating: 0, count: 20)
    let count = max(pread(descriptor, &digits, digits.count, 0), 0)
    let text = String(decoding: digits.prefix(count), as: UTF8.self)
    return Int32(text.trimmingCharacters(in: .newlines)).map { " (process \($0))" } ?? ""
  }
}

/// An existing path without symbolic links.
private func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}
