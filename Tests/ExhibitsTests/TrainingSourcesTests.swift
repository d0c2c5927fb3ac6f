import Exhibits
import Files
import Foundation
import Fovea
import Images
import Networks
import TestSupport
import Testing
import Training

@Suite struct `Sources of training` {
  /// Arrays of two classes, with labels.
  private func arrays(
    _ folder: TemporaryFolder, _ values: [Float], _ name: String
  ) throws -> String {
    try folder.write(
      zip([
        ("x.npy", npy([8, 1, 28, 28], (0..<(8 * 784)).map { values[$0 % values.count] })),
        ("y.npy", npy(labels: (0..<8).map { $0 % 2 })),
      ]), name)
  }

  private func sources(
    _ data: String, test: String? = nil, given: Preprocessing? = nil
  ) throws -> TrainingSources {
    try TrainingSources(
      Recipe(architecture: given == nil ? "lenet5" : "", data: data, testData: test),
      given == nil ? .lenet5 : nil, given: given, memory: .ofMachine())
  }

  @Test func `record how arrays came about, which are used as they are`() throws {
    let folder = try TemporaryFolder()
    let imagenet = Preprocessing(.imagenet, input: [1, 28, 28])
    var unit = imagenet
    (unit.mean, unit.deviation) = ([0], [1])
    var raw = unit
    raw.scale = 1
    let between = try sources(arrays(folder, [0, 0.5, 1], "unit.npz"), given: imagenet)
    #expect(between.preprocessing == unit)
    #expect(
      between.remarks == [
        "the arrays are used exactly as they are, with values from 0 to 1, so the checkpoint "
          + "records a preprocessing to values from 0 to 1"
      ])
    let bytes = try arrays(folder, [0, 128, 255], "raw.npz")
    #expect(try sources(bytes, given: imagenet).preprocessing == raw)
    #expect(try sources(bytes).preprocessing.scale == 1)
    // These can be standardized pictures.
    let standardized = try sources(arrays(folder, [-1.9, 0, 2.2], "s.npz"), given: imagenet)
    #expect(standardized.preprocessing == imagenet && standardized.remarks == [])
    let unknown = try sources(arrays(folder, [-9, 9], "u.npz"), given: imagenet)
    #expect(unknown.preprocessing == imagenet)
    #expect(unknown.remarks.first?.contains("is not known") == true)
  }

  @Test func `are arrays or pictures, not one to train on and one to test on`() throws {
    let folder = try TemporaryFolder()
    let array = try arrays(folder, [0, 1], "x.npz")
    let pictures = try folder.pictures(["0": 4, "1": 4], side: 28)
    #expect(
      throws: FileError(
        .malformed, array,
        "expected pictures, which are preprocessed, as '\(pictures)' has for training; found an "
          + "array of floats, which is used exactly as it is")
    ) { try sources(pictures, test: array) }
    #expect(throws: FileError.self) { try sources(array, test: pictures) }
  }

  @Test func `count the classes of test pictures by their names`() throws {
    let folder = try TemporaryFolder()
    let data = try folder.pictures(["a": 4, "b": 4, "c": 4], side: 28)
    try FileManager.default.createDirectory(
      atPath: folder["/test"], withIntermediateDirectories: true)
    for (name, source) in [("b", "b"), ("z", "a")] {
      try FileManager.default.copyItem(
        atPath: "\(data)/\(source)", toPath: folder["/test"] + "/\(name)")
    }
    let sources = try sources(data, test: folder["/test"])
    let test = try #require(sources.test)
    #expect(try (0..<test.count).map { try test.label(at: $0) } == [1, 1, 1, 1])
    #expect(
      sources.remarks == [
        "1 of the 2 classes of \(folder["/test"]) has no training pictures, so its 4 test "
          + "pictures are left out: 'z'",
        "2 of the 3 classes have no test pictures: 'a', 'c'",
        "the network's input is 3×28×28, the pictures' own size: the pictures are 28×28, some with "
          + "colour",
      ])
    try FileManager.default.removeItem(atPath: folder["/test"] + "/b")
    try FileManager.default.copyItem(atPath: "\(data)/b", toPath: folder["/test"] + "/y")
    let error = #expect(throws: FileError.self) { try self.sources(data, test: folder["/test"]) }
    #expect(
      error?.reason
        == "expected pictures of the classes of '\(data)' ('a', 'b', 'c'), found only others ('y', "
        + "'z')")
  }

  /// A folder of two classes, with pictures of these sizes in turn.
  private func pictures(
    _ sizes: [(Int, Int)], count: Int = 2, colored: Set<Int> = [], in folder: TemporaryFolder
  ) throws -> String {
    for number in 0..<count {
      let (width, height) = sizes[number % sizes.count]
      let noise = Image.noise(width, height, seed: UInt64(number))
      let image = colored.contains(number) ? noise : noise.grayscale()
      try folder.write(
        image.encodedPNG(), "p/\(number % 2 == 0 ? "a" : "b")/\(1000 + number).png")
    }
    return folder["/p"]
  }

  private func input(
    _ data: String, _ architecture: Architecture = .lenet5
  ) throws -> (shape: [Int], remarks: [String]) {
    let sources = try TrainingSources(
      Recipe(architecture: architecture.rawValue, data: data), architecture, memory: .ofMachine())
    return (sources.preprocessing.input, sources.remarks)
  }

  @Test func `give a network their own size only if all agree`() throws {
    let folder = try TemporaryFolder()
    let own = try input(pictures([(21, 13)], in: folder))
    #expect(own.shape == [1, 13, 21])
    #expect(
      own.remarks == [
        "the network's input is 1×13×21, the pictures' own size: the pictures are 21×13, all grey"
      ])
    // Larger networks halve the size too often.
    let large = try input(folder["/p"], .alexnet)
    #expect(large.shape == [3, 224, 224])
    #expect(
      large.remarks == [
        "the network's input is 3×224×224, the usual size for alexnet: the pictures are 21×13, all "
          + "grey"
      ])
    let others = try TemporaryFolder()
    let mixed = try input(
      pictures([(20, 20), (20, 20), (33, 21)], count: 40, in: others))
    #expect(mixed.shape == [1] + Architecture.lenet5.usualInputShape.extents.dropFirst())
    #expect(
      mixed.remarks.last?.hasSuffix(
        ", the usual size for lenet5: the 32 pictures looked at differ in size, from 20×20 to "
          + "33×21, all grey") == true, "\(mixed.remarks)")
  }

  @Test func `keep their colour if one of them has any`() throws {
    let folder = try TemporaryFolder()
    // Not the first.
    let found = try input(pictures([(16, 16)], count: 6, colored: [4], in: folder))
    #expect(found.shape == [3, 16, 16])
    #expect(found.remarks.last?.hasSuffix("16×16, some with colour") == true)
    let others = try TemporaryFolder()
    #expect(
      try input(pictures([(16, 16), (9, 9)], count: 6, colored: [5], in: others)).shape[0] == 3)
  }

  @Test func `that cannot be read do not choose the input`() throws {
    let folder = try TemporaryFolder()
    let data = try pictures([(16, 16)], count: 4, in: folder)
    try folder.write("no picture", "p/a/0.png")
    #expect(try input(data).shape == [1, 16, 16])
    let broken = try TemporaryFolder()
    for name in ["a", "b"] { try broken.write("no picture", "p/\(name)/0.png") }
    #expect(throws: FileError.self) { try self.input(broken["/p"]) }
  }
}
