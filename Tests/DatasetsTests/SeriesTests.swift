import Datasets
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

/// A WAV file.
///
/// - Parameters:
///   - samples: The bytes of all channels of the first sample, then of the next.
///   - chunk: Before the samples.
private func wave(
  format: Int = 1, channels: Int = 1, rate: Int = 8000, bits: Int, extensible: Bool = false,
  _ samples: [UInt8], chunk: [UInt8] = [], size: Int? = nil
) -> Data {
  let frame = channels * bits / 8
  var description = littleEndian(extensible ? 0xFFFE : format, 2)
  description += littleEndian(channels, 2) + littleEndian(rate, 4)
  description += littleEndian(rate * frame, 4) + littleEndian(frame, 2) + littleEndian(bits, 2)
  if extensible {
    description += littleEndian(22, 2) + littleEndian(bits, 2) + littleEndian(0, 4)
    description += littleEndian(format, 2) + [UInt8](repeating: 0, count: 14)
  }
  var content = Array("WAVEfmt ".utf8) + littleEndian(description.count, 4) + description
  content += chunk + Array("data".utf8) + littleEndian(size ?? samples.count, 4) + samples
  return Data(Array("RIFF".utf8) + littleEndian(content.count, 4) + content)
}

private func values(_ dataset: any Dataset, _ index: Int) throws -> [Float] {
  guard case .array(let array) = try dataset.example(at: index).content else { return [] }
  return array.elements
}

@Suite struct `Series in arrays` {
  private let numbers = (0..<24).map { Float($0) / 7 - 1 }

  @Test func `have one channel or several, and are normalized`() throws {
    let folder = try TemporaryFolder()
    let one = try folder.write(npy([4, 6], numbers), "one.npy")
    let two = try folder.write(npy([4, 2, 3], numbers), "two.npy")
    let single = try openDataset(one, of: .series)
    #expect(single.count == 4 && single.holdsArrays)
    #expect(try values(single, 3) == Array(numbers[18...]))
    let plain = Preprocessing(plain: [1, 6])
    #expect(plain.kind == .series && !plain.takesPictures && plain.problem == nil)
    #expect(try single.all(plain)?.shape == [4, 1, 6])
    #expect(try single.all(plain)?.elements == numbers)

    let preprocessing = Preprocessing(
      input: [2, 3], scale: 2, mean: [1, -1], deviation: [0.5, 4])
    let pair = try openDataset(two, of: .series)
    let batch = try #require(try pair.all(preprocessing))
    #expect(batch.shape == [4, 2, 3])
    for index in 0..<24 {
      let channel = index / 3 % 2
      let expected = (2 * numbers[index] - [1, -1][channel]) / [0.5, 4][channel]
      #expect(abs(batch.elements[index] - expected) < 1e-6)
    }
    let raw = preprocessing.values(of: batch.rows(2..<3))
    #expect(raw.shape == [2, 3])
    for (value, number) in zip(raw.elements, numbers[12..<18]) {
      #expect(abs(value - number) < 1e-6)
    }
  }

  @Test func `come with labels, in parts, and as integers`() throws {
    let folder = try TemporaryFolder()
    let sounds = npy("<i2", [3, 2], [1, 0, 0xFF, 0xFF, 0, 0x80, 3, 0, 4, 0, 5, 0])
    let path = try folder.write(
      zip([
        ("x_train.npy", npy([2, 5], Array(numbers[..<10]))), ("y_train.npy", npy(labels: [1, 0])),
        ("x_test.npy", sounds), ("y_test.npy", npy(labels: [0, 1, 1])),
      ]), "a.npz")
    let training = try openDataset(path, of: .series, split: .training)
    #expect(training.classNames == ["0", "1"])
    #expect(try training.label(at: 0) == 1)
    #expect(try values(training, 1) == Array(numbers[5..<10]))
    let test = try openDataset(path, of: .series, split: .test)
    #expect(try values(test, 0) == [1, -1] && values(test, 1) == [-32768, 3])
  }

