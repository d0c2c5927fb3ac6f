public import Foundation

/// A cheap way to tell whether a file is still the same.
public struct FileStamp: Sendable, Hashable, CustomStringConvertible {
  /// In bytes.
  public let size: Int
  /// When it was last modified, in seconds and nanoseconds.
  private let seconds, nanoseconds: Int

  /// - Returns: Nil if the file does not exist.
  public init?(of path: String) {
    var status = Foundation.stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init?(of descriptor: Int32) {
    var status = Foundation.stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  fileprivate init(_ status: stat) {
    size = Int(status.st_size)
    #if canImport(Darwin)
    let time = status.st_mtimespec
    #else
    let time = status.st_mtim
    #endif
    (seconds, nanoseconds) = (Int(time.tv_sec), Int(time.tv_nsec))
  }

  /// When the file was last modified.
  public var modified: Date {
    Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9)
  }

  public var description: String { "\(size) \(seconds).\(nanoseconds)" }
}

/// A file's stamp, and when its permissions, its name or anything else about it changed, which no
/// program sets back.
public struct FileState: Sendable, Hashable, CustomStringConvertible {
  public let stamp: FileStamp
  /// Never earlier than the time at which it was modified.
  public let changed: Date

  /// - Returns: Nil if the file does not exist.
  public init?(of path: String) {
    var status = Foundation.stat()
    guard stat(path, &status) == 0 else { return nil }
    stamp = FileStamp(status)
    #if canImport(Darwin)
    let time = status.st_ctimespec
    #else
    let time = status.st_ctim
    #endif
    let seconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    changed = max(stamp.modified, Date(timeIntervalSince1970: seconds))
  }

  public var description: String { "\(stamp) \(changed.timeIntervalSince1970)" }
}
