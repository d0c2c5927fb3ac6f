import Files
import Foundation
import TestSupport
import Testing

@Suite struct `Writing files` {
  @Test func `a file is replaced as a whole, with nothing left beside it`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.txt"
      for text in ["first, and longer than the second", "second", ""] {
        try writeFile(Data(text.utf8), to: path)
        #expect(try readFile(path) == Data(text.utf8))
      }
      #expect(try allNames(folder) == ["a.txt"])
    }
  }

  @Test func `a link stays, and so do the permissions of what it leads to`() throws {
    try withTemporaryFolder { folder in
      try makeFolder("\(folder)/real")
      try writeFile(Data([1]), to: "\(folder)/real/a")
      chmod("\(folder)/real/a", 0o640)
      for (link, target) in [("a", "real/a"), ("b", "real/b")] {
        let path = "\(folder)/\(link)"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        try writeFile(Data([2]), to: path)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == target)
        #expect(try readFile("\(folder)/\(target)") == Data([2]))
      }
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/real/a")
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try allNames("\(folder)/real") == ["a", "b"])
    }
  }

  @Test func `readers of the earlier file keep it`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.bin"
      try writeFile(Data(repeating: 1, count: 100_000), to: path)
      let earlier = try readFile(path)
      try writeFile(Data(repeating: 2, count: 10), to: path)
      #expect(earlier == Data(repeating: 1, count: 100_000))
    }
  }

  @Test func `a file in the place of a folder is named as the reason, and unharmed`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/file"
      try writeFile(Data([1]), to: path)
      #expect(
        throws: FileError(.unwritable, "\(path)/x", "cannot be written: Not a directory")
      ) { try writeFile(Data([2]), to: path + "/x") }
      #expect(
        throws: FileError(.unwritable, "\(path)/x", "the folder cannot be created: Not a directory")
      ) { try makeFolder(path + "/x") }
      #expect(
        throws: FileError(.unwritable, path, "the folder cannot be created: File exists")
      ) { try makeFolder(path) }
      #expect(try readFile(path) == Data([1]))
      #expect(try allNames(folder) == ["file"])
    }
  }

  @Test func `a folder in the place of the file stays`() throws {
    try withTemporaryFolder { folder in
      try makeFolder(folder + "/x/y")
      #expect(
        throws: FileError(.unwritable, folder + "/x", "cannot be written: Is a directory")
      ) { try writeFile(Data([2]), to: folder + "/x") }
      #expect(try allNames(folder) == ["x"])
      #expect(try allNames(folder + "/x") == ["y"])
    }
  }

  @Test func `a missing folder is an error`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/not/there"
      #expect(
        throws: FileError(.unwritable, path, "cannot be written: No such file or directory")
      ) { try writeFile(Data([2]), to: path) }
      let names = try allNames(folder)
      #expect(names == [])
    }
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no /dev/full"))
  func `a full device is an error, and the device stays`() {
    #expect(
      throws: FileError(.unwritable, "/dev/full", "cannot be written: No space left on device")
    ) { try writeFile(Data([2]), to: "/dev/full") }
    #expect(kindOfFile("/dev/full") == .other)
  }

  @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
  func `a folder without the right to write is an error`() throws {
    try withTemporaryFolder { folder in
      chmod(folder, 0o555)
      defer { chmod(folder, 0o755) }
      #expect(
        throws: FileError(.unwritable, folder + "/x", "cannot be written: Permission denied")
      ) { try writeFile(Data([2]), to: folder + "/x") }
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
  func `a full disk loses neither the earlier file nor its place`() throws {
    try withTemporaryFolder { folder in
      let disk = try SmallDisk(folder, kilobytes: 64)
      defer { disk.unmount() }
      let path = folder + "/figure.png"
      try writeFile(Data(repeating: 7, count: 20_000), to: path)
      #expect(
        throws: FileError(.unwritable, path, "cannot be written: No space left on device")
      ) { try writeFile(Data(repeating: 8, count: 100_000), to: path) }
      #expect(try readFile(path) == Data(repeating: 7, count: 20_000))
      #expect(try allNames(folder) == ["figure.png"])
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
  func `a read-only disk is an error, and keeps what it has`() throws {
    try withTemporaryFolder { folder in
      let disk = try SmallDisk(folder, kilobytes: 64)
      defer { disk.unmount() }
      let path = folder + "/figure.png"
      try writeFile(Data([7]), to: path)
      try disk.makeReadOnly()
      #expect(
        throws: FileError(.unwritable, path, "cannot be written: Read-only file system")
      ) { try writeFile(Data([8]), to: path) }
      #expect(
        throws: FileError(
          .unwritable, folder + "/x", "the folder cannot be created: Read-only file system")
      ) { try makeFolder(folder + "/x/y") }
      #expect(try readFile(path) == Data([7]))
      #expect(try allNames(folder) == ["figure.png"])
    }
  }

  @Test func `folders are made with those above them, also twice`() throws {
    try withTemporaryFolder { folder in
      for _ in 0..<2 { try makeFolder(folder + "/a/b/c") }
      #expect(kindOfFile(folder + "/a/b/c") == .folder)
      try makeFolder(folder + "/d/")
      #expect(try namesInFolder(folder) == ["a", "d"])
    }
  }
}
