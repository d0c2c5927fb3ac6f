import Datasets
import Files
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `NumPy files` {
  private let values = (0..<24).map { Float($0) / 7 - 1 }

  private func elements(_ dataset: any Dataset, _ index: Int) throws -> [Float] {
    guard case .array(let array) = try dataset.example(at: index).content else { return [] }
    return array.elements
  }

  @Test func `arrays are used exactly as they are`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      try write(npy([2, 3, 2, 2], values), path)
      let dataset = try openDataset(path)
      #expect(dataset.count == 2 && dataset.classNames.isEmpty)
      #expect(try elements(dataset, 1) == Array(values[12...]))
      // The preset does not change an array.
      let input = try #require(try dataset.all(Preprocessing(.imagenet, input: [3, 2, 2])))
      #expect(input.shape == [2, 3, 2, 2] && input.elements == values)
      #expect(
        errorText { try dataset.all(Preprocessing(.unit, input: [3, 4, 4])) }
          == "a.npy #0: expected an array of [3, 4, 4], as the network takes it, found [3, 2, 2]")
    }
  }

  @Test func `pictures that are not finite are left out and named`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      var values = values
      (values[13], values[20]) = (.nan, .infinity)
      try write(npy([2, 3, 2, 2], values), path)
      let dataset = try openDataset(path)
      var read: [Int] = []
      let failures = try dataset.forEachBatch(
        of: 2, indices: [0, 1], preprocessing: Preprocessing(.unit, input: [3, 2, 2])
      ) { read += $0.indices }
      #expect(read == [0])
      #expect(
        failures.map(\.description) == [
          "a.npy #1: expected finite numbers, found 2 of 12 that are NaN or infinite"
        ])
    }
  }

  @Test func `one picture, and Double, are taken`() throws {
    try withTemporaryFolder { folder in
      try write(npy([3, 2, 4], values), folder + "/one.npy")
      #expect(try openDataset(folder + "/one.npy").count == 1)
      let bytes = values.flatMap { littleEndian(Int(bitPattern: UInt(Double($0).bitPattern)), 8) }
      try write(npy("<f8", [2, 3, 2, 2], bytes), folder + "/double.npy")
      #expect(try elements(openDataset(folder + "/double.npy"), 0) == Array(values[..<12]))
    }
  }

  @Test func `half precision is taken`() throws {
    try withTemporaryFolder { folder in
      // 1, −2, 2⁻²⁴, 65504.
      let bytes: [UInt8] = [0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0xFF, 0x7B]
      try write(npy("<f2", [1, 1, 2, 2], bytes), folder + "/half.npy")
      #expect(
        try elements(openDataset(folder + "/half.npy"), 0) == [1, -2, 0x1p-24, 65504])
    }
  }

  /// Every arrangement of the same two pictures of 2 × 3 pixels.
  @Test(
    arguments: [
      ([2, 2, 4], 1), ([2, 1, 2, 4], 1), ([2, 2, 4, 1], 1), ([2, 3, 2, 4], 3), ([2, 2, 4, 3], 3),
    ], [false, true])
  func `bytes are pictures like others`(
    layout: (shape: [Int], channels: Int), isArchived: Bool
  ) throws {
    try withTemporaryFolder { folder in
      func level(_ picture: Int, _ row: Int, _ column: Int, _ channel: Int) -> UInt8 {
        UInt8(100 * picture + 40 * row + 10 * column + channel)
      }
      let isChannelsLast = layout.shape.last == layout.channels
      var bytes: [UInt8] = []
      for picture in 0..<2 {
        for position in 0..<(8 * layout.channels) {
          let (channel, pixel) =
            isChannelsLast
            ? (position % layout.channels, position / layout.channels)
            : (position / 8, position % 8)
          bytes.append(level(picture, pixel / 4, pixel % 4, channel))
        }
      }
      let path = folder + (isArchived ? "/a.npz" : "/a.npy")
      let array = npy("|u1", layout.shape, bytes)
      try write(
        isArchived ? zip([("x.npy", array), ("y.npy", npy(labels: [1, 0]))]) : array, path)
      let dataset = try openDataset(path)
      #expect(dataset.count == 2)
      #expect(try dataset.label(at: 0) == (isArchived ? 1 : nil))
      guard case .picture(let image) = try dataset.example(at: 1).content else {
        Issue.record("no picture")
        return
      }
      #expect(image.width == 4 && image.height == 2)
      for (row, column) in [(0, 0), (0, 3), (1, 1)] {
        let expected = (0..<3).map { level(1, row, column, layout.channels == 3 ? $0 : 0) }
        #expect(Array(image.pixels[(4 * (4 * row + column))...].prefix(3)) == expected)
      }
      // Unlike floats, they are preprocessed.
      let input = try #require(
        try dataset.all(Preprocessing(.unit, input: [layout.channels, 2, 4])))
      #expect(abs(input.elements[0] - Float(level(0, 0, 0, 0)) / 255) < 1e-6)
    }
  }

  @Test func `an archive may have a training and a test part`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/mnist.npz"
      let bytes = (0..<12).map { UInt8($0) }
      try write(
        zip([
          ("x_train.npy", npy("|u1", [3, 2, 2], bytes)), ("y_train.npy", npy(labels: [0, 1, 2])),
          ("x_test.npy", npy("|u1", [1, 2, 2], [9, 8, 7, 6])), ("y_test.npy", npy(labels: [2])),
        ]), path)
      let training = try openDataset(path, split: .training)
      #expect(training.count == 3 && training.classNames == ["0", "1", "2"])
      #expect(try training.label(at: 1) == 1)
      let test = try openDataset(path)
      #expect(try test.count == 1 && test.label(at: 0) == 2)
    }
  }

  @Test func `unnamed arrays are pictures and labels by their shapes`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npz"
      let images = ("arr_0.npy", npy([2, 3, 2, 2], values))
      try write(zip([images, ("arr_1.npy", npy(labels: [1, 0]))]), path)
      #expect(try openDataset(path).label(at: 0) == 1)
      // Either of two may be the labels.
      let two = [("arr_1.npy", npy(labels: [1, 0])), ("arr_2.npy", npy(labels: [0, 1]))]
      try write(zip([images] + two), path)
      #expect(try openDataset(path).label(at: 0) == nil)
      try write(zip([images, ("arr_1.npy", npy(labels: [1, 0, 1]))]), path)
      #expect(try openDataset(path).label(at: 0) == nil)
    }
  }

  @Test func `other types, orders, shapes and lengths are errors`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      let bytes = [UInt8](repeating: 0, count: 96)
      for (data, reason) in [
        (
          npy("<i4", [1, 1, 4, 4], bytes),
          "expected pictures of float32 or uint8, found dtype '<i4'"
        ),
        (npy(">f4", [1, 1, 4, 6], bytes), "expected float32, found dtype '>f4'"),
        (
          npy("|u1", [2, 4, 4, 3], bytes + [0]),
          "expected 96 bytes for [2, 4, 4, 3] of '|u1', found 97"
        ),
        (
          npy("|u1", [2, 2, 4, 6], bytes),
          "expected pictures of bytes [N, H, W], [N, H, W, 3] or [N, 3, H, W], found "
            + "[2, 2, 4, 6]"
        ),
        (
          npy("<f4", [2, 3, 2, 2], bytes, order: "True"),
          "expected row-major (C) order, found Fortran order"
        ),
        (npy("<f4", [24], bytes), "expected pictures [N, C, H, W], found an array of [24]"),
        (
          npy("<f4", [0, 3, 2, 2], []),
          "expected pictures [N, C, H, W], found an array of [0, 3, 2, 2]"
        ),
        (
          npy("<f4", [2, 3, 2, 3], bytes), "expected 144 bytes for [2, 3, 2, 3] of '<f4', found 96"
        ),
        (
          npy("<f4", [1 << 40, 1 << 40, 1, 1], bytes),
          "claims [1099511627776, 1099511627776, 1, 1] elements, too many to read"
        ),
        (
          npy([2, 3, 2, 2], values).prefix(100),
          "expected a header of version 1 to 3 and 118 bytes, found version 1 in 100 bytes"
        ),
      ] {
        try write(data, path)
        #expect(errorText { try openDataset(path) } == "\(path): \(reason)")
      }
    }
  }

  @Test func `an archive's pictures and labels are found by name or by shape`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npz"
      let names = npy("<U3", [2], [UInt8](repeating: 65, count: 24))
      try write(
        zip([
          ("names.npy", names), ("weights.npy", npy([2, 2, 3, 2], values)),
          ("y.npy", npy(labels: [1, 4])),
          ("images.npy", npy([2, 3, 2, 2], values)),
        ]), path)
      let dataset = try openDataset(path)
      #expect(try dataset.label(at: 1) == 4)
      #expect(dataset.classNames == ["0", "1", "2", "3", "4"])
      #expect(try elements(dataset, 0) == Array(values[..<12]))
      try write(zip([("names.npy", names), ("b.npy", npy([2, 3, 2, 2], values))]), path)
      #expect(try openDataset(path).count == 2)
      try write(zip([("names.npy", names), ("n.npy", npy(labels: [1]))]), path)
      #expect(
        errorText { try openDataset(path) }
          == "\(path): expected an array of pictures [N, C, H, W], of float32 or uint8, found "
          + "names [2] '<U3', n [1] '<i8'"
      )
    }
  }

  @Test func `labels that are none are errors`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npz"
      let images = npy([2, 3, 2, 2], values)
      for (labels, reason) in [
        (npy(labels: [1]), "\(path): expected 2 labels, found 1"),
        (
          npy([2, 2], [1, 0, 0, 1]),
          "\(path): expected 2 labels, one whole number each, found [2, 2] of dtype '<f4' in "
            + "'labels.npy'; for one-hot rows, save the place of each one"
        ),
        (
          npy(labels: [0, -1]),
          "\(path)/labels.npy: expected class numbers from 0, found -1 at index 1"
        ),
        (
          npy([2], [.nan, 0]),
          "\(path)/labels.npy: expected class numbers from 0, found nan at index 0"
        ),
        (
          npy([2], [1, 1e30]),
          "\(path)/labels.npy: expected class numbers from 0, found 1.0000000150474662e+30 at index 1"
        ),
      ] {
        try write(zip([("images.npy", images), ("labels.npy", labels)]), path)
        #expect(errorText { try openDataset(path) } == reason)
      }
    }
  }
}

