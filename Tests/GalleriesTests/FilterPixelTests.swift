import Analysis
import Drawing
import Galleries
import TensorCore
import TestSupport
import Testing

/// What is drawn of weights, pixel by pixel.
@Suite struct `Filter figures show` {
  private let red = Color(hex: 0xFF0000)
  private let green = Color(hex: 0x00FF00)
  private let blue = Color(hex: 0x0000FF)
  private let yellow = Color(hex: 0xFFFF00)
  private let cyan = Color(hex: 0x00FFFF)
  private let magenta = Color(hex: 0xFF00FF)

  private func draw(
    _ filters: Tensor, scale: FilterScale? = nil, isBlueFirst: Bool = false
  ) throws -> CaptionedFigure {
    let net = try network(filters: filters)
    return filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "conv"),
      layer: LayerDescription(of: "conv", in: net), scale: scale, isBlueFirst: isBlueFirst)
  }

  /// Two filters of 2×3 pixels: red, green, blue above yellow, cyan, magenta at full strength; and
  /// six paler colours.
  private var colourFilters: Tensor {
    let pixels: [[[Float]]] = [
      [[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [1, 1, -1], [-1, 1, 1], [1, -1, 1]],
      [
        [0.5, 0.25, -0.5], [-0.5, 0.5, 0.25], [0, 0.5, -0.25], [0.5, -0.25, 0], [0, -0.5, 0.25],
        [-0.25, 0, 0.5],
      ],
    ]
    return Tensor(
      shape: [2, 3, 2, 3],
      pixels.flatMap { pixels in (0..<3).flatMap { c in pixels.map { $0[c] } } })
  }

  private var fullColours: [Color] { [red, green, blue, yellow, cyan, magenta] }

  @Test func `weights on red, green and blue as these colours, one filter after the other`() throws
  {
    let figure = try draw(colourFilters, scale: .joint)
    let seen = try SeenFigure(figure)
    let first = try seen.expectCells(fullColours, columns: 3)
    // ½ is three quarters of the way from −1 to 1.
    let second = try seen.expectCells(
      [0xBF9F40, 0x40BF9F, 0x80BF60, 0xBF6080, 0x80409F, 0x6080BF].map { Color(hex: $0) },
      columns: 3)
    #expect(second.y == first.y && second.x > first.maxX && second.width == first.width)
    #expect(seen.words(below: first) == ["0"] && seen.words(below: second) == ["1"])
    try expectSnapshot(graphics(of: figure), named: "filters-colour")
  }

  @Test func `each filter up to its own greatest weight, which is written below`() throws {
    let seen = try SeenFigure(try draw(colourFilters))
    let first = try seen.expectCells(fullColours, columns: 3)
    let second = try seen.expectCells(
      [0xFFBF00, 0x00FFBF, 0x80FF40, 0xFF4080, 0x8000BF, 0x4080FF].map { Color(hex: $0) },
      columns: 3)
    #expect(seen.words(below: first) == ["0", "±1"])
    #expect(seen.words(below: second) == ["1", "±0.5"])
  }

  @Test func `the first channel as blue if the network reads blue first`() throws {
    let seen = try SeenFigure(
      try draw(colourFilters, scale: .joint, isBlueFirst: true))
    try seen.expectCells([blue, green, red, cyan, yellow, magenta], columns: 3)
  }

  @Test func `a pixel that is not finite hatched, and no other`() throws {
    var numbers = colourFilters.elements
    // The green of the last pixel of the first row.
    numbers[6 + 2] = .nan
    let seen = try SeenFigure(
      try draw(Tensor(shape: [2, 3, 2, 3], numbers), scale: .joint))
    let whole = try seen.expectCells([red, green, nil, yellow, cyan, magenta], columns: 3)
    let side = whole.width / 3
    let missing = Box(x: whole.x + 2 * side, y: whole.y, width: side, height: side)
    #expect(seen.hatchedShare(of: missing) > 0.98)
  }

  @Test func `dead filters crossed out and doubles with a corner`() throws {
    let flat = { (values: [Float]) -> [Float] in values.flatMap { [$0, $0, $0, $0] } }
    // Red, nothing, and red again a little paler.
    let values = flat([1, -1, -1]) + flat([0, 0, 0]) + flat([0.9, -0.9, -0.9])
    let seen = try SeenFigure(
      try draw(Tensor(shape: [3, 3, 2, 2], values), scale: .joint))
    let frames = seen.areas(of: Theme.highlight, isSolid: false)
    try #require(frames.count == 2)
    for (frame, filter) in zip(frames, ["0", "2"]) {
      #expect(seen.words(below: frame) == [filter])
      // The top right corner is filled, and none of the other three.
      #expect(seen.shows(Theme.highlight, frame.maxX - 4, frame.y + 3))
      #expect(!seen.shows(Theme.highlight, frame.x + 4, frame.y + 4))
      #expect(!seen.shows(Theme.highlight, frame.maxX - 5, frame.maxY - 5))
      #expect(!seen.shows(Theme.highlight, frame.x + 4, frame.maxY - 5))
    }
    // Above the number 1, mid-grey under a cross whose arms meet in the middle.
    let number = try #require(
      seen.parts(of: Text.self).first { $0.content.lines == ["1"] }
    ).frame
    let first = try #require(
      seen.parts(of: Text.self).first { $0.content.lines == ["0"] }
    ).frame
    let middle = Point(
      number.center.x, frames[0].middle.y + number.y - first.y)
    let away = Double(frames[0].width) / 4
    for (x, y) in [(0, 0), (-1, -1), (1, 1), (-1, 1), (1, -1)] {
      let point = Point(middle.x + Double(x) * away, middle.y + Double(y) * away)
      #expect(seen.shows(Theme.secondaryText, near: point, tolerance: 60), "(\(x), \(y))")
    }
    for (x, y) in [(0, -1), (0, 1), (-1, 0), (1, 0)] {
      let point = Point(middle.x + Double(x) * away, middle.y + Double(y) * away)
      #expect(seen.shows(Color(hex: 0x808080), at: point), "(\(x), \(y))")
    }
  }

  @Test func `weights of one channel in red and blue, with a bar to their greatest`() throws {
    let values: [Float] = [1, -1, 0.5, -0.5, 0.25, -0.25, 0.75, -0.75, 0.875, -0.875, 0.625, 0.375]
    let figure = try draw(Tensor(shape: [2, 1, 2, 3], values))
    let seen = try SeenFigure(figure)
    let colours = values.map { Colormap.blueWhiteRed(Double($0 + 1) / 2) }
    let first = try seen.expectCells(Array(colours[..<6]), columns: 3)
    let second = try seen.expectCells(Array(colours[6...]), columns: 3)
    #expect(second.y == first.y && second.x > first.maxX)
    let plus = colours[0].bytes
    #expect(plus.red > plus.blue)
    try seen.expectBar(.blueWhiteRed, -1...1)
    try expectSnapshot(graphics(of: figure), named: "filters-signed")
  }

  @Test func `a deeper layer's filters as rows and its channels as columns`() throws {
    // One weight for each pair, at the top right of a window of zeros.
    let values: [Float] = [1, -0.3, 0.6, 0.7, -0.5, 0.4]
    let figure = try draw(Tensor(shape: [3, 2, 2, 2], values.flatMap { [0, $0, 0, 0] }))
    let seen = try SeenFigure(figure)
    let cells = try values.map { try seen.area(of: Colormap.blueWhiteRed(Double($0 + 1) / 2)) }
    for (index, cell) in cells.enumerated() {
      let (row, column) = (index / 2, index % 2)
      #expect(cell.x - cells[column].x == 0 && cell.y - cells[2 * row].y == 0)
      // White to the left and below, within the tile.
      let side = cell.width
      #expect(seen.shows(.white, cell.x - side / 2, cell.y + side / 2))
      #expect(seen.shows(.white, cell.x + side / 2, cell.maxY + side / 2))
      let tile = Box(
        x: cell.x - side, y: cell.y, width: 2 * side, height: 2 * side)
      #expect(seen.words(leftOf: tile).contains("\(row)"))
      if row == 0 { #expect(seen.words(above: tile, within: 12) == ["\(column)"]) }
    }
    #expect(cells[1].x > cells[0].maxX && cells[2].y > cells[0].maxY && cells[4].y > cells[2].maxY)
    try seen.expectBar(.blueWhiteRed, -1...1)
    try expectSnapshot(graphics(of: figure), named: "filters-rows")
  }

  @Test func `windows of one weight as a matrix, filters from the top, channels from the left`()
    throws
  {
    let values: [Float] = [1, -1, 0.5, -0.5, 0.25, -0.25, 0.75, -0.75]
    let figure = try draw(Tensor(shape: [2, 4, 1, 1], values))
    let seen = try SeenFigure(figure)
    seen.expectCells(
      values.map { Colormap.blueWhiteRed(Double($0 + 1) / 2) }, columns: 4,
      in: try seen.place(of: Picture.self))
    try seen.expectBar(.blueWhiteRed, -1...1)
    try expectSnapshot(graphics(of: figure), named: "filters-matrix")
  }
}