  /// An array does not say what it is of: that is said by who opens it.
  @Test func `are nothing else than what is asked for`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(npy([2, 2, 3, 2], numbers), "a.npy")
    #expect(
      errorText { try openDataset(path, of: .series) }
        == "\(path): expected series [N, L] or [N, C, L], found an array of [2, 2, 3, 2]")
    let volumes = try openDataset(path, of: .volume)
    let input = try #require(try volumes.all(Preprocessing(plain: [1, 2, 3, 2])))
    #expect(input.shape == [2, 1, 2, 3, 2] && input.elements == numbers)
    #expect(
      errorText { try volumes.all(Preprocessing(plain: [2, 2, 3, 2])) }
        == "a.npy #0: expected an array of [2, 2, 3, 2], as the network takes it, found "
        + "[1, 2, 3, 2]")
    let pictures = try openDataset(path)
    #expect(try pictures.all(Preprocessing(.unit, input: [2, 3, 2]))?.elements == numbers)
    #expect(
      errorText { try openDataset(folder.write(npy([24], numbers), "b.npy"), of: .volume) }?
        .hasSuffix("expected volumes [N, D, H, W] or [N, C, D, H, W], found an array of [24]")
        == true)
  }

  @Test func `that are not finite are left out and named`() throws {
    let folder = try TemporaryFolder()
    var numbers = numbers
    numbers[7] = .nan
    let dataset = try openDataset(folder.write(npy([4, 6], numbers), "a.npy"), of: .series)
    var read: [Int] = []
    let failures = try dataset.forEachBatch(
      of: 4, indices: [0, 1, 2, 3], preprocessing: Preprocessing(plain: [1, 6])
    ) { read = $0.indices }
    #expect(read == [0, 2, 3])
    #expect(
      failures.map(\.description) == [
        "a.npy #1: expected finite numbers, found 1 of 6 that are NaN or infinite"
      ])
  }

  @Test func `cannot be shown as pictures, and pictures are no series`() throws {
    let folder = try TemporaryFolder()
    let dataset = try openDataset(folder.write(npy([4, 6], numbers), "a.npy"), of: .series)
    let preprocessing = Preprocessing(plain: [1, 6])
    #expect(
      errorText { try preprocessing.displayed(dataset.example(at: 0)) }
        == "a.npy #0: expected a picture, found a series of [1, 6]")
    let pixels = [UInt8](repeating: 7, count: 12)
    let pictures = try openDataset(folder.write(npy("|u1", [1, 3, 4], pixels), "b.npy"))
    #expect(
      errorText { try pictures.all(preprocessing) }
        == "b.npy #0: expected series of [1, 6], found a picture")
  }
}

@Suite struct `Series in files` {
  @Test func `are cut or padded, with folders as classes and a table of factors`() throws {
    let folder = try TemporaryFolder()
    try folder.write("1\n2.5\n-3e1\n", "a/1.csv")
    try folder.write("value\r\n4\r\n\r\n5\r\n", "a/2.csv")
    try folder.write("\u{FEFF} 6 \n7\n8\n9", "b/3.csv")
    try folder.write("file,age\na/1.csv,3\nb/3.csv,5\n", "factors.csv")
    let own = try openDataset(folder.path, of: .series)
    #expect(own.count == 3 && own.classNames == ["a", "b"])
    #expect(try (0..<3).map { try own.label(at: $0) } == [0, 0, 1])
    #expect(try own.source(at: 2) == "b/3.csv")
    #expect(try values(own, 0) == [1, 2.5, -30, 0])
    #expect(try values(own, 1) == [4, 5, 0, 0] && values(own, 2) == [6, 7, 8, 9])
    #expect(own.remarks.contains("\(folder.path): 2 of 3 series padded with zeros to 4 samples"))
    #expect(try own.annotations(at: 2).factors == ["age": .number(5)])

    let given = try openDataset(folder.path, of: .series, input: [1, 3])
    #expect(try values(given, 1) == [4, 5, 0] && values(given, 2) == [6, 7, 8])
    #expect(given.remarks.contains("\(folder.path): 1 of 3 series cut to the first 3 samples"))
    #expect(given.remarks.contains("\(folder.path): 1 of 3 series padded with zeros to 3 samples"))
  }

