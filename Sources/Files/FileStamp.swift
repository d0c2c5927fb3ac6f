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

  private init(_ status: stat) {
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