@Suite struct `Damaged data` {
  /// A valid file of each format, with the name under which it is found.
  private static let formats: [(String, Data)] = [
    ("x-images-idx3-ubyte", idx([3, 2, 4], (0..<24).map { UInt8($0) })),
    ("x.bin", cifar([1, 2])),
    ("x.npy", npy([1, 3, 2, 2], [Float](repeating: 1, count: 12))),
    (
      "x.npz",
      zip([
        ("x.npy", npy([1, 3, 2, 2], [Float](repeating: 1, count: 12))), ("y.npy", npy(labels: [3])),
      ])
    ),
  ]

  @Test(.slow, arguments: 0..<4)
  func `changed and missing bytes give an error or pictures, never a trap`(format: Int) throws {
    let (name, data) = Self.formats[format]
    var generator = SeededGenerator(seed: 17, path: format)
    try withTemporaryFolder { folder in
      let path = "\(folder)/\(name)"
      try write(data, path)
      _ = try openDataset(path)
      var (files, pictures) = (DamagedReads(), DamagedReads())
      for round in 0..<500 {
        var damaged = data
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          // Damage is most harmful in headers.
          let end = round % 2 == 0 ? min(200, damaged.count) : damaged.count
          let place = Int.random(in: 0..<end, using: &generator)
          damaged[place] =
            [0, 0x7F, 0xFF, 0x39, .random(in: 0...255, using: &generator)][
              Int.random(in: 0..<5, using: &generator)]
        }
        if round % 3 == 0 {
          damaged = damaged.prefix(Int.random(in: 0...damaged.count, using: &generator))
        }
        try write(damaged, path)
        files.attempt {
          let dataset = try openDataset(path)
          for index in 0..<dataset.count { pictures.attempt { try dataset.example(at: index) } }
          _ = try? dataset.all(Preprocessing(.unit, input: [3, 2, 2]))
        }
      }
      files.expectBoth()
    }
  }

  @Test func `damaged gzip is an error`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/train-images-idx3-ubyte.gz"
      try write(Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]), path)
      #expect(
        errorText { try openDataset(folder) }?.hasPrefix(
          "\(path): expected a complete gzip file, found: ") == true)
    }
  }
}
