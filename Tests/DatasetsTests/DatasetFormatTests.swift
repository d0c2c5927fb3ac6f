import Datasets
import Files
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Formats of data sets` {
  private let png = Image.noise(6, 5, seed: 1).encodedPNG()

  /// The name of the first format of the list that recognises a path.
  private func format(of path: String, in setting: DatasetFormat.Setting) -> String? {
    fileFormats.first { (try? [$0].recognize(path)) != nil }?.names[setting]
  }

  @Test func `every format is recognised by its names or first bytes`() throws {
    try withTemporaryFolder { folder in
      for (name, data, expected) in [
        ("a.npz", Data(), "a NumPy archive (.npz)"),
        ("zip", zip([("x.npy", npy([1, 1, 1, 1], [0]))]), "a NumPy archive (.npz)"),
        ("a.npy", Data(), "a NumPy array (.npy)"),
        ("array", npy([1, 1, 1, 1], [0]), "a NumPy array (.npy)"),
        ("a-ubyte", Data("x".utf8), "an IDX file"),
        ("bytes", idx([1, 1, 1], [7]), "an IDX file"),
        ("a.bin", Data(), "a CIFAR file (.bin)"),
        ("a.JPG", Data(), "a picture (PNG, JPEG)"),
        ("photo", png, "a picture (PNG, JPEG)"),
        ("notes.txt", Data("text".utf8), nil),
      ] as [(String, Data, String?)] {
        try write(data, "\(folder)/files/\(name)")
        #expect(format(of: "\(folder)/files/\(name)", in: .file) == expected, "\(name)")
      }
      for (name, files, expected) in [
        ("mnist", ["t10k-images.idx3-ubyte.gz"], "IDX files"),
        ("cifar", ["data_batch_1.bin"], "CIFAR files"),
        ("parts", ["train/x.png", "val/x.png"], "folders train and test"),
        ("classes", ["cat/x.png", "dog/x.png"], "pictures (PNG, JPEG)"),
        ("texts", ["notes.txt"], nil),
      ] as [(String, [String], String?)] {
        for file in files { try write(png, "\(folder)/\(name)/\(file)") }
        #expect(format(of: "\(folder)/\(name)", in: .folder) == expected, "\(name)")
      }
    }
  }

  @Test func `the parts of a split data set are opened by name, or the test part`() throws {
    try withTemporaryFolder { folder in
      try write(cifar([1, 2]), folder + "/data_batch_1.bin")
      let half = try fileFormats.recognize(folder)
      #expect(half.parts == [.training] && !half.isSplit)
      #expect(try half.open().count == 2)
      #expect(errorText { try half.open(.test) } == "\(folder): has no test part")
      try write(cifar([3]), folder + "/test_batch.bin")
      let whole = try fileFormats.recognize(folder)
      #expect(whole.isSplit)
      #expect(whole.part(containing: folder + "/test_batch.bin") == .test)
      #expect(whole.part(containing: folder + "/data_batch_1.bin") == .training)
      #expect(whole.part(containing: folder + "/data_batch_1.bin2") == nil)
      #expect(
        try [whole.open(), whole.open(.training), whole.open(.test)].map(\.count) == [1, 2, 1])
    }
  }

  @Test func `a file of no format is said to be none of the list`() throws {
    try withTemporaryFolder { folder in
      try write(Data("GIF89a".utf8), folder + "/a.gif")
      #expect(
        errorText { try openDataset(folder + "/a.gif") }
          == "\(folder)/a.gif: expected a picture (PNG, JPEG), a CIFAR file (.bin), an IDX file, a "
          + "NumPy array (.npy) or a NumPy archive (.npz), found a GIF")
    }
  }

  @Test func `an empty part is named`() throws {
    try withTemporaryFolder { folder in
      try write(png, folder + "/train/x.png")
      try write(Data(), folder + "/test/x.webp")
      #expect(
        errorText { try openDataset(folder) }
          == "\(folder)/test: expected pictures (PNG, JPEG), found 1 other file (.webp)")
      #expect(try openDataset(folder, split: .training).count == 1)
    }
  }

  @Test func `a format that is added is recognised, and named in help`() throws {
    let numbers = DatasetFormat([.text: "numbers:COUNT"]) { place in
      guard place.path.hasPrefix("numbers:") else { return nil }
      return RecognizedDataset(place) { _, options in
        ArrayDataset(
          .init(shape: [options.renderedSize, 1, 1, 1], repeating: 0), source: "numbers")
      }
    }
    let formats = [numbers] + fileFormats
    #expect(
      try formats.recognize("numbers:2").open(nil, RecognizedDataset.Options(renderedSize: 3)).count
        == 3)
    #expect(
      errorText { try fileFormats.recognize("numbers:2") } == "numbers:2: no such file or folder")
    #expect(
      formats.usage
        == "a folder of pictures (PNG, JPEG), folders train and test, CIFAR files or IDX files; a "
        + "picture (PNG, JPEG), a CIFAR file (.bin), an IDX file, a NumPy array (.npy) or a NumPy "
        + "archive (.npz); or numbers:COUNT; for networks of series, a folder of series (CSV, "
        + "WAV), a series (CSV, WAV) or an array; for networks of volumes, a folder of folders of "
        + "numbered frames (PNG, JPEG) or an array")
  }
}
