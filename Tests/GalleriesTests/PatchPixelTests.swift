import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of patches, pixel by pixel.
@Suite struct `Patch figures show` {
  /// Four crops of 2×2 pixels, all of different colours.
  private func colours(_ unit: Int, _ crop: Int) -> [Color] {
    distinctColors(4, from: 16 * unit + 4 * crop)
  }

  private func block(_ unit: Int, _ count: Int, name: String? = nil) -> PatchBlock {
    PatchBlock(
      unit: unit, name: name, crops: (0..<count).map { Image(colours(unit, $0), columns: 2) },
      values: (0..<count).map { 8 - 2 * Float($0) })
  }

  private func draw(_ blocks: [PatchBlock]) throws -> CaptionedFigure {
    let net = try network(filters: .random([3, 3, 2, 2], seed: 1), pictureSide: 8)
    return patchFigure(
      of: blocks, finding: TopActivationScan(net, layers: ["relu"]).findings()[0],
      layer: LayerDescription(of: "relu", in: net))
  }

  @Test func `a unit's patches row by row, the strongest first, each as it is`() throws {
    let figure = try draw([block(0, 4), block(1, 2, name: "bee"), block(2, 0)])
    let drawn = try SeenFigure(figure)
    let first = try (0..<4).map { try drawn.expectCells(colours(0, $0).map(\.self), columns: 2) }
    let second = try (0..<2).map { try drawn.expectCells(colours(1, $0).map(\.self), columns: 2) }
    // Two pixels apart.
    let step = first[0].width + 2
    for (index, patch) in first.enumerated() {
      #expect(patch.x == first[0].x + index % 3 * step && patch.y == first[0].y + index / 3 * step)
    }
    #expect(second[1].x == second[0].x + step && second[1].y == second[0].y)
    #expect(second[0].y == first[0].y && second[0].x > first[2].maxX)
    // Blocks have room for nine.
    let whole = Box(x: first[0].x, y: first[0].y, width: 3 * step - 2, height: 3 * step - 2)
    #expect(drawn.words(below: whole) == ["unit 0", "8 … 2"])
    let other = Box(x: second[0].x, y: whole.y, width: whole.width, height: whole.height)
    #expect(drawn.words(below: other) == ["bee", "8 … 6"])
    // The last is dead: its cross meets in the middle, a block further.
    let distance = second[0].x - first[0].x
    let dead = Box(x: other.x + distance, y: other.y, width: other.width, height: other.height)
    #expect(drawn.words(below: dead) == ["unit 2", "dead"])
    drawn.expectCross(in: dead, on: .white)
    // Patches may be white at their edges; the two blocks have two rows and one.
    let rows = [(first, 2), (second, 1)].map { patches, rows in
      Box(
        x: patches[0].x, y: patches[0].y, width: 3 * step - 2, height: rows * step - 2)
    }
    #expect(rows.allSatisfy { drawn.isFramed($0, in: Theme.outline) })
    try expectSnapshot(graphics(of: figure), named: "patches")
  }

  @Test func `what is outside the picture hatched`() throws {
    var cells = colours(0, 0)
    // The left half is outside.
    for cell in [0, 2] { cells[cell] = Color(grey: 0, alpha: 0) }
    let drawn = try SeenFigure(
      try draw([PatchBlock(unit: 0, crops: [Image(cells, columns: 2)], values: [1])]))
    let whole = try drawn.expectCells([nil, cells[1], nil, cells[3]], columns: 2)
    let left = Box(x: whole.x, y: whole.y, width: whole.width / 2, height: whole.height)
    #expect(drawn.hatchedShare(of: left) > 0.98)
  }

  @Test func `projections to the right of the patches, each at the place of its own`() throws {
    let block = PatchBlock(
      unit: 0, crops: (0..<4).map { Image(colours(0, $0), columns: 2) },
      projections: (0..<4).map { Image(colours(1, $0), columns: 2) }, values: [4, 3, 2, 1])
    let drawn = try SeenFigure(try draw([block]))
    let patches = try (0..<4).map { try drawn.expectCells(colours(0, $0).map(\.self), columns: 2) }
    let projections = try (0..<4).map {
      try drawn.expectCells(colours(1, $0).map(\.self), columns: 2)
    }
    // Patches are two pixels apart, the groups eight.
    let step = patches[0].width + 2
    for (patch, projection) in zip(patches, projections) {
      #expect(projection.x == patch.x + 3 * step + 6 && projection.y == patch.y)
      #expect(projection.width == patch.width)
    }
  }

  @Test func `projections on their own scale about mid-grey, in the order of colours`() {
    // Red up, green down, blue half up.
    let values: [Float] = [0, 2, 0, -2, 0, 1]
    let image = projectionImage(of: values, channels: 3, height: 1, width: 2)
    #expect(Array(image.pixels[0..<4]) == [128, 128, 128, 255])
    #expect(Array(image.pixels[4...]) == [255, 0, 191, 255])
    let swapped = projectionImage(of: values, channels: 3, height: 1, width: 2, isBlueFirst: true)
    #expect(Array(swapped.pixels[4...]) == [191, 0, 255, 255])
    #expect(
      projectionImage(of: [1, .nan, 1], channels: 3, height: 1, width: 1).pixels[3] == 0)
    let gray = projectionImage(of: [1, -1, 0.5, 0.5], channels: 2, height: 1, width: 2)
    #expect(gray.pixels == [255, 255, 255, 255, 85, 85, 85, 255])
  }

  @Test(.slow) func `a block of hatched patches for a unit without a finite value`() throws {
    let strange = PatchBlock(unit: 1, crops: [], values: [], isFinite: false)
    let drawn = try SeenFigure(try draw([block(0, 9), strange]))
    let patches = try (0..<9).map { try drawn.expectCells(colours(0, $0).map(\.self), columns: 2) }
    // A tile's outlines, and the gap between blocks.
    let step = patches[2].maxX - patches[0].x + 16
    let whole = patches[0].union(patches[8])
    let other = Box(x: whole.x + step, y: whole.y, width: whole.width, height: whole.height)
    #expect(drawn.words(below: other) == ["unit 1", "not finite"])
    for patch in patches {
      let box = Box(x: patch.x + step, y: patch.y, width: patch.width, height: patch.height)
      #expect(drawn.hatchedShare(of: box) > 0.98)
    }
  }

  @Test(.slow) func `layers side by side with their names above and a unit below the other`() throws
  {
    let layers = ["edges", "parts"].enumerated().map { index, name in
      (
        layer: LayerDescription(name: name, kind: "ReLU", unitCount: 2),
        blocks: [block(2 * index, 3), block(2 * index + 1, 1)]
      )
    }
    let figure = patchOverviewFigure(of: layers, pictureCount: 9)
    let drawn = try SeenFigure(figure)
    var columns: [Box] = []
    for (index, name) in ["edges", "parts"].enumerated() {
      let upper = try (0..<3).map {
        try drawn.expectCells(colours(2 * index, $0).map(\.self), columns: 2)
      }
      let lower = try drawn.expectCells(colours(2 * index + 1, 0).map(\.self), columns: 2)
      let whole = upper[0].union(upper[2])
      #expect(drawn.words(above: whole).contains(name))
      #expect(drawn.words(below: whole, within: 20) == ["unit \(2 * index)", "8 … 4"])
      #expect(lower.x == upper[0].x && lower.y > whole.maxY)
      columns.append(whole)
    }
    #expect(columns[0].maxX < columns[1].x && columns[0].y == columns[1].y)
    try expectSnapshot(graphics(of: figure), named: "patches-overview")
  }
}
