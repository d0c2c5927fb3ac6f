import Datasets
import Files
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Folders of pictures` {
  private let png = Image.noise(6, 5, seed: 1).encodedPNG()

  @Test func `sub-folders are classes where there are several with pictures`() throws {
    try withTemporaryFolder { folder in
      for name in [
        "dog/b.png", "cat/deep/a.PNG", "cat/z.png", "loose.png", ".hidden/x.png", "cat/.y.png",
        "notes/n.txt",
      ] {
        try write(png, "\(folder)/\(name)")
      }
      for path in [folder, folder + "/"] {
        let dataset = try openDataset(path)
        #expect(dataset.classNames == ["cat", "dog"])
        let examples = try (0..<dataset.count).map { try dataset.example(at: $0) }
        #expect(
          examples.map(\.source) == ["cat/deep/a.PNG", "cat/z.png", "dog/b.png", "loose.png"])
        #expect(examples.map(\.label) == [0, 0, 1, nil])
        #expect(try (0..<4).map { try dataset.label(at: $0) } == [0, 0, 1, nil])
      }
      #expect(try openDataset(folder + "/cat").classNames.isEmpty)
      #expect(try openDataset(folder).singleClass == nil)
    }
  }

  @Test func `a single folder is no class, but can be named`() throws {
    try withTemporaryFolder { folder in
      for name in ["cat/x.png", "cat/y.png"] { try write(png, "\(folder)/\(name)") }
      let dataset = try openDataset(folder)
      #expect(dataset.classNames.isEmpty)
      #expect(dataset.singleClass == "cat")
      #expect(MatchedClasses(of: dataset, ["a", "b"], []).singleClass == "cat")
      try write(png, folder + "/loose.png")
      #expect(try openDataset(folder).singleClass == nil)
    }
  }

  @Test func `links that lead back up are followed once`() throws {
    try withTemporaryFolder { folder in
      try write(png, folder + "/a/x.png")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/a/up", withDestinationPath: folder)
      #expect(try openDataset(folder).count == 1)
    }
  }

  @Test(.enabled(if: UnreadableName.isPossible, "\(UnreadableName.skipMessage)"))
  func `pictures whose names are not UTF-8 are counted`() throws {
    try withTemporaryFolder { folder in
      try write(png, folder + "/x.png")
      #expect(UnreadableName.makeFile(in: folder))
      let dataset = try openDataset(folder)
      #expect(dataset.count == 1)
      #expect(dataset.remarks == ["skipped 1 name that is not UTF-8"])
    }
  }

  @Test func `pictures of other types are counted`() throws {
    try withTemporaryFolder { folder in
      try write(png, folder + "/x.png")
      for name in ["a.gif", "b.GIF", "c.webp", "notes.txt"] { try write(png, "\(folder)/\(name)") }
      #expect(
        try openDataset(folder).remarks
          == ["left out 3 pictures (.gif, .webp): only PNG and JPEG files are read"])
    }
  }

  @Test func `folders without pictures are named`() throws {
    try withTemporaryFolder { folder in
      for name in ["ant/a.png", "bee/b.png", "wasp/notes.txt"] {
        try write(png, "\(folder)/\(name)")
      }
      let dataset = try openDataset(folder)
      #expect(dataset.remarks == ["no pictures in 'wasp'"])
      #expect(dataset.classNames == ["ant", "bee"])
    }
  }

  @Test func `a picture gets its share of the memory among those that are read with it`() throws {
    try withTemporaryFolder { folder in
      try write(Image.noise(400, 300, seed: 1).encodedPNG(), folder + "/a.png")
      let preprocessing = Preprocessing(.unit, input: [3, 300, 400])
      // More than half of what is needed, but less than all.
      let memory = MemoryBudget(bytes: 3 << 20)
      _ = try preprocessing.tensor(for: openDataset(folder, memory: memory).example(at: 0))
      for number in 0..<256 { try write(png, "\(folder)/\(number).png") }
      let text = errorText {
        let dataset = try openDataset(folder, memory: memory)
        _ = try preprocessing.tensor(for: dataset.example(at: dataset.count - 1))
      }
      let threads = ThreadCount.current
      #expect(
        threads == 1
          ? text == nil : text?.contains("for each of \(threads) threads") == true,
        "\(text ?? "no error")")
    }
  }

  @Test func `training and test folders keep the numbers of classes`() throws {
    try withTemporaryFolder { folder in
      for name in ["train/ant/1.png", "train/cat/2.png", "val/cat/3.png", "val/dog/4.png"] {
        try write(png, "\(folder)/\(name)")
      }
      #expect(try fileFormats.recognize(folder).isSplit)
      let training = try openDataset(folder, split: .training)
      let test = try openDataset(folder, split: .test)
      #expect(
        training.classNames == ["ant", "cat", "dog"] && test.classNames == training.classNames)
      #expect(try [training.label(at: 1), test.label(at: 0), test.label(at: 1)] == [1, 1, 2])
      #expect(try openDataset(folder).example(at: 0).source == "cat/3.png")
    }
  }

  @Test func `a folder without pictures says what was looked for and what is there`() throws {
    try withTemporaryFolder { folder in
      let expected =
        "\(folder): expected pictures (PNG, JPEG), folders train and test, CIFAR files or IDX files, "
        + "found "
      #expect(
        throws: FileError(.missing, folder, String((expected + "none").dropFirst(folder.count + 2)))
      ) { try openDataset(folder) }
      try write(Data(), folder + "/a.webp")
      #expect(errorText { try openDataset(folder) } == expected + "1 other file (.webp)")
      try write(Data(), folder + "/b/README")
      try write(Data(), folder + "/b/c.txt")
      #expect(errorText { try openDataset(folder) } == expected + "3 other files (.txt, .webp)")
    }
    #expect(throws: FileError(.missing, "/nowhere", "no such file or folder")) {
      try openDataset("/nowhere")
    }
  }

  @Test func `one picture is a data set; its content decides what it is`() throws {
    try withTemporaryFolder { folder in
      try write(png, folder + "/idx-ubyte.bin.jpg")
      let dataset = try openDataset(folder + "/idx-ubyte.bin.jpg")
      #expect(dataset.count == 1)
      #expect(try dataset.example(at: 0).picture == Image.noise(6, 5, seed: 1))
      try write(Data("hello".utf8), folder + "/x.jpg")
      #expect(
        errorText { try openDataset(folder + "/x.jpg") }
          == "\(folder)/x.jpg: expected a PNG or JPEG picture, found a file that starts with the "
          + "bytes 68 65 6c 6c 6f")
    }
  }
}

@Suite struct `Streaming batches` {
  private func files(_ folder: String, _ count: Int) throws {
    for index in 0..<count {
      try write(Image.noise(9, 7, seed: UInt64(index)).encodedPNG(), "\(folder)/\(10 + index).png")
    }
  }

  @Test func `pictures come in the order asked for, whatever the size of batches`() throws {
    try withTemporaryFolder { folder in
      try files(folder, 11)
      let dataset = try openDataset(folder)
      let preprocessing = Preprocessing(.signed, input: [3, 4, 6])
      let order = [7, 0, 3, 10, 3, 5, 1]
      for size in [1, 2, 3, 7, 100] {
        var seen: [Int] = []
        let failures = try dataset.forEachBatch(
          of: size, indices: order, preprocessing: preprocessing
        ) { batch in
          #expect(batch.images.shape == [batch.indices.count, 3, 4, 6])
          for (row, index) in batch.indices.enumerated() {
            let alone = try preprocessing.tensor(for: dataset.example(at: index))
            #expect(batch.images.rows(row..<(row + 1)).elements == alone.elements)
          }
          seen += batch.indices
        }
        #expect(seen == order && failures.isEmpty)
      }
    }
  }

  @Test func `corrupt pictures are named, left out and counted`() throws {
    try withTemporaryFolder { folder in
      try files(folder, 9)
      let broken = [0, 4, 5, 8]
      for index in broken {
        let path = "\(folder)/\(10 + index).png"
        try write(Data(contentsOf: URL(filePath: path)).prefix(70), path)
      }
      let dataset = try openDataset(folder)
      let preprocessing = Preprocessing(.unit, input: [1, 7, 9])
      var seen: [Int] = []
      let failures = try dataset.forEachBatch(
        of: 2, indices: Array(0..<9), preprocessing: preprocessing
      ) { batch in
        seen += batch.indices
        for (row, index) in batch.indices.enumerated() {
          let alone = try preprocessing.tensor(for: dataset.example(at: index))
          #expect(batch.images.rows(row..<(row + 1)).elements == alone.elements)
        }
      }
      #expect(seen == [1, 2, 3, 6, 7])
      #expect(failures.map(\.file) == broken.map { "\(folder)/\(10 + $0).png" })
      #expect(
        failures.allSatisfy {
          $0.reason == "expected a complete PNG, found: the file ends too early"
        })
      #expect(
        errorText {
          try dataset.forEachBatch(of: 2, indices: [8, 0], preprocessing: preprocessing) { _ in }
        }
          == "\(folder)/18.png: expected a complete PNG, found: the file ends too early")
    }
  }

  @Test func `an error of the body ends the stream`() throws {
    struct Enough: Error {}
    try withTemporaryFolder { folder in
      try files(folder, 6)
      let dataset = try openDataset(folder)
      var batches = 0
      #expect(throws: Enough.self) {
        try dataset.forEachBatch(
          of: 2, indices: Array(0..<6), preprocessing: Preprocessing(.unit, input: [3, 7, 9])
        ) { _ in
          batches += 1
          if batches == 2 { throw Enough() }
        }
      }
      #expect(batches == 2)
      #expect(
        try dataset.forEachBatch(
          of: 2, indices: [], preprocessing: Preprocessing(.unit, input: [3, 7, 9])
        ) { _ in }.isEmpty)
    }
  }

  /// Converting bytes directly must give the same numbers as converting them through a picture.
  @Test(
    arguments: [[1, 4, 4], [3, 4, 4], [1, 6, 5], [3, 3, 3]], [Preprocessing.ChannelOrder.rgb, .bgr])
  func `bytes give the same numbers as pictures`(input: [Int], order: Preprocessing.ChannelOrder)
    throws
  {
    try withTemporaryFolder { folder in
      try write(idx([5, 4, 4], (0..<80).map { UInt8($0 * 3) }), folder + "/a-images-idx3-ubyte")
      try write(cifar([1, 2, 3]), folder + "/c.bin")
      for (name, input) in [("a-images-idx3-ubyte", input), ("c.bin", [input[0], 32, 32])] {
        var preprocessing = Preprocessing(.imagenet, input: input)
        preprocessing.channelOrder = order
        let dataset = try openDataset("\(folder)/\(name)")
        let batch = try #require(try dataset.all(preprocessing))
        for index in 0..<dataset.count {
          let alone = try preprocessing.tensor(for: dataset.example(at: index))
          #expect(batch.rows(index..<(index + 1)).elements == alone.elements)
        }
      }
    }
  }
}
