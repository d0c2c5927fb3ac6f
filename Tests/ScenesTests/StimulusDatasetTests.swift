import Datasets
import Foundation
import Images
import Scenes
import Testing

@Suite struct `Stimuli` {
  private func picture(_ dataset: StimulusDataset, _ index: Int) throws -> Image {
    guard case .picture(let image) = try dataset.example(at: index).content else {
      throw CocoaError(.featureUnsupported)
    }
    return image
  }

  private func number(_ dataset: StimulusDataset, _ index: Int, _ name: String) throws -> Double {
    guard case .number(let number) = try dataset.annotations(at: index).factors[name] else {
      return .nan
    }
    return number
  }

  private func color(_ image: Image, _ x: Int, _ y: Int) -> [Int] {
    let start = 4 * (y * image.width + x)
    return image.pixels[start..<(start + 3)].map(Int.init)
  }

  @Test(arguments: Stimulus.allCases)
  func `are every combination of their factors once`(stimulus: Stimulus) throws {
    let dataset = StimulusDataset(stimulus, width: 8, height: 8)
    let all = try (0..<dataset.count).map { try dataset.annotations(at: $0).factors }
    #expect(Set(all).count == dataset.count && dataset.classNames.isEmpty)
    var product = 1
    for name in all[0].keys {
      let values = all.map { $0[name] }
      let distinct = Set(values)
      product *= distinct.count
      #expect((4...12).contains(distinct.count), "\(name)")
      #expect(
        distinct.allSatisfy { value in
          values.count { $0 == value } == dataset.count / distinct.count
        })
    }
    #expect(product == dataset.count)
    #expect(try dataset.source(at: 7) == "\(stimulus.rawValue) #7")
    #expect(try dataset.example(at: 7).annotations.factors == all[7])
    #expect(try picture(dataset, 7) == picture(dataset, 7))
  }

  @Test func `are those that the papers have, but for the numbers of values`() throws {
    let counts = Stimulus.allCases.map { StimulusDataset($0, width: 4, height: 4).count }
    #expect(counts == [6 * 6 * 11, 12 * 4 * 4, 12 * 12])
  }

  /// From the darkness of the pixels: their sum is the area, their mean place the centre, and the
  /// mean squares of the distances are those of a rectangle.
  @Test(arguments: [(60, 60), (61, 44), (224, 224)])
  func `rectangles are where their factors say`(width: Int, height: Int) throws {
    let dataset = StimulusDataset(.rectangles, width: width, height: height)
    for index in stride(from: 0, to: dataset.count, by: 7) {
      let image = try picture(dataset, index)
      var (sum, across, down, acrossSquares, downSquares) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for y in 0..<height {
        for x in 0..<width {
          let dark = Double(255 - color(image, x, y)[0]) / 255
          let (px, py) = (Double(x) + 0.5, Double(y) + 0.5)
          (sum, across, down) = (sum + dark, across + dark * px, down + dark * py)
          acrossSquares += dark * px * px
          downSquares += dark * py * py
        }
      }
      let side = 4.0 / 15 * Double(min(width, height))
      #expect(abs(sum / (side * side) - 1) < 0.01)
      let (x, y) = (across / sum, down / sum)
      #expect(try abs(x / Double(width) - 0.5 - number(dataset, index, "x")) < 0.002)
      #expect(try abs(y / Double(height) - 0.5 - number(dataset, index, "y")) < 0.002)
      let spread = (acrossSquares / sum - x * x, downSquares / sum - y * y)
      let aspect = try number(dataset, index, "aspect")
      // Pixels that are covered in part add to the spread: up to 1/12 of a squared pixel or so.
      #expect(abs(spread.0 - side * side * aspect / 12) < 0.3)
      #expect(abs(spread.1 - side * side / aspect / 12) < 0.3)
      // White up to the border, black in the middle.
      #expect(color(image, 0, 0) == [255, 255, 255])
      #expect(color(image, Int(x), Int(y)) == [0, 0, 0])
    }
  }

  @Test func `colours have their hue, saturation and value`() throws {
    let dataset = StimulusDataset(.colors, width: 3, height: 2)
    for index in 0..<dataset.count {
      let image = try picture(dataset, index)
      let own = color(image, 0, 0)
      #expect((0..<6).allSatisfy { color(image, $0 % 3, $0 / 3) == own })
      let (r, g, b) = (Double(own[0]) / 255, Double(own[1]) / 255, Double(own[2]) / 255)
      let (high, low) = (max(r, g, b), min(r, g, b))
      // The usual definition of hue from the channels.
      let sector =
        high == r
        ? (g - b) / (high - low)
        : high == g ? 2 + (b - r) / (high - low) : 4 + (r - g) / (high - low)
      let hue = (60 * sector + 360).truncatingRemainder(dividingBy: 360)
      let error = abs(hue - (try number(dataset, index, "hue")))
      // The darkest and palest have 16 levels from least to greatest channel.
      #expect(min(error, 360 - error) < 3)
      #expect(try abs((high - low) / high - number(dataset, index, "saturation")) < 0.02)
      #expect(try abs(high - number(dataset, index, "value")) < 0.003)
    }
  }

  @Test(arguments: [(8, 8), (9, 6)])
  func `pairs are a square on a ground`(width: Int, height: Int) throws {
    let dataset = StimulusDataset(.colorPairs, width: width, height: height)
    let known = ["red": [255, 0, 0], "grey": [128, 128, 128], "yellow": [255, 255, 0]]
    var seen: [String: Set<[Int]>] = [:]
    for index in 0..<dataset.count {
      let (image, factors) = (
        try picture(dataset, index), try dataset.annotations(at: index).factors
      )
      guard case .word(let center) = factors["center"], case .word(let ground) = factors["surround"]
      else {
        Issue.record("no colours")
        continue
      }
      let (inside, outside) = (color(image, width / 2, height / 2), color(image, 0, height - 1))
      seen[center, default: []].insert(inside)
      seen[ground, default: []].insert(outside)
      if let expected = known[center] { #expect(inside == expected) }
      if let expected = known[ground] { #expect(outside == expected) }
      // A quarter of the area is of the centre.
      let mean = (0..<(width * height)).reduce(0.0) {
        $0 + Double(color(image, $1 % width, $1 / width)[0])
      }
      let wanted = Double(inside[0]) / 4 + 3 * Double(outside[0]) / 4
      #expect(abs(mean / Double(width * height) - wanted) < 0.6)
    }
    // Twelve colours, each its own.
    #expect(seen.count == 12 && seen.values.allSatisfy { $0.count == 1 })
    #expect(Set(seen.values).count == 12)
  }
}
