import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of receptive fields, pixel by pixel.
@Suite struct `Receptive field figures` {
  private func layer(_ name: String = "relu", units: Int = 4) -> LayerDescription {
    LayerDescription(name: name, kind: "ReLU", unitCount: units, mapSize: [7, 7], model: "net")
  }

  /// A field in a picture of 8 × 8 pixels, with the greatest gradient in the middle of 3 × 3.
  private func finding(
    rows: Range<Int> = -2..<7, columns: Range<Int> = 1..<6, units: [Int] = [0, 1, 2, 3],
    side: Int = 8, gradient: ((Int, Int) -> Float)? = nil, nonFinite: Int = 0,
    layer: String = "relu"
  ) -> EffectiveFieldFinding {
    let usual = { (row: Int, column: Int) -> Float in
      guard (2..<5).contains(row), (2..<5).contains(column) else { return 0 }
      return row == 3 && column == 3 ? 2 : 1
    }
    let value = gradient ?? usual
    return EffectiveFieldFinding(
      layer: layer, units: units, position: [0, 0],
      field: ReceptiveField(
        size: [rows.count, columns.count], stride: [1, 2],
        start: [rows.lowerBound, columns.lowerBound]),
      gradient: Tensor(
        shape: [side, side],
        (0..<(side * side)).map { value($0 / side, $0 % side) }),
      pictureCount: 5, nonFiniteCount: nonFinite)
  }

  private func draw(
    _ finding: EffectiveFieldFinding, layer own: LayerDescription? = nil
  ) -> CaptionedFigure {
    receptiveFieldFigure(
      of: finding, layer: own ?? layer(finding.layer),
      picture: Image.noise(finding.gradient.shape[1], finding.gradient.shape[0]), source: "a.png")
  }

  @Test func `outline what can be seen, and what is outside the picture is hatched`() throws {
    let figure = draw(finding())
    let seen = try SeenFigure(figure)
    let panels = seen.parts(of: Layers.self).map(\.frame)
    try #require(panels.count == 2)
    // Rows −2 to 7 and columns 0 to 7, each of 30 points.
    let picture = panels[0]
    #expect(picture.size == Size(width: 240, height: 300))
    for (x, y) in [(30.5, 135.0), (179.5, 135.0), (60.0, 0.5), (60.0, 269.5)] {
      #expect(seen.shows(Theme.highlight, at: Point(picture.x + x, picture.y + y)), "\(x), \(y)")
    }
    // Rows and columns 2 to 4, with rows −2 and −1 above.
    for (x, y) in [(60.5, 165.0), (149.5, 165.0), (105.0, 120.5), (105.0, 209.5)] {
      #expect(seen.shows(Theme.accent, at: Point(picture.x + x, picture.y + y)), "\(x), \(y)")
    }
    let above = Box(x: Int(picture.x) + 186, y: Int(picture.y) + 4, width: 50, height: 52)
    #expect(seen.hatchedShare(of: above) > 0.98)
    let inside = Box(x: Int(picture.x) + 186, y: Int(picture.y) + 64, width: 50, height: 200)
    #expect(seen.hatchedShare(of: inside) < 0.2)
    try expectSound(figure)
    try expectSnapshot(graphics(of: figure), named: "receptive-field")
  }

