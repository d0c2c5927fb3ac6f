import Datasets
import Files
import Foundation
import Images
import TestSupport
import Testing

@Suite struct `Figures among the pictures` {
  private func write(_ names: [String], to folder: String) throws {
    let picture = Image(width: 1, height: 1, pixels: [1, 2, 3, 255])
    for name in names {
      try makeFolder("\(folder)/\((name as NSString).deletingLastPathComponent)")
      try writeFile(picture.encodedPNG(), to: "\(folder)/\(name)")
    }
  }

  private func writeRecord(_ program: String, of files: [String], to folder: String) throws {
    let figures = files.map { "{\"file\": \"\($0)\"}" }.joined(separator: ", ")
    try writeFile(
      Data("{\"program\": \"\(program)\", \"figures\": [\(figures)]}".utf8),
      to: "\(folder)/gallery.json")
  }

  @Test func `are left out by the record of their gallery, and counted`() throws {
    try withTemporaryFolder { folder in
      try write(
        ["cat/1.png", "dog/1.png", "out/filters.png", "out/mine.png", "dog/out/saliency.png"],
        to: folder)
      try writeRecord("fovea", of: ["filters.png", "gone.png"], to: "\(folder)/out")
      try writeRecord("fovea", of: ["saliency.png"], to: "\(folder)/dog/out")
      let dataset = try openDataset(folder)
      #expect(dataset.classNames == ["cat", "dog", "out"])
      #expect(
        try (0..<dataset.count).map { try dataset.example(at: $0).source } == [
          "cat/1.png", "dog/1.png", "out/mine.png",
        ])
      #expect(
        dataset.remarks == [
          "skipped 2 of Fovea's own figures in \(folder)/dog/out and 1 more folder"
        ])
    }
  }

  @Test(arguments: ["{", "[]", "{\"program\": \"other\", \"figures\": [{\"file\": \"a.png\"}]}"])
  func `other programs' records say nothing`(record: String) throws {
    try withTemporaryFolder { folder in
      try write(["a.png"], to: folder)
      try writeFile(Data(record.utf8), to: "\(folder)/gallery.json")
      let dataset = try openDataset(folder)
      #expect(dataset.count == 1 && dataset.remarks == [])
    }
  }

  @Test func `may be the curves of a training run`() throws {
    try withTemporaryFolder { folder in
      try write(["a/1.png", "run/curves.png", "b/curves.png"], to: folder)
      for name in ["log.csv", "final.safetensors"] {
        try writeFile(Data(), to: "\(folder)/run/\(name)")
      }
      #expect(try openDataset(folder).classNames == ["a", "b"])
    }
  }
}

@Suite struct `The listing of a data set` {
  @Test func `tells whether a file came, went or changed`() throws {
    try withTemporaryFolder { folder in
      func write(_ text: String, _ name: String) throws {
        try writeFile(Data(text.utf8), to: "\(folder)/\(name)")
      }
      try write("1", "a.png")
      try write("labels", "labels.txt")
      let first = try DatasetListing(folder).text
      #expect(try DatasetListing(folder).text == first)
      usleep(20_000)
      try write("2", "a.png")
      let changed = try DatasetListing(folder).text
      #expect(changed != first)
      try write("2", "b.png")
      #expect(try DatasetListing(folder).text != changed)
      unlink("\(folder)/b.png")
      #expect(try DatasetListing(folder).text == changed)
      usleep(20_000)
      try write("lapels", "labels.txt")
      #expect(try DatasetListing(folder).text != changed)
    }
  }

  @Test func `of one file counts those that belong to it`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/t10k-images-idx3-ubyte"
      try writeFile(Data([1]), to: path)
      let first = try DatasetListing(path).text
      try writeFile(Data([1]), to: "\(folder)/nohup.out")
      #expect(try DatasetListing(path).text == first)
      try writeFile(Data([1]), to: "\(folder)/t10k-labels-idx1-ubyte")
      #expect(try DatasetListing(path).text != first)
    }
  }
}
