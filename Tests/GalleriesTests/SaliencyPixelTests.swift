import Analysis
import Drawing
import Foundation
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of a map, pixel by pixel.
@Suite struct `Saliency figures show` {
  private static let names = ClassNames(["cat", "dog"], count: 2)
  private static let pictureColours = distinctColors(12)

  /// A map of 4 × 3 that is `values` at the pixels, by a method with or without signs.
  private func example(
    _ values: [Float], _ method: any AttributionMethod, check: AttributionCheck? = nil,
    remark: String = ""
  ) -> SaliencyExample {
    let finding = SaliencyFinding(
      method: method, classIndex: 1,
      prediction: Prediction.all(from: Tensor(shape: [1, 2], [0.5, 2]), by: .softmax)[0],
      attribution: Tensor(shape: [1, 2, 3, 4], values + values.map { _ in 0 }), check: check,
      remark: remark)
    return SaliencyExample(
      finding, picture: Image(Self.pictureColours, columns: 4), source: "a.png")
  }

  private func draw(_ values: [Float], _ method: any AttributionMethod) -> CaptionedFigure {
    saliencyFigure(of: example(values, method), classNames: Self.names, unclipped: 1)
  }

  private func map(_ values: [Float], isSigned: Bool, end: Float) -> [Color] {
    let colormap = isSigned ? Colormap.blueWhiteRed : .inferno
    return values.map { colormap(Double(isSigned ? ($0 / end + 1) / 2 : abs($0) / end)) }
  }

  @Test func `what speaks for the class in red and what speaks against it in blue`() throws {
    var values = [Float](repeating: 0, count: 12)
    // Top left for, bottom right against, and half as much beside it.
    (values[0], values[11], values[10]) = (2, -4, -2)
    let figure = draw(values, GradientTimesInput())
    let seen = try SeenFigure(figure)
    // The same scale on both sides: 2 is half way to red, as −2 is half way to blue.
    seen.expectCells(
      map(values, isSigned: true, end: 4), columns: 4, in: try seen.place(of: Heatmap.self))
    let (minus, plus) = (Colormap.blueWhiteRed(0).bytes, Colormap.blueWhiteRed(1).bytes)
    #expect(minus.blue > minus.red + 60 && plus.red > plus.blue + 60)
    try seen.expectBar(.blueWhiteRed, -4...4)
    #expect(figure.scale.hasPrefix("−4 … 4, "))
    #expect(figure.caption.contains("red for positive and blue for negative contributions"))
    #expect(figure.caption.contains("The map's scale is −4 … 4, up to the greatest magnitude."))
    try expectSound(figure)
    try expectSnapshot(graphics(of: figure), named: "saliency-signed")
  }

  @Test func `magnitudes from dark to bright`() throws {
    var values = [Float](repeating: 0, count: 12)
    (values[3], values[8]) = (-4, 1)
    let figure = draw(values, GradientMethod())
    let seen = try SeenFigure(figure)
    seen.expectCells(
      map(values, isSigned: false, end: 4), columns: 4, in: try seen.place(of: Heatmap.self))
    #expect(Colormap.inferno(1).lightness > 90 && Colormap.inferno(0).lightness < 5)
    try seen.expectBar(.inferno, 0...4)
    #expect(figure.scale.hasPrefix("0 … 4, "))
  }

  @Test func `what the network saw to the left of its map`() throws {
    let figure = draw((0..<12).map { Float($0) }, GradientMethod())
    let seen = try SeenFigure(figure)
    let (picture, map, overlay) = (
      try seen.place(of: Picture.self), try seen.place(of: Heatmap.self),
      try seen.place(of: Overlay.self)
    )
    seen.expectCells(Self.pictureColours, columns: 4, in: picture)
    #expect(picture.size == map.size && picture.size == overlay.size)
    #expect(picture.maxX < map.x && map.maxX < overlay.x)
    #expect(picture.y == map.y && map.y == overlay.y)
  }

