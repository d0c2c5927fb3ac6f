import Datasets
import Files
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Volumes in folders of frames` {
  /// Frames of one grey level each.
  private func write(_ levels: [UInt8], _ name: String, in folder: TemporaryFolder, side: Int = 4)
    throws
  {
    for (number, level) in levels.enumerated() {
      try makeFolder(folder["/\(name)"])
      try Image(width: side, height: side - 1, red: level, green: level, blue: level)
        .writePNG(to: folder["/\(name)/frame\(number + 8).png"])
    }
  }

  private func values(_ dataset: any Dataset, _ index: Int) throws -> Tensor {
    guard case .array(let array) = try dataset.example(at: index).content else {
      return Tensor(shape: [0], [])
    }
    return array
  }

  @Test func `are read in the order of their numbers, with classes`() throws {
    let folder = try TemporaryFolder()
    // frame8, frame9, frame10: names in the order of letters begin with frame10.
    try write([0, 51, 102], "left/1", in: folder)
    try write([255], "right/7", in: folder)
    let dataset = try openDataset(folder.path, of: .volume)
    #expect(dataset.count == 2 && dataset.classNames == ["left", "right"])
    #expect(try dataset.source(at: 0) == "left/1" && dataset.label(at: 1) == 1)
    let first = try values(dataset, 0)
    #expect(first.shape == [1, 3, 3, 4])
    for (place, value) in first.elements.enumerated() {
      #expect(abs(value - [0, 0.2, 0.4][place / 12]) < 1e-6)
    }
    let second = try values(dataset, 1).elements
    #expect(second[..<12].allSatisfy { $0 == 1 } && second[12...].allSatisfy { $0 == 0 })
    #expect(
      dataset.remarks == ["\(folder.path): 1 of 2 volumes padded with zeros to 3 frames"])
  }

  @Test func `are cut and resized to the input of a network`() throws {
    let folder = try TemporaryFolder()
    try write([0, 51, 102], "1", in: folder)
    let dataset = try openDataset(folder.path, of: .volume, input: [3, 2, 6, 6])
    #expect(try values(dataset, 0).shape == [3, 2, 6, 6])
    #expect(
      dataset.remarks == [
        "\(folder.path): 1 of 1 volumes cut to the first 2 frames",
        "\(folder.path): frames of 1 of 1 volumes resized to 6×6 pixels",
      ])
    // Large frames are reduced where a network is made for them.
    try write([9], "2", in: folder, side: 128)
    let large = try openDataset(folder["/2"], of: .volume)
    #expect(try values(large, 0).shape == [1, 1, 64, 64] && large.source(at: 0) == "2")
  }

  @Test func `with a damaged frame are left out and named`() throws {
    let folder = try TemporaryFolder()
    try write([0, 51], "1", in: folder)
    try write([0, 51], "2", in: folder)
    try folder.write("no picture", "1/frame9.png")
    let dataset = try openDataset(folder.path, of: .volume)
    var read: [Int] = []
    let failures = try dataset.forEachBatch(
      of: 2, indices: [0, 1], preprocessing: Preprocessing(plain: [1, 2, 3, 4])
    ) { read = $0.indices }
    #expect(read == [1])
    #expect(failures.first?.file == folder["/1/frame9.png"])
  }
}
