import Foundation
import TestSupport

/// A file system of 64 KiB in memory; creating one requires privileges that few users have.
enum SmallDisk {
  static let skipMessage = "mounting a small file system is not permitted here"

  static let canBeMade: Bool =
    (try? withTemporaryFolder { folder in (try? with(folder) {}) != nil }) ?? false

  struct NotPermitted: Error {}

  /// Mounts it on a folder for as long as `body` runs.
  static func with<R>(_ folder: String, _ body: () throws -> R) throws -> R {
    guard succeeds("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]) else {
      throw NotPermitted()
    }
    defer { _ = succeeds("umount", [folder]) }
    return try body()
  }

  static func makeReadOnly(_ folder: String) -> Bool {
    succeeds("mount", ["-o", "remount,ro", folder])
  }

  private static func succeeds(_ program: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
