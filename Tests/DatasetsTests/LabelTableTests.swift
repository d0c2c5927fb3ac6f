import Datasets
import Files
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Tables of labels` {
  private func folder(_ names: String...) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in names {
      try folder.write(Image.noise(4, 4, seed: 1).encodedPNG(), "pictures/\(name)")
    }
    return folder
  }

  private func labelled(_ folder: TemporaryFolder, _ table: String) throws -> LabelledPictures {
    try folder.write(table, "labels.csv")
    let pictures = try #require(try openDataset(folder["/pictures"]) as? ExampleFolder)
    return try LabelledPictures(pictures, LabelTable(folder["/labels.csv"]))
  }

  private func labels(_ pictures: LabelledPictures) throws -> [Int?] {
    try (0..<pictures.count).map { try pictures.label(at: $0) }
  }

  @Test func `name the classes of pictures in a flat folder`() throws {
    let folder = try folder("a.png", "b.png", "c.png")
    let pictures = try labelled(folder, "file,label\nb.png,dog\nc.png,cat\n")
    #expect(pictures.classNames == ["cat", "dog"])
    #expect(try labels(pictures) == [nil, 1, 0])
    #expect(try pictures.example(at: 1).label == 1)
    #expect(try pictures.example(at: 1).source == "b.png")
    #expect(pictures.remarks == ["\(folder["/labels.csv"]): labels of 2 of 3 pictures"])
  }

  @Test func `may number them, have other columns and leave out folders`() throws {
    let folder = try folder("x/a.png", "b.png")
    let pictures = try labelled(
      folder, "file,wnid,class_index\na.png,n01440764,2\nb.png,n01443537,0\n")
    #expect(pictures.classNames == ["0", "1", "2"])
    // In the order of the paths: b.png, x/a.png.
    #expect(try labels(pictures) == [0, 2])
    #expect(pictures.remarks == [])
  }

  @Test func `rows without a picture are counted`() throws {
    let folder = try folder("a.png")
    let pictures = try labelled(folder, "file,label\na.png,cat\nno.png,dog\nnone.png,cat\n")
    #expect(
      pictures.remarks == [
        "\(folder["/labels.csv"]): skipped 2 rows that name no picture, first 'no.png'"
      ])
  }

  @Test(arguments: [
    (
      "name,kind\na.png,cat\n", "expected a header with the columns file and label, found name,kind"
    ),
    (
      "file,label\nx.png,cat\n",
      "expected names of pictures in column file, such as 'a.png', found 'x.png' in line 2"
    ),
    (
      "file,label\na.png,cat\na.png,dog\n",
      "line 3: expected \"cat\" for 'a.png', as before, found \"dog\""
    ),
    ("file,label\na.png,-1\n", "expected class numbers from 0 to 1048576, found -1"),
  ])
  func `that are none are refused`(table: String, reason: String) throws {
    let folder = try folder("a.png")
    #expect(
      errorText { try labelled(folder, table) } == "\(folder["/labels.csv"]): \(reason)")
  }
}

@Suite struct `The steps of a preprocessing` {
  @Test func `say what happens to a picture`() {
    #expect(
      Preprocessing(.imagenet, input: [3, 224, 224]).steps == [
        "resized to 256 pixels along its shorter side, of which the middle 224×224 are used",
        "split into channels in the order red, green, blue",
        "scaled by 1/255 (pixel values are 0…255)",
        "reduced by the mean 0.485, 0.456, 0.406",
        "divided by the standard deviation 0.229, 0.224, 0.225",
        "given to the network with values from −2.12 to 2.64",
      ])
    #expect(
      Preprocessing(.raw, input: [1, 28, 28]).steps == [
        "resized to 28×28 pixels, whatever its proportions", "converted to grey",
        "given to the network with values from 0 to 255",
      ])
    #expect(
      Preprocessing(.caffe, input: [3, 32, 32]).steps.last
        == "given to the network with values from −123 to 151")
  }

  @Test(arguments: Preprocessing.Preset.allCases)
  func `in the opposite order of channels give each colour the same values`(
    preset: Preprocessing.Preset
  ) throws {
    let preprocessing = Preprocessing(preset, input: [3, 4, 4])
    let example = Example(.picture(Image.noise(4, 4, seed: 1)), label: nil, source: "made")
    let input = try preprocessing.tensor(for: example).arranged(as: .rowMajor).elements
    let opposite = try preprocessing.withOppositeChannels.tensor(for: example)
      .arranged(as: .rowMajor).elements
    #expect(opposite == Array(input[32..<48] + input[16..<32] + input[0..<16]))
    #expect(preprocessing.withOppositeChannels.withOppositeChannels == preprocessing)
  }
}

@Suite struct `Written NumPy arrays` {
  @Test func `are read again`() throws {
    let folder = try TemporaryFolder()
    let values = (0..<24).map { Float($0) / 7 }
    let path = try folder.write(numPyFile(values, shape: [2, 3, 2, 2]), "a.npy")
    let dataset = try openDataset(path)
    #expect(dataset.count == 2)
    guard case .array(let array) = try dataset.example(at: 1).content else {
      Issue.record("no array")
      return
    }
    #expect(array.elements == Array(values[12...]))
  }

  @Test func `start at a multiple of 64 bytes`() {
    for count in [0, 1, 9, 10, 100_000] {
      let file = numPyFile([Float](repeating: 1, count: count), shape: [count])
      #expect((file.count - 4 * count) % 64 == 0)
      #expect(String(decoding: file.prefix(80), as: UTF8.self).contains("'shape': (\(count),)"))
    }
  }

  @Test func `keep texts in one length`() {
    let file = numPyFile(["a", "né😀"])
    #expect(String(decoding: file[10..<40], as: UTF8.self).contains("'<U3'"))
    let elements = [UInt8](file.suffix(24))
    #expect(elements.prefix(12) == [0x61, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(elements.suffix(4) == [0x00, 0xF6, 0x01, 0x00])
  }

  @Test func `and labels are an archive of pictures again`() throws {
    let folder = try TemporaryFolder()
    let archive = try zipArchive(
      [
        ("images.npy", numPyFile([0, 1, 2, 3], shape: [2, 1, 1, 2])),
        ("labels.npy", numPyFile([1, 0] as [Int64])),
      ], path: "a.npz")
    let dataset = try openDataset(folder.write(archive, "a.npz"))
    #expect(try dataset.count == 2 && dataset.label(at: 0) == 1)
  }
}
