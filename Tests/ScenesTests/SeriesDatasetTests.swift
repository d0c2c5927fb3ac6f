import Datasets
import Files
import Foundation
import Scenes
import TensorCore
import TestSupport
import Testing

/// The power at each whole number of cycles, without that at 0: a slow Fourier transform.
private func spectrum(_ values: [Float]) -> [Double] {
  let n = values.count
  return (0...(n / 2)).map { cycles in
    var (real, imaginary) = (0.0, 0.0)
    for (index, value) in values.enumerated() {
      let angle = 2 * Double.pi * Double(cycles * index) / Double(n)
      real += Double(value) * cos(angle)
      imaginary -= Double(value) * sin(angle)
    }
    return cycles == 0 ? 0 : real * real + imaginary * imaginary
  }
}

@Suite struct `Synthetic series` {
  private func number(_ name: SeriesFactor, _ dataset: SeriesDataset, _ index: Int) -> Double? {
    guard case .number(let value) = dataset.factors(at: index)[name.rawValue] else { return nil }
    return value
  }

  private func indices(of kind: SeriesClass, in dataset: SeriesDataset) throws -> [Int] {
    let label = SeriesClass.allCases.firstIndex(of: kind)
    return try (0..<dataset.count).filter { try dataset.label(at: $0) == label }
  }

