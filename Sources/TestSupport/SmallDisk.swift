internal import Files
internal import Foundation

/// A small file system in memory, or a folder's file system mounted once more; unmount it by
/// `defer`, before its folder is removed.
public struct SmallDisk {
  public static let skipMessage = "mounting a file system is not permitted here"

  /// Whether this process may mount one.
  public static let isPossible: Bool = {
    #if os(Linux)
    guard let folder = try? TemporaryFolder(),
      let disk = try? SmallDisk(folder.path, kilobytes: 64)
    else { return false }
    disk.unmount()
    return true
    #else
    return false
    #endif
  }()

  /// What is allotted to files at a time, in bytes.
  public static let block = 4096

  public let path: String

  /// - Parameter path: A folder, which is created if there is none.
  public init(_ path: String, kilobytes: Int) throws {
    self.path = path
    try makeFolder(path)
    try run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path)
  }

  /// Another folder's file system, mounted a second time.
  public init(_ path: String, showing folder: String) throws {
    self.path = path
    try makeFolder(path)
    try run("mount", "--bind", folder, path)
  }

  public func makeReadOnly() throws { try run("mount", "-o", "remount,ro", path) }

  /// Makes it as large as what it holds, plus a number of bytes.
  public func leave(_ bytes: Int) throws {
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
    guard let size = attributes[.systemSize] as? NSNumber,
      let free = attributes[.systemFreeSize] as? NSNumber
    else { throw CommandFailure(description: "\(path): its size is not known") }
    let kilobytes = (size.intValue - free.intValue + bytes) / 1024
    try run("mount", "-o", "remount,size=\(kilobytes)k", path)
  }

  public func unmount() { try? run("umount", path) }
}

private struct CommandFailure: Error, CustomStringConvertible { let description: String }

private func run(_ command: String...) throws {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = command
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw CommandFailure(description: command.joined(separator: " ") + " fails")
  }
}