  @Test func `have a channel in each column`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x,y\n1,2\n3,4\n5,6\n", "a.csv")
    let dataset = try openDataset(path, of: .series)
    #expect(try values(dataset, 0) == [1, 3, 5, 2, 4, 6])
    #expect(
      errorText {
        try openDataset(path, of: .series, input: [1, 3]).example(at: 0)
      } == "\(path): expected a series of 1 channel, found 2")
  }

  @Test(arguments: [
    ("", "expected a series, found an empty file"),
    ("value\n", "expected samples below the header, found none"),
    ("1\nx\n", "line 2: expected a finite number, found 'x'"),
    ("1\nnan\n", "line 2: expected a finite number, found 'nan'"),
    ("1,2\n3\n", "line 2: expected 2 values, found 1"),
    ("1e99\n", "line 1: expected a finite number, found '1e99'"),
    ("1,\n", "line 1: expected a finite number, found ''"),
  ])
  func `that are damaged are named`(text: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, "a.csv")
    #expect(
      errorText { try openDataset(path, of: .series).example(at: 0) } == "\(path): \(reason)")
    // One of several is left out.
    try folder.write(text, "all/a.csv")
    try folder.write("1\n", "all/b.csv")
    let dataset = try openDataset(folder["/all"], of: .series, input: [1, 1])
    var read: [Int] = []
    let input = Preprocessing(plain: [text.hasPrefix("1,") ? 2 : 1, 1])
    guard input.input == [1, 1] else { return }
    let failures = try dataset.forEachBatch(of: 2, indices: [0, 1], preprocessing: input) {
      read = $0.indices
    }
    #expect(read == [1] && failures.count == 1)
  }

  @Test func `that would be larger than any input are refused before they are read`() throws {
    let folder = try TemporaryFolder()
    try folder.write([String](repeating: "1", count: 40_000).joined(separator: ","), "a.csv")
    try folder.write([String](repeating: "1", count: 40_000).joined(separator: "\n"), "b.csv")
    #expect(
      errorText { try openDataset(folder.path, of: .series) }
        == "\(folder.path): an input has at most 1073741824 numbers, not [40000, 40000]")
    #expect(
      errorText { try openDataset(folder["/b.csv"], of: .series, memory: MemoryBudget(bytes: 100)) }
        != nil)
  }

  @Test func `are expected where pictures are found, and the other way round`() throws {
    let folder = try TemporaryFolder()
    try folder.write("1\n", "a.csv")
    #expect(
      errorText { try openDataset(folder.path) }?.hasSuffix("found 1 other file (.csv)") == true)
    try folder.write(Data(), "pictures/a.png")
    let found = errorText { try openDataset(folder["/pictures"], of: .series) }
    #expect(found?.contains("series (CSV, WAV)") == true)
    #expect(found?.hasSuffix("found 1 other file (.png)") == true)
  }
}

@Suite struct `Sounds` {
  private func read(_ data: Data, channels: Int = 1, length: Int = 3) throws -> [Float] {
    let folder = try TemporaryFolder()
    let path = try folder.write(data, "a.wav")
    return try values(openDataset(path, of: .series, input: [channels, length]), 0)
  }

