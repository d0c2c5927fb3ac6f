import Drawing
import Images
import TestSupport
import Testing

@Suite struct `Orientation plots` {
  private func plot(_ marks: [(Double, Double)], radius: Double = 260) -> OrientationPlot {
    OrientationPlot(
      title: "Orientation",
      marks.map {
        .init(orientation: $0.0, distance: $0.1, weight: 1, style: ClassStyle(index: 1))
      }, label: "frequency (cycles per pixel)", greatest: 0.5, radius: radius)
  }

  @Test(arguments: [120.0, 200, 260, 400])
  func `keep everything apart and inside`(radius: Double) throws {
    try expectTidy(plot([(0, 0.5), (180, 0.5), (90, 0.5), (45, 0), (179.9, 0.01)], radius: radius))
    try expectTidy(plot([], radius: radius))
    try expectTidy(
      MarkSizes([0.0, 0.25, 1, 7, .nan].map { (weight: $0, name: "\($0)") }))
  }

  @Test func `marks that have no place are left out`() throws {
    let bad = [(Double.nan, 0.2), (30, .nan), (30, 0.6), (30, -0.1), (.infinity, 0.1)]
    #expect(try plot(bad).render() == plot([]).render())
    #expect(try plot([(30, 0.2)]).render() != plot([]).render())
  }

  @Test func `90° is at the top, and angles grow anticlockwise`() throws {
    let empty = try plot([]).render()
    for (orientation, right, up) in [(0.0, 1.0, 0.0), (90, 0, 1), (180, -1, 0), (45, 0.707, 0.707)]
    {
      let image = try plot([(orientation, 0.25)]).render()
      let changed = (0..<(image.width * image.height)).filter { pixel in
        let bytes = (4 * pixel)..<(4 * pixel + 3)
        return image.pixels[bytes] != empty.pixels[bytes]
      }
      try #require(!changed.isEmpty)
      let count = Double(changed.count)
      let x = Double(changed.reduce(0) { $0 + $1 % image.width }) / count
      let y = Double(changed.reduce(0) { $0 + $1 / image.width }) / count
      // The margin is 52 points; the title is one line.
      #expect(abs(x - (52 + 260 + 130 * right)) < 3, "\(orientation)°: \(x)")
      let base = y + 130 * up
      #expect((300...360).contains(base), "\(orientation)°: \(y)")
    }
  }
}
