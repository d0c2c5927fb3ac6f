import Analysis
import Drawing
import Galleries
import Images
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn on a unit's sheet, pixel by pixel.
@Suite struct `Unit sheets show` {
  /// Pictures of 6×6 pixels, of which only one pixel is 1, seen by a 3×3 convolution without
  /// padding that reads the middle of its window.
  private func network() throws -> Network {
    var filter = [Float](repeating: 0, count: 9)
    filter[4] = 1
    return try GalleriesTests.network(
      filters: Tensor(shape: [1, 1, 3, 3], filter), pictureSide: 6)
  }

  private func sheet(_ strengths: [Float], at pixel: (row: Int, column: Int)) throws -> UnitSheet {
    let network = try network()
    let pictures = Tensor(
      shape: Shape([strengths.count, 1, 6, 6]),
      strengths.flatMap { strength -> [Float] in
        var picture = [Float](repeating: 0, count: 36)
        picture[6 * pixel.row + pixel.column] = strength
        return picture
      })
    let scan = UnitScan(network, layer: "relu", units: [0])
    let recording = network.record(pictures)
    scan.observe(recording, pictures: Array(strengths.indices))
    let finding = scan.findings()[0]
    var sheet = UnitSheet(
      finding, layer: LayerDescription(of: "relu", in: network),
      strongest: block(finding.strongest(2), from: 0))
    sheet.samples = finding.samples(1, at: [0], without: 2).map {
      ($0.quantile, block($0.excitations, from: 16))
    }
    let map = recording["relu"].arranged(as: .rowMajor).rows(0..<1).reshaped(to: [4, 4])
    sheet.maps = [
      .init(
        picture: Image([Color](repeating: .white, count: 36), columns: 6), map: map)
    ]
    return sheet
  }

  /// Crops of 2×2 pixels, all of different colours.
  private func block(_ excitations: [Excitation], from first: Int) -> PatchBlock {
    PatchBlock(
      unit: 0,
      crops: excitations.indices.map { Image(distinctColors(4, from: first + 4 * $0), columns: 2) },
      values: excitations.map(\.value))
  }

  @Test(arguments: [(1, 1), (2, 3), (4, 4)])
  func `each cell of a map over the pixel that it is of`(row: Int, column: Int) throws {
    let figure = try unitFigure(of: sheet([3, 1, 2, 0], at: (row, column)))
    try expectSound(figure)
    let drawn = try SeenFigure(figure)
    let frame = try drawn.place(of: Overlay.self)
    let side = frame.width / 6
    #expect(side == 33)
    let light = Overlay.light(of: .inferno)
    for (down, across) in [(0, 0), (0, 5), (1, 1), (1, 4), (2, 3), (3, 2), (4, 4), (5, 3)] {
      // No cell is around the pixels at the picture's edge.
      let isInside = (1...4).contains(down) && (1...4).contains(across)
      for (x, y) in [(0.05, 0.05), (0.95, 0.95), (0.5, 0.5)] {
        let point = Point(
          frame.x + (Double(across) + x) * side, frame.y + (Double(down) + y) * side)
        let isLit = drawn.shows(light(1), at: point)
        #expect(isLit == (down == row && across == column), "\(down), \(across)")
        #expect(
          drawn.shows(light(0), at: point) == (isInside && !isLit), "\(down), \(across)")
      }
    }
    let corner = Box(x: Int(frame.x), y: Int(frame.y), width: 33, height: 33)
    #expect(drawn.hatchedShare(of: corner) > 0.98)
    #expect(figure.caption.contains("hatched where there is no cell"))
  }

  @Test func `patches, a histogram of the active pictures and the classes`() throws {
    var sheet = try sheet([8, 8, 8, 4, 4, 2, 1, 0, 0, 0], at: (2, 2))
    sheet.classes = [.init("bee", mean: 4), .init("ant", mean: 1)]
    let figure = unitFigure(of: sheet)
    try expectSound(figure)
    let drawn = try SeenFigure(figure)
    for index in 0..<2 {
      try drawn.expectCells(distinctColors(4, from: 4 * index).map(\.self), columns: 2)
    }
    let weak = try drawn.expectCells(distinctColors(4, from: 16).map(\.self), columns: 2)
    #expect(drawn.parts(of: Text.self).contains { $0.content.lines == ["the weakest"] })
    #expect(weak.width == 84)
    // Three pictures in the last bar, two in the middle.
    let plot = try #require(try drawn.plots(of: Histogram.self).first)
    let width = plot.area.width / 40
    for (value, count) in [(1.0, 1.0), (2, 1), (4, 2), (7.9, 3)] {
      let center = plot.area.x + (((value + 0.01) / 8 * 40).rounded(.down) + 0.5) * width
      let top = plot.place(Point(value, count)).y
      #expect(drawn.shows(Theme.accent, at: Point(center, top + 2)), "\(value)")
      #expect(!drawn.shows(Theme.accent, at: Point(center, top - 2)), "\(value)")
    }
    #expect(
      figure.caption.contains("Histogram: without the 3 pictures, 30 %, that do not activate"))
    #expect(figure.body.labels.contains("bee") && figure.body.labels.contains("ant"))
    #expect(figure.title == "Unit 0 of relu" && figure.units == [0])
    try expectSnapshot(graphics(of: figure), named: "unit-sheet")
  }

  @Test func `that nothing activates a dead unit`() throws {
    var sheet = try sheet([0, 0], at: (2, 2))
    sheet.maps = []
    let figure = unitFigure(of: sheet)
    try expectSound(figure)
    #expect(figure.body.labels.contains("No picture activates this unit."))
    #expect(figure.caption.contains("None of 2 pictures activates the unit."))
  }
}

@Suite struct `Placed maps` {
  @Test func `have their edges at half pixels`() {
    // Windows of 3 at a stride of 2, without padding, on 6 pixels: centres at 1.5 and 3.5.
    let raster = Raster(width: 2, height: 1, values: [5, 7])
    let placed = raster.placed(
      on: CellGrid(firstCenter: Point(1.5, 0.5), cell: Size(width: 2, height: 1)),
      pictureWidth: 6, pictureHeight: 1)
    #expect(placed.width == 12 && placed.height == 2)
    let row = Array(placed.values[0..<12])
    #expect(row.map { $0.isNaN ? 0 : $0 } == [0, 5, 5, 5, 5, 7, 7, 7, 7, 0, 0, 0])
    #expect(Array(placed.values[12..<24]).map(\.bitPattern) == row.map(\.bitPattern))
  }

  @Test func `of a single cell cover the picture`() {
    let placed = Raster(width: 1, height: 1, values: [3]).placed(
      on: CellGrid(firstCenter: Point(1, 1), cell: .zero), pictureWidth: 2, pictureHeight: 2)
    #expect(placed.values == [Float](repeating: 3, count: 16))
  }
}
