import Drawing
import Images
import TensorCore
import Testing

@Suite struct `Scalings` {
  @Test func `take their range from the finite numbers`() {
    let values: [Float] = [.nan, -1, 3, .infinity, 2, -.infinity]
    #expect(Scaling.full.range(of: values) == -1...3)
    #expect(Scaling.zeroBased.range(of: values) == 0...3)
    #expect(Scaling.symmetric.range(of: values) == -3...3)
    #expect(Scaling.fixed(5...6).range(of: values) == 5...6)
    #expect(Scaling.clipped(above: 0.5).range(of: values) == 0...2)
  }

  @Test(arguments: [4096, 4097, 20_000], [0, 0.5, 0.995, 1])
  func `clip many numbers where sorting them would`(count: Int, part: Double) {
    var random = SeededGenerator(seed: UInt64(count))
    for spread: Float in [1, 1e-20, 1e20] {
      var values = (0..<count).map { _ in spread * random.normal() }
      // Equal ones, and such as differ in their last bits only.
      for index in 0..<(count / 4) { values[4 * index] = Float(index % 2 == 0 ? 1 : 1.0000001) }
      let sorted = values.map(abs).sorted()
      let place = Int((part * Double(count - 1)).rounded())
      let end = sorted[place] > 0 ? sorted[place] : 1
      values.append(.nan)
      #expect(Scaling.clipped(above: part).range(of: values) == 0...end)
    }
  }

  @Test func `share one range among several sets`() {
    #expect(Scaling.full.range(ofAll: [[1, 2], [], [-4]]) == -4...2)
  }

  @Test(arguments: [Float(0), 1, -1, 1e-30, -3e38])
  func `keep the meaning of equal numbers`(value: Float) {
    let values = [value, value]
    for scaling in [Scaling.full, .zeroBased, .symmetric, .clipped(above: 0.99)] {
      let range = scaling.range(of: values)
      #expect(range.lowerBound < range.upperBound)
      #expect(range.contains(0))
    }
    if value == 0 { #expect(Scaling.full.range(of: values) == 0...1) }
    if value > 0 { #expect(Scaling.full.range(of: values) == 0...value) }
    if value < 0 { #expect(Scaling.full.range(of: values) == value...0) }
  }

  @Test func `give a range even without numbers`() {
    for values: [Float] in [[], [.nan, .nan]] {
      #expect(Scaling.full.range(of: values) == 0...1)
      #expect(Scaling.symmetric.range(of: values) == -1...1)
    }
  }
}

@Suite struct `Rasters` {
  @Test(arguments: 0..<8) func `become the colours of their numbers`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let map = [Colormap.viridis, .blueWhiteRed][seed % 2]
    let values = (0..<35).map { _ in 4 * random.uniform() - 2 }
    let image = Raster(width: 7, height: 5, values: values).image(map, range: -1...1.5)
    for (index, value) in values.enumerated() {
      let color = map((Double(value) + 1) / 2.5).bytes
      #expect(
        Array(image.pixels[4 * index..<4 * index + 4])
          == [color.red, color.green, color.blue, 255])
    }
  }

  @Test(arguments: [Float.leastNonzeroMagnitude, 1e-37, 3.4e38])
  func `survive ranges at the ends of what floats can say`(end: Float) {
    let raster = Raster(width: 3, height: 1, values: [-end, 0, end])
    let image = raster.image(.grey, scaling: .full)
    #expect(image.pixels[0] == 0 && image.pixels[4] == 128 && image.pixels[8] == 255)
  }

  @Test func `are cut from a tensor map by map`() {
    let maps = Raster.maps(of: (0..<12).map(Float.init), width: 2, height: 3)
    #expect(maps.map(\.values) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]])
    #expect(maps.allSatisfy { $0.width == 2 && $0.height == 3 })
  }

  @Test func `of colours keep zero mid-grey and the channels together`() {
    let image = ColorRaster(width: 1, height: 2, values: [0, 1, 0, -2, 0, 0]).image()
    #expect(image.pixels == [128, 128, 128, 255, 191, 0, 128, 255])
  }
}
