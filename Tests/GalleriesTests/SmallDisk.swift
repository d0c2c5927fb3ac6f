import Files
import Foundation

/// A file system in memory of a given size, or another mount of a folder.
struct SmallDisk {
  let path: String

  /// Whether this process may mount one.
  static let isPossible: Bool = {
    #if os(Linux)
    guard let folder = try? TemporaryFolder(),
      let disk = try? SmallDisk(folder.path, kibibytes: 64)
    else { return false }
    disk.unmount()
    return true
    #else
    return false
    #endif
  }()

  init(_ path: String, kibibytes: Int) throws {
    self.path = path
    try makeFolder(path)
    try run("mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path)
  }

  /// Another folder's file system, mounted a second time.
  init(_ path: String, showing folder: String) throws {
    self.path = path
    try makeFolder(path)
    try run("mount", "--bind", folder, path)
  }

  func makeReadOnly() throws { try run("mount", "-o", "remount,ro", path) }

  func unmount() { try? run("umount", path) }
}

private struct CommandFailure: Error {}

private func run(_ command: String...) throws {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = command
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw CommandFailure() }
}
