import Files
import Foundation
import Testing

@Suite struct `Written zip archives` {
  @Test func `are read again`() throws {
    let files: [(name: String, content: Data)] = [
      ("a.txt", Data("some words".utf8)), ("ö/empty", Data()), ("b", Data((0..<255).map { $0 })),
    ]
    let data = try zipArchive(files, path: "made.zip")
    let archive = try ZipArchive(data, file: "made.zip")
    #expect(archive.names == files.map(\.name))
    for (name, content) in files {
      let stream = try archive.stream(of: name)
      #expect(try stream.read(atMost: 1000) == content)
    }
    #expect(try zipArchive(files, path: "other.zip") == data)
  }
}