  @Test func `depend on seed and index alone, and take turns by class`() throws {
    let (short, long) = (SeriesDataset(count: 8, seed: 3), SeriesDataset(count: 80, seed: 3))
    for index in 0..<8 { #expect(short.values(at: index) == long.values(at: index)) }
    #expect(long.values(at: 5) != SeriesDataset(count: 80, seed: 4).values(at: 5))
    #expect(long.values(at: 5) != long.values(at: 13))
    let labels = try (0..<80).map { try long.label(at: $0) }
    for block in 0..<10 { #expect(Set(labels[(8 * block)..<(8 * block + 8)]).count == 8) }
    // Every eighth is not always of one class.
    #expect(Set(stride(from: 0, to: 80, by: 8).map { labels[$0] }).count > 2)
  }

  @Test func `have the factors of their class, in their ranges`() throws {
    let dataset = SeriesDataset(count: 160, seed: 1)
    for index in 0..<dataset.count {
      let label = try #require(try dataset.label(at: index))
      let kind = SeriesClass.allCases[label]
      let factors = dataset.factors(at: index)
      #expect(factors["class"] == .word(kind.rawValue))
      #expect(factors.count == kind.ranges.count + 1)
      for (factor, range) in kind.ranges {
        let value = try #require(number(factor, dataset, index))
        #expect(range.contains(kind == .step && factor == .amplitude ? abs(value) : value))
      }
      #expect(try dataset.annotations(at: index).factors == factors)
      guard case .array(let array) = try dataset.example(at: index).content else {
        Issue.record("series \(index) is no array")
        continue
      }
      #expect(array.shape == [1, 128] && array.isFinite)
    }
  }

  @Test(arguments: [SeriesClass.sine, .square, .sawtooth, .pulses])
  func `repeat as often as their frequency says`(kind: SeriesClass) throws {
    let dataset = SeriesDataset(count: 80, length: 512, seed: 2)
    for index in try indices(of: kind, in: dataset) {
      let frequency = try #require(number(.frequency, dataset, index))
      let powers = spectrum(dataset.values(at: index))
      let strongest = try #require(powers.indices.max { powers[$0] < powers[$1] })
      // Pulses have as much power at multiples.
      let nearest = (Double(strongest) / frequency).rounded()
      #expect(abs(Double(strongest) - nearest * frequency) <= 1)
      #expect(kind == .pulses || nearest == 1)
    }
  }

  @Test func `are nothing before their position, or on another level`() throws {
    let dataset = SeriesDataset(count: 160, length: 400, seed: 3)
    for kind in [SeriesClass.damped, .step] {
      for index in try indices(of: kind, in: dataset) {
        let values = dataset.values(at: index).map(Double.init)
        let position = try #require(number(.position, dataset, index))
        let offset = try #require(number(.offset, dataset, index))
        let noise = try #require(number(.noise, dataset, index))
        let amplitude = try #require(number(.amplitude, dataset, index))
        let before = Int((position * 400).rounded(.up)) - 1
        let expected = (0..<before).map { sample in
          let slope = number(.slope, dataset, index) ?? 0
          return kind == .damped
            ? offset : offset - amplitude + slope * (Double(sample) / 400 - 0.5)
        }
        for sample in 0..<before {
          // Six standard deviations of the noise.
          #expect(abs(values[sample] - expected[sample]) <= 6 * noise + 1e-5)
        }
      }
    }
  }

  @Test func `of coloured noise have a power that falls with the frequency as it should`() throws {
    let dataset = SeriesDataset(count: 400, length: 256, seed: 4)
    var ratios: [Double: [Double]] = [:]
    for index in try indices(of: .noise, in: dataset) {
      let exponent = try #require(number(.exponent, dataset, index))
      let powers = spectrum(dataset.values(at: index))
      // Far above the white noise that is added to all.
      let (low, high) = (powers[4..<8].reduce(0, +), powers[16..<32].reduce(0, +) / 4)
      ratios[exponent, default: []].append(log(low / high) / log(4))
    }
    #expect(ratios.keys.sorted() == [0, 1, 2])
    for (exponent, slopes) in ratios {
      let mean = slopes.reduce(0, +) / Double(slopes.count)
      #expect(abs(mean - exponent) < 0.4, "\(exponent): \(mean)")
    }
  }

  @Test(arguments: [SceneFolderLayout.flat, .classFolders])
  func `that are written open as the same data set`(layout: SceneFolderLayout) throws {
    let folder = try TemporaryFolder()
    let dataset = SeriesDataset(count: 16, length: 20, seed: 5)
    var steps: [Int] = []
    let paths = try writeExamples(of: dataset, to: folder.path, layout: layout) {
      steps.append($0)
    }
    #expect(steps == Array(1...16) && paths.count == 17)
    #expect(paths.last == folder["/factors.csv"])
    let opened = try openDataset(folder.path, of: .series)
    #expect(opened.count == 16)
    #expect(Set(opened.classNames) == Set(dataset.classNames))
    for index in 0..<16 {
      let file = try opened.source(at: index)
      let own = try #require(paths.firstIndex { $0.hasSuffix("/\(file)") })
      guard case .array(let array) = try opened.example(at: index).content else { continue }
      #expect(array.elements == dataset.values(at: own))
      let label = try #require(try opened.label(at: index))
      #expect(try dataset.label(at: own).map { dataset.classNames[$0] } == opened.classNames[label])
      #expect(try opened.annotations(at: index).factors == dataset.factors(at: own))
    }
  }

  @Test func `take the place of earlier ones, and of nothing else`() throws {
    let folder = try TemporaryFolder()
    try writeExamples(of: SeriesDataset(count: 8, length: 4), to: folder.path)
    try folder.write("text", "sine/notes.txt")
    #expect(try SceneFolder(folder.path).foreign == ["sine/notes.txt"])
    try writeExamples(of: VolumeDataset(count: 2, frames: 2, size: 8), to: folder.path)
    #expect(try namesInFolder(folder["/sine"]) == ["notes.txt"])
    #expect(folder.exists("factors.csv") && !folder.exists("chirp"))
    try writeScenes(of: SceneDataset(count: 1, size: 16), to: folder.path)
    #expect(try namesInFolder(folder.path) == ["chair", "factors.csv", "sine"])
    // Somebody else's table of that name is left alone.
    let other = try TemporaryFolder()
    try other.write("file,age\na-1.csv,3\n", "factors.csv")
    #expect(try SceneFolder(other.path).foreign == ["factors.csv"])
  }
}

@Suite struct `Synthetic volumes` {
  private func frames(_ dataset: VolumeDataset, _ index: Int) throws -> [[Float]] {
    guard case .array(let array) = try dataset.example(at: index).content else { return [] }
    let area = dataset.size * dataset.size
    return (0..<dataset.frames).map { Array(array.elements[($0 * area)..<(($0 + 1) * area)]) }
  }

  /// The mean position of what differs between two frames, in pixels.
  private func center(_ first: [Float], _ second: [Float], side: Int) -> (x: Double, y: Double) {
    var (sum, x, y) = (0.0, 0.0, 0.0)
    for (place, values) in zip(first, second).enumerated() {
      let weight = Double(abs(values.0 - values.1))
      sum += weight
      x += weight * Double(place % side)
      y += weight * Double(place / side)
    }
    return (x / max(sum, 1e-9), y / max(sum, 1e-9))
  }

  @Test(.slow) func `move as their class says`() throws {
    let dataset = VolumeDataset(count: 36, frames: 8, size: 32, seed: 1)
    for index in 0..<dataset.count {
      let label = try #require(try dataset.label(at: index))
      let motion = VolumeClass.allCases[label]
      let frames = try frames(dataset, index)
      #expect(frames.count == 8 && frames.joined().allSatisfy { (0...1).contains($0) })
      #expect(zip(frames, frames.dropFirst()).allSatisfy { $0 != $1 })
      let start = center(frames[0], frames[1], side: 32)
      let end = center(frames[6], frames[7], side: 32)
      switch motion {
      case .left: #expect(end.x < start.x - 3)
      case .right: #expect(end.x > start.x + 3)
      case .up: #expect(end.y < start.y - 3)
      case .down: #expect(end.y > start.y + 3)
      case .approaching, .rotating: break
      }
    }
  }

  @Test func `depend on seed and index alone`() throws {
    let dataset = VolumeDataset(count: 12, frames: 3, size: 16, seed: 6)
    let again = VolumeDataset(count: 40, frames: 3, size: 16, seed: 6)
    #expect(try frames(dataset, 7) == frames(again, 7))
    #expect(try frames(dataset, 7) != frames(again, 8))
    #expect(Set(dataset.factors(at: 3).keys) == Set(VolumeDataset.factorNames))
  }

  @Test func `that are written open as the same data set`() throws {
    let folder = try TemporaryFolder()
    let dataset = VolumeDataset(count: 6, frames: 11, size: 16, seed: 2)
    let paths = try writeExamples(of: dataset, to: folder.path)
    let opened = try openDataset(folder.path, of: .volume)
    #expect(opened.count == 6 && Set(opened.classNames) == Set(dataset.classNames))
    for index in 0..<6 {
      let file = try opened.source(at: index)
      let own = try #require(paths.firstIndex { $0.hasSuffix("/\(file)") })
      guard case .array(let array) = try opened.example(at: index).content else { continue }
      #expect(array.shape == [1, 11, 16, 16])
      let expected = try frames(dataset, own).flatMap(\.self)
      #expect(zip(array.elements, expected).allSatisfy { abs($0 - $1) < 1e-6 })
      #expect(try opened.annotations(at: index).factors == dataset.factors(at: own))
    }
  }
}
