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
    try seen.expectBar(.blueWhiteRed, -4...4, among: 2)
    #expect(figure.scale.hasPrefix("−4 … 4, "))
    #expect(figure.caption.contains("red for positive and blue for negative contributions"))
    #expect(figure.caption.contains("The map's scale is −4 … 4, up to the greatest magnitude."))
    try expectSound(figure)
    try expectSnapshot(graphics(of: figure), named: "saliency-signed")
  }

  @Test func `magnitudes from dark to bright`() throws {
    // The scale begins at 0, though no pixel is.
    var values = [Float](repeating: 0.5, count: 12)
    (values[3], values[8]) = (-4, 1)
    let figure = draw(values, GradientMethod())
    let seen = try SeenFigure(figure)
    seen.expectCells(
      map(values, isSigned: false, end: 4), columns: 4, in: try seen.place(of: Heatmap.self))
    #expect(Colormap.inferno(1).lightness > 90 && Colormap.inferno(0).lightness < 5)
    try seen.expectBar(.inferno, 0...4, among: 2)
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

  /// A colour of the picture as it is under a map: ITU-R BT.601, then a quarter of white.
  private func grey(_ color: Color) -> Color {
    let luma = 0.299 * color.red + 0.587 * color.green + 0.114 * color.blue
    return Color(grey: 0.75 * luma + 0.25)
  }

  /// The middle of a cell of 4 × 3.
  private func middle(_ cell: Int, in frame: Rectangle) -> Point {
    Point(
      frame.x + (Double(cell % 4) + 0.5) * frame.width / 4,
      frame.y + (Double(cell / 4) + 0.5) * frame.height / 3)
  }

  /// A colour of the picture under a map's colour: at least 30 % of white light, or 25 % if the map
  /// is white at zero.
  private func lit(_ color: Color, by map: Color, isSigned: Bool) -> Color {
    let light = Color.white.mixed(with: map, isSigned ? 0.7 : 0.55)
    let grey = grey(color).red
    return Color(red: grey * light.red, green: grey * light.green, blue: grey * light.blue)
  }

  @Test(arguments: [false, true])
  func `the picture in grey, lit in the map's colours`(isSigned: Bool) throws {
    var values = [Float](repeating: 0, count: 12)
    (values[3], values[8]) = (4, isSigned ? -1 : 1)
    let figure =
      isSigned ? draw(values, GradientTimesInput()) : draw(values, GradientMethod())
    let seen = try SeenFigure(figure)
    let frame = try seen.place(of: Overlay.self)
    let colours = map(values, isSigned: isSigned, end: 4)
    for cell in 0..<12 {
      #expect(
        seen.shows(
          lit(Self.pictureColours[cell], by: colours[cell], isSigned: isSigned),
          at: middle(cell, in: frame), tolerance: 4), "cell \(cell)")
    }
    #expect(
      figure.caption.contains(
        isSigned
          ? "it stays grey where the map is 0." : "dim where the map is 0, and brightest where"))
    // Beside the map's own bar, that of the overlay: the same light on white.
    let bars = seen.parts(of: ColorBar.self)
    try #require(bars.count == 2)
    #expect(bars[1].frame.x == frame.x && bars[1].frame.y > frame.maxY)
    let light = lit(.white, by: map([4], isSigned: isSigned, end: 4)[0], isSigned: isSigned)
    #expect(
      seen.shows(
        light, at: Point(bars[1].frame.x + frame.width - 1.5, bars[1].frame.y + 5), tolerance: 4))
  }

  /// Neighbouring pixels of the picture differ under the map's greatest value as they do elsewhere.
  @Test func `the picture's details where the map is greatest`() throws {
    let cells = (0..<12).map { Color(grey: $0.isMultiple(of: 2) ? 0.2 : 0.9) }
    for value: Float in [0, 1, 4] {
      let values = (0..<12).map { $0 == 11 ? 4 : value }
      let whole = SaliencyFinding(
        method: GradientMethod(), classIndex: 1,
        prediction: Prediction.all(from: Tensor(shape: [1, 2], [0.5, 2]), by: .softmax)[0],
        attribution: Tensor(shape: [1, 1, 3, 4], values))
      let overlay = Overlay(
        Raster(width: 4, height: 3, values: whole.map.elements), over: Image(cells, columns: 4),
        range: 0...4, size: Size(width: 80, height: 60))
      let image = try overlay.render()
      func luma(_ cell: Int) -> Double {
        let start = 4 * ((cell / 4 * 20 + 10) * image.width + cell % 4 * 20 + 10)
        let (red, green, blue) = (
          image.pixels[start], image.pixels[start + 1], image.pixels[start + 2]
        )
        return 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)
      }
      #expect(luma(1) > 2 * luma(0), "\(value)")
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
    try seen.expectHatchingExplained()
  }

  @Test func `pixels that are not finite hatched in the overlay too`() throws {
    var values = [Float](repeating: 0, count: 12)
    (values[0], values[6]) = (4, .nan)
    let seen = try SeenFigure(draw(values, GradientMethod()))
    let frame = try seen.place(of: Overlay.self)
    let side = Int(frame.width) / 4
    let missing = Box(
      x: Int(frame.x) + 2 * side, y: Int(frame.y) + side, width: side, height: side)
    #expect(seen.hatchedShare(of: missing) > 0.98)
    for cell in 1..<12 where cell != 6 {
      #expect(
        seen.shows(
          lit(Self.pictureColours[cell], by: Colormap.inferno(0), isSigned: false),
          at: middle(cell, in: frame), tolerance: 4),
        "cell \(cell)")
    }
  }

  @Test func `magnitudes beyond the scale in the brightest colour`() throws {
    // Of the twelve, nine tenths of the way up lies 4.
    let values: [Float] = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4, 4, 6]
    let figure = saliencyFigure(
      of: example(values, GradientMethod()), classNames: Self.names, unclipped: 0.9)
    let seen = try SeenFigure(figure)
    seen.expectCells(
      map(values, isSigned: false, end: 4), columns: 4, in: try seen.place(of: Heatmap.self))
    try seen.expectBar(.inferno, 0...4, among: 2)
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
    #expect(seen.words(rightOf: dog) == ["81.8 %"] && seen.words(rightOf: cat) == ["18.2 %"])
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

  @Test func `several pictures with their own overlays, answers and words`() throws {
    let (first, second) = ((0..<12).map { Float($0) }, (0..<12).map { Float(22 - 2 * $0) })
    let colours = [Self.pictureColours, distinctColors(12, from: 20)]
    let examples = [
      example(first, GradientMethod()),
      SaliencyExample(
        SaliencyFinding(
          method: GradientMethod(), classIndex: 0,
          prediction: Prediction.all(from: Tensor(shape: [1, 2], [3, 1]), by: .softmax)[0],
          attribution: Tensor(shape: [1, 1, 3, 4], second)),
        picture: Image(colours[1], columns: 4), source: "b.png", trueClass: 1),
    ]
    let seen = try SeenFigure(
      saliencySheet(of: examples, classNames: Self.names, unclipped: 1))
    let pictures = seen.parts(of: Picture.self).map(\.frame)
    let overlays = seen.parts(of: Overlay.self).map(\.frame)
    let bars = seen.parts(of: RankedBars.self).map(\.frame)
    try #require(pictures.count == 2 && overlays.count == 2 && bars.count == 2)
    // The rows' middles are this far apart.
    let step = pictures[1].center.y - pictures[0].center.y
    let words = pictures.map { picture in
      seen.parts(of: Text.self).filter {
        $0.frame.x > overlays[0].maxX && abs($0.frame.center.y - picture.center.y) < step / 2
      }.map { $0.content.lines.joined(separator: " ") }
    }
    // Softmax of ½ and 2, and of 3 and 1.
    let expected = [
      ["dog", "score 2, probability 81.8 %", "map from 0 to 11", "a.png"],
      [
        "cat", "score 3, probability 88.1 %", "map from 0 to 22",
        "The picture is labelled “dog”.", "b.png",
      ],
    ]
    for row in 0..<2 {
      seen.expectCells(colours[row], columns: 4, in: pictures[row])
      // The magnitude is zero at the first pixel of one and at the last of the other.
      let zero = [0, 11][row]
      #expect(
        seen.shows(
          lit(colours[row][zero], by: Colormap.inferno(0), isSigned: false),
          at: middle(zero, in: overlays[row]), tolerance: 4))
      #expect(words[row].first == expected[row][0])
      for line in expected[row] { #expect(words[row].contains(line), "\(line)") }
      #expect(words[row].contains { $0.hasPrefix("The picture is") } == (row == 1))
      let own = try seen.area(of: Theme.highlight, within: bars[row])
      let name = ["dog", "cat"][row]
      #expect(seen.words(leftOf: own).contains(name))
      #expect(seen.words(rightOf: own) == [["81.8 %", "88.1 %"][row]])
    }
  }

  @Test func `many pictures in two columns, from the top of the left one`() throws {
    let examples = (0..<7).map { index in
      example((0..<12).map { $0 == index ? 1 : 0 }, GradientMethod())
    }
    let seen = try SeenFigure(
      saliencySheet(of: examples, classNames: Self.names, unclipped: 1))
    let maps = seen.parts(of: Heatmap.self).map(\.frame)
    try #require(maps.count == 7)
    let bright = maps.map { frame in
      (0..<12).filter { seen.shows(Colormap.inferno(1), at: middle($0, in: frame)) }
    }
    let columns = [Array(maps[..<4]), Array(maps[4...])]
    #expect(columns[0][0].x < columns[1][0].x && columns[0][0].y == columns[1][0].y)
    for column in columns {
      for (upper, lower) in zip(column, column.dropFirst()) {
        #expect(upper.x == lower.x && upper.maxY < lower.y)
      }
    }
    #expect(bright == (0..<7).map { [$0] })
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
