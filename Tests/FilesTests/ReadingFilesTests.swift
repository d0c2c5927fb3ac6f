import Files
import Foundation
import TestSupport
import Testing

@Suite struct `Reading files` {
  @Test func `what is no file is an error of kind missing`() throws {
    try withTemporaryFolder { folder in
      #expect(throws: FileError(.missing, folder, "is a folder, not a file")) {
        try readFile(folder)
      }
      #expect(throws: FileError(.missing, folder + "/x", "no such file")) {
        try readFile(folder + "/x")
      }
      try writeFile(Data(), to: folder + "/empty")
      #expect(try readFile(folder + "/empty") == Data())
      #expect(throws: FileError(.missing, folder + "/empty/x", "Not a directory")) {
        try readFile(folder + "/empty/x")
      }
    }
    #expect(throws: FileError(.missing, "/dev/null", "is a device or pipe, not a file")) {
      try readFile("/dev/null")
    }
    #expect(throws: FileError(.missing, "", "no such file")) { try readFile("") }
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func `a file without the right to read is an error`() throws {
    try withTemporaryFolder { folder in
      try writeFile(Data([1]), to: folder + "/secret")
      chmod(folder + "/secret", 0)
      #expect(
        throws: FileError(.missing, folder + "/secret", "cannot be read: Permission denied")
      ) { try readFile(folder + "/secret") }
    }
  }

  @Test func `a path means what it means to the system`() throws {
    try withTemporaryFolder { folder in
      try makeFolder("\(folder)/real/deep")
      try writeFile(Data("there".utf8), to: "\(folder)/real/x")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "real/deep")
      #expect(try readFile("\(folder)/link/../x") == Data("there".utf8))
      try writeFile(Data("here".utf8), to: "\(folder)/x")
      #expect(try readFile("\(folder)/link/../x") == Data("there".utf8))
    }
  }

  @Test func `too large a file is an error with its size, and is not read`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/large"
      try writeFile(Data(), to: path)
      // A sparse file, which occupies no space on the disk.
      truncate(path, 20 << 30)
      #expect(
        throws: FileError(
          .tooLarge, path,
          "reading the file would need 20 GiB of memory, more than the limit of 1 GiB")
      ) { try readFile(path, memory: MemoryBudget(bytes: 1 << 30)) }
      #expect(
        throws: FileError(.malformed, path, "expected at most 1 MiB, found a file of 20 GiB")
      ) { try readFile(path, limit: 1 << 20) }
      try writeFile(Data([1, 2]), to: path)
      #expect(try readFile(path, memory: MemoryBudget(bytes: 2)) == Data([1, 2]))
      #expect(try readFile(path, limit: 2) == Data([1, 2]))
    }
  }

  @Test(.enabled(if: UnreadableName.isPossible, "\(UnreadableName.skipMessage)"))
  func `names that are not UTF-8 are counted`() throws {
    try withTemporaryFolder { folder in
      try writeFile(Data(), to: "\(folder)/a")
      #expect(UnreadableName.makeFile(in: folder))
      let listing = try FolderListing(folder)
      #expect(listing.names == ["a"] && listing.unreadableNames == 1)
    }
  }

  @Test func `names are sorted and hidden ones left out`() throws {
    try withTemporaryFolder { folder in
      for name in ["b", "a 2", ".hidden", "a10", "Ä", "100%"] {
        try writeFile(Data(name.utf8), to: "\(folder)/\(name)")
      }
      #expect(try namesInFolder(folder) == ["100%", "a 2", "a10", "b", "Ä"])
      #expect(try readFile(folder + "/100%") == Data("100%".utf8))
      #expect(throws: FileError(.missing, folder + "/x", "no such folder")) {
        try namesInFolder(folder + "/x")
      }
      #expect(throws: FileError(.missing, folder + "/b", "Not a directory")) {
        try namesInFolder(folder + "/b")
      }
    }
  }

  @Test func `an error's text is one line that names the file`() {
    #expect(
      "\(FileError(.malformed, "a.idx", "expected 10 bytes, found 3"))"
        == "a.idx: expected 10 bytes, found 3")
  }
}

/// FIPS 180-4 and NIST's examples: messages of 0, 24, 448 and 8,000,000 bits.
@Suite struct Fingerprints {
  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func `are SHA-256`(text: String, times: Int, expected: String) {
    #expect(fingerprint(of: Data(String(repeating: text, count: times).utf8)) == expected)
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `of a real file is the one that is known`() throws {
    let labels = try readFile(SharedData.path("datasets/mnist/t10k-labels-idx1-ubyte.gz"))
    #expect(
      fingerprint(of: labels) == "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")
  }
}
