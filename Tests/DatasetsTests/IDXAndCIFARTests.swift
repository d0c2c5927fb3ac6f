import Datasets
import Files
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `IDX files` {
  private let images = idx([3, 2, 4], (0..<24).map { UInt8(10 * $0) })
  private let labels = idx([3], [2, 0, 1])

  @Test func `pictures come with labels, in either spelling of the names`() throws {
    for mark in ["-", "."] {
      try withTemporaryFolder { folder in
        try write(images, "\(folder)/train-images\(mark)idx3-ubyte")
        try write(labels, "\(folder)/train-labels\(mark)idx1-ubyte")
        let dataset = try openDataset(folder)
        #expect(dataset.count == 3 && dataset.classNames == ["0", "1", "2"])
        #expect(try (0..<3).map { try dataset.label(at: $0) } == [2, 0, 1])
        let second = try dataset.example(at: 1)
        #expect(second.label == 0)
        #expect(second.source == "train-images\(mark)idx3-ubyte #1")
        let expected = (8..<16).flatMap { value -> [UInt8] in
          let grey = UInt8(10 * value)
          return [grey, grey, grey, 255]
        }
        #expect(second.picture?.pixels == expected)
      }
    }
  }

  @Test func `training and test part are told apart, and names beside are the classes'`() throws {
    try withTemporaryFolder { folder in
      try write(images, folder + "/train-images-idx3-ubyte")
      try write(labels, folder + "/train-labels-idx1-ubyte")
      #expect(try fileFormats.recognize(folder).parts == [.training])
      #expect(
        errorText { try openDataset(folder, split: .test) } == "\(folder): has no test part")
      try write(idx([1, 2, 4], Array(1...8)), folder + "/t10k-images-idx3-ubyte")
      try write(Data("shoe\n shirt \n\nbag\n".utf8), folder + "/labels.txt")
      #expect(try fileFormats.recognize(folder).isSplit)
      #expect(try openDataset(folder, split: .training).classNames == ["shoe", "shirt", "bag"])
      #expect(try openDataset(folder, split: .test).count == 1)
      #expect(try openDataset(folder).count == 1)
      #expect(try openDataset(folder + "/train-images-idx3-ubyte").label(at: 0) == 2)
    }
  }

  @Test func `a file cut short anywhere is an error`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/images-idx3-ubyte"
      for count in 0..<images.count {
        try write(images.prefix(count), path)
        #expect(errorText { try openDataset(path) }?.hasPrefix("\(path): expected") == true)
      }
      try write(images.dropLast(5), path)
      #expect(
        errorText { try openDataset(path) }
          == "\(path): expected 40 bytes for [3, 2, 4] values, found 35")
    }
  }

  @Test func `headers that claim too much, other types and other shapes are errors`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/images-idx3-ubyte"
      for (data, reason) in [
        (
          idx([0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], []),
          "claims [4294967295, 4294967295, 4294967295] values, more than any file contains"
        ),
        (labels, "expected pictures [N, H, W], found [3]"),
        (idx([0, 2, 4], []), "expected pictures [N, H, W], found [0, 2, 4]"),
        (Data([0, 0, 13, 1, 0, 0, 0, 0]), "expected IDX type 8 (unsigned bytes), found type 13"),
        (
          Data([0, 0, 8, 200, 0, 0]), "expected a header of 1 to 4 axes, found 200 axes in 6 bytes"
        ),
      ] {
        try write(data, path)
        #expect(errorText { try openDataset(path) } == "\(path): \(reason)")
      }
    }
  }

  @Test func `pictures that are not packed stay in their files`() throws {
    try withTemporaryFolder { folder in
      try write(images, folder + "/t10k-images-idx3-ubyte")
      let memory = MemoryBudget(bytes: 3)
      let idx = try openDataset(folder, memory: memory)
      #expect(idx.heldBytes == 0)
      #expect(try idx.example(at: 2).picture?.pixels.prefix(4) == [160, 160, 160, 255])
      for number in 1...2 { try write(cifar([3, 9]), "\(folder)/data_batch_\(number).bin") }
      let cifar = try openDataset(folder + "/data_batch_1.bin", memory: memory)
      #expect(cifar.heldBytes == 0 && cifar.count == 2)
    }
  }

  @Test func `a file that becomes shorter is an error, not a trap`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/images-idx3-ubyte"
      try write(images, path)
      let dataset = try openDataset(path)
      truncate(path, 20)
      #expect(
        errorText { try dataset.example(at: 1) } == "\(path): expected 32 bytes, found 24")
    }
  }

  @Test func `labels and names are found beside a path through a link`() throws {
    try withTemporaryFolder { folder in
      try write(images, folder + "/real/images-idx3-ubyte")
      try write(labels, folder + "/real/labels-idx1-ubyte")
      try makeFolder(folder + "/real/deep")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "real/deep")
      let dataset = try openDataset(folder + "/link/../images-idx3-ubyte")
      #expect(try dataset.label(at: 0) == 2)
    }
  }

  @Test func `packed pictures are as many as the header says, and fit into memory`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/images-idx3-ubyte.gz"
      try write(storedGzip(images), path)
      let dataset = try openDataset(path, memory: MemoryBudget(bytes: 24))
      #expect(dataset.heldBytes == 24)
      #expect(try dataset.example(at: 2).picture?.pixels.last == 255)
      #expect(
        errorText { try openDataset(path, memory: MemoryBudget(bytes: 23)) }
          == "\(path): unpacking [3, 2, 4] values would need 24 bytes of memory, more than the limit "
          + "of 23 bytes; unpack the file with gunzip, and it is read in parts")
      for (content, reason) in [
        (images.dropLast(5), "expected 40 bytes for [3, 2, 4] values, found 35"),
        (images + [1, 2], "expected 40 bytes for [3, 2, 4] values, found 42"),
        (images.prefix(6), "expected a header of 1 to 4 axes, found 3 axes in 6 bytes"),
        (
          idx([1 << 24, 1 << 4, 1 << 3], []),
          "expected 2147483664 bytes for [16777216, 16, 8] values, found 16"
        ),
      ] {
        try write(storedGzip(Data(content)), path)
        #expect(errorText { try openDataset(path) } == "\(path): \(reason)")
      }
    }
  }

  @Test func `labels must be as many as pictures`() throws {
    try withTemporaryFolder { folder in
      try write(images, folder + "/train-images-idx3-ubyte")
      try write(idx([2], [0, 1]), folder + "/train-labels-idx1-ubyte")
      #expect(
        errorText { try openDataset(folder) }
          == "\(folder)/train-labels-idx1-ubyte: expected [3] labels, found [2]")
    }
  }

  @Test(.slow, .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `MNIST and Fashion-MNIST are whole`() throws {
    let mnist = try openDataset(SharedData.path("datasets/mnist"), split: .training)
    #expect(mnist.count == 60_000 && mnist.classNames == (0...9).map(String.init))
    #expect(try (0..<5).map { try mnist.label(at: $0) } == [5, 0, 4, 1, 9])
    let fashion = try openDataset(SharedData.path("datasets/fashion-mnist"))
    #expect(fashion.count == 10_000 && fashion.classNames.last == "Ankle boot")
    // The mean of the training pictures, as in every tutorial.
    let inputs = try #require(try mnist.all(Preprocessing(.unit, input: [1, 28, 28])))
    #expect(abs(inputs.sum() / Float(inputs.count) - 0.1307) < 0.0001)
  }
}

