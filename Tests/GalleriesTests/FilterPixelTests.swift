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
    _ filters: Tensor, scale: FilterScale? = nil, units: [Int] = [], inputChannels: Int? = nil,
    isBlueFirst: Bool = false
  ) throws -> CaptionedFigure {
    let net = try network(filters: filters)
    return filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "conv"),
      layer: LayerDescription(of: "conv", in: net), scale: scale, units: units,
      inputChannels: inputChannels, isBlueFirst: isBlueFirst)
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
    // The least weight of the second is nearer to zero than its greatest.
    let weights = colourFilters.elements.enumerated().map { $0 < 18 ? $1 : max($1, -0.375) }
    let seen = try SeenFigure(try draw(Tensor(shape: [2, 3, 2, 3], weights)))
    let first = try seen.expectCells(fullColours, columns: 3)
    let second = try seen.expectCells(
      [0xFFBF20, 0x20FFBF, 0x80FF40, 0xFF4080, 0x8020BF, 0x4080FF].map { Color(hex: $0) },
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
    try seen.expectHatchingExplained()
  }

  @Test func `chosen filters in their order`() throws {
    let colour = try SeenFigure(try draw(colourFilters, units: [1]))
    let tile = try colour.expectCells(
      [0xFFBF00, 0x00FFBF, 0x80FF40, 0xFF4080, 0x8000BF, 0x4080FF].map { Color(hex: $0) },
      columns: 3)
    #expect(colour.words(below: tile) == ["1", "±0.5"])

    let weights: [Float] = [1, 0.5, -0.75, 0.25, -0.5, 0.75]
    let colours = weights.map { Colormap.blueWhiteRed(Double($0 / 0.75 + 1) / 2) }
    let signed = try SeenFigure(try draw(Tensor(shape: [3, 1, 1, 2], weights), units: [2, 1]))
    let last = try signed.expectCells([colours[4], nil], columns: 2)
    let middle = try signed.expectCells([colours[2], colours[3]], columns: 2)
    #expect(last.y == middle.y && last.maxX < middle.x)
    #expect(signed.words(below: last) == ["2"] && signed.words(below: middle) == ["1"])

    // The same weights as two channels, each beside a zero.
    let rows = try SeenFigure(
      try draw(Tensor(shape: [3, 2, 1, 2], weights.flatMap { [$0, 0] }), units: [2, 1]))
    let cells = try [4, 5, 2, 3].map { try rows.area(of: colours[$0]) }
    for (cell, number) in zip(cells, ["2", "2", "1", "1"]) {
      #expect(rows.words(leftOf: cell).contains(number))
    }
    #expect(cells[0].x < cells[1].x && cells[2].x < cells[3].x && cells[0].y < cells[2].y)
  }

  @Test func `dead filters crossed out and doubles with a corner`() throws {
    let flat = { (values: [Float]) -> [Float] in values.flatMap { [$0, $0, $0, $0] } }
    // Red, blue, red again a little paler, and nothing. No weight is −1: with a scale that is not
    // symmetric, nothing would not be mid-grey.
    let values =
      flat([1, -0.5, -0.5]) + flat([-0.5, -0.5, 1]) + flat([0.9, -0.45, -0.45]) + flat([0, 0, 0])
    let seen = try SeenFigure(
      try draw(Tensor(shape: [4, 3, 2, 2], values), scale: .joint))
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
    // The fourth, below the second, is mid-grey under its cross.
    let second = try seen.area(of: Color(hex: 0x4040FF))
    let dead = Box(
      x: second.x, y: frames[1].y + 2, width: second.width, height: second.height)
    #expect(seen.words(below: dead) == ["3"])
    seen.expectCross(in: dead, on: Color(hex: 0x808080))
  }

  @Test func `weights of one channel in red and blue, with a bar to their greatest`() throws {
    let values: [Float] = [1, -1, 0.5, -0.5, 0.25, -0.25, 0.75, -0.75, 0.875, -0.875, 0.625, 0.375]
    let figure = try draw(Tensor(shape: [2, 1, 2, 3], values))
    let seen = try SeenFigure(figure)
    let colours = values.map { Colormap.blueWhiteRed(Double($0 + 1) / 2) }
    let first = try seen.expectCells(Array(colours[..<6]), columns: 3)
    let second = try seen.expectCells(Array(colours[6...]), columns: 3)
    #expect(second.y == first.y && second.x > first.maxX)
    #expect(seen.words(below: first) == ["0"] && seen.words(below: second) == ["1"])
    // Filters may be white at their edges.
    #expect(seen.isFramed(first, in: Theme.outline) && seen.isFramed(second, in: Theme.outline))
    let plus = colours[0].bytes
    #expect(plus.red > plus.blue)
    try seen.expectBar(.blueWhiteRed, -1...1)
    try expectSnapshot(graphics(of: figure), named: "filters-signed")
  }

  @Test func `filters of one channel up to their own greatest weights`() throws {
    let first: [Float] = [1, -0.5, 0.25, -0.75]
    // The greatest magnitude is that of a negative weight.
    let second: [Float] = [0.625, -1, 0.875, -0.3]
    let seen = try SeenFigure(
      try draw(
        Tensor(shape: [3, 1, 2, 2], first + second.map { 0.4 * $0 } + [0, 0, 0, 0]),
        scale: .perFilter))
    let boxes = try [first, second].map { values in
      try seen.expectCells(
        values.map { Colormap.blueWhiteRed(Double($0 + 1) / 2) }, columns: 2)
    }
    #expect(seen.words(below: boxes[0]) == ["0", "±1"])
    #expect(seen.words(below: boxes[1]) == ["1", "±0.4"])
    let step = boxes[1].x - boxes[0].x
    let dead = Box(
      x: boxes[1].x + step, y: boxes[1].y, width: boxes[1].width, height: boxes[1].height)
    #expect(seen.words(below: dead) == ["2", "0"])
    seen.expectCross(in: dead, on: .white)
    try seen.expectBar(.blueWhiteRed, -1...1)
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
      #expect(seen.isFramed(tile, in: Theme.outline))
      #expect(seen.words(leftOf: tile).contains("\(row)"))
      if row == 0 { #expect(seen.words(above: tile, within: 12) == ["\(column)"]) }
    }
    #expect(cells[1].x > cells[0].maxX && cells[2].y > cells[0].maxY && cells[4].y > cells[2].maxY)
    try seen.expectBar(.blueWhiteRed, -1...1)
    try expectSnapshot(graphics(of: figure), named: "filters-rows")
  }

  @Test func `of many channels those of the greatest norm, the greatest first`() throws {
    // Three channels of each filter, and nothing of the other 27 or of the third filter.
    let weights: [[(channel: Int, weight: Float)]] = [
      [(7, 2), (29, -0.75), (3, 0.5)], [(5, -1), (11, 0.875), (2, -0.625)],
    ]
    var values = [Float](repeating: 0, count: 3 * 30 * 2)
    for (filter, weights) in weights.enumerated() {
      for (channel, weight) in weights { values[2 * (30 * filter + channel)] = weight }
    }
    let seen = try SeenFigure(try draw(Tensor(shape: [3, 30, 1, 2], values), inputChannels: 24))
    var starts: [Box] = []
    for (filter, weights) in weights.enumerated() {
      // A single greatest weight is beyond the scale, and has its darkest colour.
      let cells = try weights.map {
        try seen.area(of: Colormap.blueWhiteRed(Double(min($0.weight, 1) + 1) / 2))
      }
      #expect(cells[0].x < cells[1].x && cells[1].x < cells[2].x)
      #expect(cells[0].y == cells[1].y && cells[1].y == cells[2].y)
      for (cell, (channel, _)) in zip(cells, weights) {
        let tile = Box(x: cell.x, y: cell.y, width: 2 * cell.width, height: cell.height)
        #expect(seen.words(below: tile, within: 16) == ["\(channel)"])
        #expect(seen.words(leftOf: tile).contains("\(filter)"))
      }
      starts.append(
        Box(x: cells[0].x, y: cells[0].y, width: 2 * cells[0].width, height: cells[0].height))
    }
    try seen.expectBar(.blueWhiteRed, -1...1)
    let dead = Box(
      x: starts[1].x, y: 2 * starts[1].y - starts[0].y, width: starts[1].width,
      height: starts[1].height)
    #expect(seen.words(leftOf: dead).contains("2 dead"))
    seen.expectCross(in: dead, on: .white)
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