  @Test func `show the effective field at its pixels, relative to the greatest`() throws {
    let figure = draw(finding())
    let seen = try SeenFigure(figure)
    let map = try #require(seen.parts(of: Layers.self).last).frame
    // Rows −3 to 7 and columns 0 to 6, each of 27 points.
    #expect(map.size == Size(width: 189, height: 297))
    func center(_ row: Int, _ column: Int) -> Point {
      Point(map.x + 27 * (Double(column) + 0.5), map.y + 27 * (Double(row) + 3.5))
    }
    for row in 0..<8 {
      for column in 0..<7 {
        let isInside = (2..<5).contains(row) && (2..<5).contains(column)
        let share = row == 3 && column == 3 ? 1 : isInside ? 0.5 : 0
        #expect(
          seen.shows(Colormap.viridis(share), at: center(row, column)), "\(row), \(column)")
      }
    }
    let above = Box(x: Int(map.x) + 58, y: Int(map.y) + 58, width: 66, height: 20)
    #expect(seen.hatchedShare(of: above) > 0.98)
    try seen.expectBar(.viridis, 0...1)
  }

  @Test func `say sizes and shares`() throws {
    let figure = draw(finding())
    let labels = figure.body.labels
    #expect(labels.contains("field: 9×5") && labels.contains("95 % rectangle: 3×3"))
    #expect(labels.contains("22.2 % outside the picture"))
    #expect(labels.contains("mean of 5 pictures"))
    #expect(
      figure.subtitle == "net · relu: ReLU · 4 maps of 7×7 · sees 9×5 pixels · a.png")
    #expect(figure.caption.contains("the 9×5 pixels that the activations at position (0, 0)"))
    #expect(figure.caption.contains("; 22.2 % of them are outside the picture (hatched)."))
    #expect(figure.caption.contains("averaged over 5 pictures and all 4 units"))
    #expect(figure.caption.contains("1 is 2."))
    #expect(
      figure.caption.contains("the rectangle of 3×3 pixels with 95 % of the squared gradient"))
    #expect(figure.caption.contains("20 % of what the position can depend on."))
    #expect(figure.caption.contains("Luo et al. 2016"))
    #expect(figure.layer == "relu" && figure.units.isEmpty)
    let one = draw(finding(units: [2], nonFinite: 1))
    #expect(one.title == "Receptive field of unit 2 of relu" && one.units == [2])
    #expect(!one.caption.contains("random signs"))
    #expect(one.caption.contains("1 picture is left out because its gradient is not finite."))
  }

  @Test func `say that branches see less`() throws {
    func field(_ side: Int) -> ReceptiveField {
      ReceptiveField(size: [side, side], stride: [1, 1], start: [-side / 2, -side / 2])
    }
    let whole = ReceptiveField(
      size: [5, 5], stride: [1, 1], start: [-2, -2],
      branches: [.init(units: 0..<2, field: field(1)), .init(units: 2..<4, field: field(5))])
    let own = LayerDescription(
      name: "relu", kind: "ReLU", unitCount: 4, mapSize: [7, 7], field: whole)
    #expect(
      draw(finding(), layer: own).caption
        .contains("Not all units see all of it: their fields are of 1×1 to 5×5 pixels."))
    #expect(!draw(finding(units: [2, 3]), layer: own).caption.contains("Not all units"))
  }

  @Test func `of nothing say so`() throws {
    let figure = draw(finding(gradient: { _, _ in 0 }))
    #expect(figure.caption.contains("No effective field: the gradient is zero in all pictures."))
    #expect(figure.body.labels.contains("the gradient is zero"))
    try expectSound(figure)
  }

  @Test(
    .slow,
    arguments: [
      (0..<1, 0..<1, 1), (-1..<2, -1..<2, 1), (100..<103, 100..<103, 224),
      (-50..<300, 0..<224, 224),
      (-(1 << 40)..<(1 << 40), 3..<4, 32), (0..<1, -5..<40, 33), (90..<95, 2..<9, 96),
    ])
  func `fit any field`(rows: Range<Int>, columns: Range<Int>, side: Int) throws {
    for name in ["relu", longName] {
      let found = finding(
        rows: rows, columns: columns, side: side,
        gradient: { row, column in
          rows.contains(row) && columns.contains(column) ? Float(1 + (row + column) % 3) : 0
        }, layer: name)
      let figure = draw(found)
      try expectSound(figure)
      let isCut = rows.count > 1000
      #expect(figure.caption.contains("not all of them are shown") == isCut)
    }
  }

  // MARK: Tables

  private func row(_ name: String, box: Bool = true) -> ReceptiveFieldRow {
    ReceptiveFieldRow(
      finding(gradient: box ? nil : { _, _ in 0 }, layer: name), layer: layer(name),
      own: LayerCost(parameters: box ? 1792 : 0, multiplyAdds: 86_704_128),
      total: LayerCost(parameters: 38_720, multiplyAdds: 1_936_392_192))
  }

  @Test func `in numbers are a table`() throws {
    let figure = receptiveFieldTable(of: [row("relu1"), row("relu2", box: false)])
    let table = try #require(figure.body as? WordTable)
    #expect(
      table.labels == [
        "field", "stride", "offset", "effective", "parameters", "multiply-adds",
        "relu1 (4 maps of 7×7)", "relu2 (4 maps of 7×7)",
      ])
    #expect(
      table.cells[0].map(\.lines) == [
        ["9×5", "22.2 % outside"], ["1×2"], ["−2, 1"], ["3×3", "20 %"],
        ["1,792", "38,720 in all"], ["86,704,128", "1,936,392,192 in all"],
      ])
    for (column, cell) in table.cells[0].enumerated() {
      #expect(column == 3 ? abs((cell.tint ?? 0) - 0.2) < 1e-9 : cell.tint == nil)
    }
    #expect(table.cells[1][3] == .init(["none"], tint: nil))
    #expect(table.cells[1][4].lines == ["–", "38,720 in all"])
    #expect(figure.subtitle == "net · 2 layers · 5 pictures")
    #expect(figure.layer == nil)
    try expectSound(figure)
    try expectSnapshot(graphics(of: figure), named: "receptive-field-table")
  }

  @Test(.slow) func `of hundreds of layers fit a picture`() throws {
    let figure = receptiveFieldTable(of: (0..<400).map { row("\($0) \(longName)") })
    #expect(figure.caption.contains("Shown are the first 300 of 400 layers."))
    #expect(figure.sheet.size.height < 16_000)
    try expectSound(figure)
  }

  private func stack(
    _ windows: [[Int]], groups: Int = 1, dilation: Int = 1, name: String = "conv"
  ) -> ConvolutionStack {
    ConvolutionStack(
      windows.enumerated().map { index, window in
        .init(
          layer: "\(name)\(index)", window: window, dilation: [dilation, dilation], groups: groups,
          inputs: 16, outputs: 16)
      })
  }

  @Test func `of stacks are those of single filters`() throws {
    let figure = convolutionStackTable(
      of: [
        stack([[3, 3], [3, 3]]), stack([[1, 7], [7, 1]], name: "factor"),
        stack([[3, 3], [3, 3]], dilation: 2, name: "atrous"),
        stack([[3, 3], [5, 5]], groups: 4, name: "grouped"),
      ], model: "net")
    let table = try #require(figure.body as? WordTable)
    #expect(table.labels.contains("conv0 … conv1") && table.labels.contains("factor0 … factor1"))
    #expect(
      table.cells.map { $0.map(\.lines) } == [
        [["2 of 3×3"], ["5×5"], ["18/25 = 72 %"], ["4,608 in the stack", "6,400 in one"]],
        [
          ["1×7", "7×1"], ["7×7"], ["14/49 = 28.6 %"],
          ["3,584 in the stack", "12,544 in one"],
        ],
        [
          ["2 of 3×3, dilation 2"], ["5×5, dilation 2"], ["18/25 = 72 %"],
          ["4,608 in the stack", "6,400 in one"],
        ],
        [
          ["3×3, 4 groups", "5×5, 4 groups"], ["7×7, 4 groups"], ["–"],
          ["2,176 in the stack", "3,136 in one"],
        ],
      ])
    let tints: [Double?] = [18.0 / 25, 14.0 / 49, 18.0 / 25, nil]
    #expect(table.cells.map { $0[2].tint } == tints)
    #expect(figure.caption.contains("Simonyan and Zisserman 2015"))
    #expect(figure.caption.contains("left out where filters have groups"))
    #expect(figure.subtitle == "net · 4 stacks")
    try expectSound(figure)
    try expectSnapshot(graphics(of: figure), named: "convolution-stacks")
  }

  @Test func `of long stacks stay short`() throws {
    let windows = (0..<30).map { [1 + $0 % 5, 3] }
    let figure = convolutionStackTable(of: [stack(windows, name: longName)])
    let table = try #require(figure.body as? WordTable)
    #expect(table.cells[0][0].lines.last == "and 27 more")
    try expectSound(figure)
  }
}