  @Test func `the picture in grey where the map is zero, and covered where it is not`() throws {
    var values = [Float](repeating: 0, count: 12)
    values[3] = 4
    let seen = try SeenFigure(draw(values, GradientMethod()))
    let frame = try seen.place(of: Overlay.self)
    func middle(_ cell: Int) -> Point {
      Point(
        frame.x + (Double(cell % 4) + 0.5) * frame.width / 4,
        frame.y + (Double(cell / 4) + 0.5) * frame.height / 3)
    }
    // At full opacity of 0.85 over what is nearly white or grey.
    let end = Colormap.inferno(1)
    let grey = { (cell: Int) -> Color in
      let color = Self.pictureColours[cell]
      // ITU-R BT.601, then a quarter of white.
      let luma = 0.299 * color.red + 0.587 * color.green + 0.114 * color.blue
      return Color(grey: 0.75 * luma + 0.25)
    }
    for cell in 0..<12 {
      let expected = cell == 3 ? grey(3).mixed(with: end, 0.85) : grey(cell)
      #expect(seen.shows(expected, at: middle(cell), tolerance: 4), "cell \(cell)")
    }
  }

  @Test func `pixels that are not finite hatched`() throws {
    var values = (1...12).map { Float($0) }
    values[6] = .nan
    let seen = try SeenFigure(draw(values, GradientMethod()))
    let frame = try seen.place(of: Heatmap.self)
    let side = Int(frame.width) / 4
    for cell in 0..<12 {
      let box = Box(
        x: Int(frame.x) + cell % 4 * side, y: Int(frame.y) + cell / 4 * side, width: side,
        height: side)
      let share = seen.hatchedShare(of: box)
      #expect(cell == 6 ? share > 0.98 : share < 0.02, "cell \(cell): \(share)")
    }
  }

  @Test func `the network's answers as bars, that of the map in orange`() throws {
    let seen = try SeenFigure(draw([Float](repeating: 1, count: 12), GradientMethod()))
    let frame = try seen.place(of: RankedBars.self)
    // Softmax of ½ and 2.
    let probability = 1 / (1 + exp(-1.5))
    let dog = try seen.area(of: Theme.highlight, within: frame)
    let cat = try seen.area(of: Theme.accent, within: frame)
    #expect(dog.y < cat.y && dog.x == cat.x)
    #expect(abs(Double(dog.width) - 96 * probability) <= 1)
    #expect(abs(Double(cat.width) - 96 * (1 - probability)) <= 1)
    #expect(seen.words(leftOf: dog).contains("dog") && seen.words(leftOf: cat).contains("cat"))
  }

  @Test func `several pictures as rows, each with a scale of its own`() throws {
    let (first, second) = ((0..<12).map { Float($0) }, (0..<12).map { Float(22 - 2 * $0) })
    let figure = saliencySheet(
      of: [example(first, GradientMethod()), example(second, GradientMethod())],
      classNames: Self.names, unclipped: 1)
    let seen = try SeenFigure(figure)
    let (pictures, maps) = (seen.parts(of: Picture.self), seen.parts(of: Heatmap.self))
    try #require(pictures.count == 2 && maps.count == 2)
    for (row, (values, end)) in [(first, 11 as Float), (second, 22)].enumerated() {
      seen.expectCells(Self.pictureColours, columns: 4, in: pictures[row].frame)
      seen.expectCells(
        map(values, isSigned: false, end: end), columns: 4, in: maps[row].frame)
      #expect(pictures[row].frame.y == maps[row].frame.y)
      #expect(pictures[row].frame.maxX < maps[row].frame.x)
    }
    #expect(maps[0].frame.x == maps[1].frame.x && maps[0].frame.maxY < maps[1].frame.y)
    try expectSnapshot(graphics(of: figure), named: "saliency-sheet")
  }

  @Test func `checks, parameters and what the method chose`() throws {
    let values = [Float](repeating: 1, count: 12)
    let complete = AttributionCheck(kind: .completeness, sum: 12, expected: 12.5)
    let figure = saliencyFigure(
      of: example(values, try attributionMethod("integrated-gradients"), check: complete),
      classNames: Self.names)
    #expect(figure.caption.contains("Parameters: steps 50, baseline 0."))
    #expect(
      figure.caption.hasSuffix("the score minus that of the baseline is 12.5 (gap −0.5)."))
    let relevance = saliencyFigure(
      of: example(
        values, try attributionMethod("lrp-epsilon-plus-flat"),
        check: AttributionCheck(kind: .conservation, sum: 1.5, expected: 2)), classNames: Self.names
    )
    #expect(
      relevance.caption.hasSuffix(
        "The relevance of all pixels adds up to 1.5, and the score is 2."))
    let cam = saliencyFigure(
      of: example(
        values, try attributionMethod("grad-cam"), remark: "The layer is x, with maps of 7×7."),
      classNames: Self.names)
    #expect(cam.caption.contains("The layer is x, with maps of 7×7."))
    for drawn in [figure, relevance, cam] { try expectSound(drawn) }
  }
}