  @Test func `of all usual encodings are read`() throws {
    #expect(try read(wave(bits: 8, [0, 128, 255])) == [-1, 0, 127.0 / 128])
    let wide = [-32768, 0, 16384].flatMap { littleEndian($0 & 0xFFFF, 2) }
    #expect(try read(wave(bits: 16, wide)) == [-1, 0, 0.5])
    #expect(try read(wave(bits: 16, extensible: true, wide)) == [-1, 0, 0.5])
    let wider = [-8_388_608, 1, 4_194_304].flatMap { littleEndian($0 & 0xFF_FFFF, 3) }
    #expect(try read(wave(bits: 24, wider)) == [-1, 0x1p-23, 0.5])
    let widest = [-2_147_483_648, 0, 1 << 30].flatMap { littleEndian($0 & 0xFFFF_FFFF, 4) }
    #expect(try read(wave(bits: 32, widest)) == [-1, 0, 0.5])
    let floats: [Float] = [-1.5, 0.25, 1e-3]
    #expect(
      try read(
        wave(format: 3, bits: 32, floats.flatMap { littleEndian(Int($0.bitPattern), 4) }))
        == floats)
    let doubles = [-1.5, 0.25, 2].flatMap {
      littleEndian(Int(bitPattern: UInt(Double($0).bitPattern)), 8)
    }
    #expect(try read(wave(format: 3, bits: 64, doubles)) == [-1.5, 0.25, 2])
  }

  @Test func `of several channels, with other chunks and without a size, are read`() throws {
    let stereo: [UInt8] = [128, 0, 192, 128]
    #expect(try read(wave(channels: 2, bits: 8, stereo), channels: 2) == [0, 0.5, 0, -1, 0, 0])
    // A chunk of odd size is padded.
    let list = [UInt8](Array("LIST".utf8) + littleEndian(3, 4)) + [1, 2, 3, 0]
    #expect(try read(wave(bits: 8, [128, 192], chunk: list), length: 2) == [0, 0.5])
    #expect(try read(wave(bits: 8, [128, 192], size: 0xFFFF_FFFF), length: 2) == [0, 0.5])
    // A sample that is not complete is none.
    #expect(try read(wave(bits: 16, [0, 64, 1]), length: 2) == [0.5, 0])
  }

  private static let damaged: [(Data, String)] = [
    (Data("RIFF".utf8), "expected a WAV file, which starts with RIFF and WAVE"),
    (wave(format: 85, bits: 16, [0, 0]), "not compressed (format 1 or 3), found format 85"),
    (wave(bits: 12, [0, 0]), "found 12 bits"),
    (wave(format: 3, bits: 16, [0, 0]), "found 16 bits"),
    (wave(bits: 8, [1, 2], size: 5), "expected 5 bytes of samples, found 2"),
    (wave(bits: 8, []), "expected samples, found none"),
    (wave(channels: 0, bits: 8, [1]), "expected 0 bytes for 0 channels"),
    (Data(wave(bits: 8, [1, 2]).prefix(36)), "expected a chunk 'data' with samples"),
    (
      wave(format: 3, bits: 32, [UInt8](littleEndian(Int(Float.infinity.bitPattern), 4))),
      "expected finite samples, found inf at sample 0"
    ),
  ]

  @Test(arguments: damaged.indices)
  func `that are damaged or compressed are named`(number: Int) throws {
    let (data, reason) = Self.damaged[number]
    let found = errorText { try read(data) }
    #expect(found?.contains(reason) == true, "\(found ?? "none")")
  }

  @Test func `with random errors are read or refused, never fatal`() throws {
    let folder = try TemporaryFolder()
    let good = Array(wave(channels: 2, bits: 16, [UInt8](repeating: 7, count: 40)))
    var random = SeededGenerator(seed: 1)
    for _ in 0..<300 {
      var bytes = good
      for _ in 0..<3 {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      let path = try folder.write(Data(bytes), "a.wav")
      _ = try? openDataset(path, of: .series, input: [2, 10]).example(at: 0)
    }
  }

  @Test func `of different sampling rates are not resampled, which is said`() throws {
    let folder = try TemporaryFolder()
    try folder.write(wave(rate: 8000, bits: 8, [1, 2]), "a.wav")
    try folder.write(wave(rate: 16000, bits: 8, [1, 2]), "b.wav")
    let dataset = try openDataset(folder.path, of: .series)
    #expect(
      dataset.remarks == [
        "\(folder.path): sounds of 8000, 16000 samples per second are not resampled: the same "
          + "length is not the same time"
      ])
  }
}