@Suite struct `CIFAR files` {
  @Test func `planes become pixels`() throws {
    try withTemporaryFolder { folder in
      try write(cifar([3, 9]), folder + "/data_batch_1.bin")
      try write(cifar([7]), folder + "/data_batch_2.bin")
      try write(cifar([1]), folder + "/test_batch.bin")
      let dataset = try openDataset(folder, split: .training)
      #expect(dataset.count == 3 && dataset.classNames.count == 10)
      #expect(try (0..<3).map { try dataset.label(at: $0) } == [3, 9, 7])
      let picture = try #require(try dataset.example(at: 2).picture)
      // Pixel 300: 300 + 7, then 1024 further in each plane, which is 0 in a byte.
      #expect(Array(picture.pixels[1200..<1204]) == [51, 51, 51, 255])
      #expect(try openDataset(folder).label(at: 0) == 1)
    }
  }

  @Test func `incomplete records and impossible labels are errors`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/data_batch_1.bin"
      try write(cifar([3, 9]).dropLast(1), path)
      #expect(
        errorText { try openDataset(path) }
          == "\(path): expected records of 3073 bytes, found 6145 bytes, with a remainder of 3072")
      try write(cifar([3, 10]), path)
      #expect(
        errorText { try openDataset(path) }
          == "\(path): expected a label below 10 in record 1, found 10")
      try write(Data(), path)
      #expect(
        errorText { try openDataset(path) }
          == "\(path): expected records of 3073 bytes, found 0 bytes, with a remainder of 0")
    }
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `the real files give the known mean`() throws {
    let dataset = try openDataset(SharedData.path("datasets/cifar10"), split: .training)
    #expect(dataset.count == 10_000 && dataset.classNames[8] == "ship")
    let inputs = try #require(try dataset.all(Preprocessing(.unit, input: [3, 32, 32])))
    var sums = [0.0, 0.0, 0.0]
    inputs.withUnsafeElements { values in
      for index in values.indices { sums[index % 3] += Double(values[index]) }
    }
    // For all 50,000; the mean of the first 10,000 differs in the third digit.
    for (sum, known) in zip(sums, [0.4914, 0.4822, 0.4465]) {
      #expect(abs(sum / Double(inputs.count / 3) - known) < 0.003)
    }
  }
}
