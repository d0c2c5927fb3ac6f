import Analysis
import Drawing
import Galleries
import Images
import TensorCore
import TestSupport
import Testing

/// What is drawn of layers whose windows are single weights.
@Suite struct `Matrices of filters` {
  private func draw(
    _ filters: Tensor, units: [Int] = [], isClustered: Bool = false
  ) throws -> CaptionedFigure {
    let net = try network(filters: filters)
    return filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "conv"),
      layer: LayerDescription(of: "conv", in: net), units: units, isClustered: isClustered)
  }

  /// The middles of the numbers along an edge, by number.
  private func numbers(
    of seen: SeenFigure, where condition: (Rectangle) -> Bool
  ) -> [Int: Point] {
    let texts = seen.parts(of: Text.self).compactMap { text, frame in
      Int(text.lines.joined()).map { ($0, frame) }
    }
    return Dictionary(
      texts.filter { condition($0.1) }.map { ($0.0, $0.1.center) },
      uniquingKeysWith: { first, _ in first })
  }

  @Test(
    .slow,
    arguments: [
      [16, 64], [192, 480], [64, 480], [16, 192], [384, 832], [1, 2000], [2000, 4], [512, 2048],
      [1000, 512], [1, 1], [2, 3],
    ], [false, true])
  func `fit any shape`(extents: [Int], isClustered: Bool) throws {
    let figure = try draw(
      .random(Shape(extents + [1, 1]), seed: 1), isClustered: isClustered && extents[1] < 1000)
    try expectSound(figure)
    let size = figure.sheet.size
    #expect(size.width <= 1120 && size.height <= 2100, "\(size)")
    // Cells are visible.
    let seen = try SeenFigure(figure)
    let cells = seen.parts(of: Picture.self).map { $0.frame.width / Double($0.content.image.width) }
    #expect(cells.allSatisfy { $0 >= 3 }, "\(cells)")
  }

  @Test func `have round numbers beside their rows and columns`() throws {
    let seen = try SeenFigure(try draw(.random([40, 120, 1, 1], seed: 1)))
    let cells = try seen.place(of: Picture.self)
    let cell = cells.width / 120
    #expect(cells.height == 40 * cell)
    let rows = numbers(of: seen) { $0.maxX < cells.x }
    let columns = numbers(of: seen) { $0.y > cells.maxY && $0.y < cells.maxY + 10 }
    #expect(rows.count >= 4 && columns.count >= 5)
    for (number, place) in rows {
      #expect(number.isMultiple(of: 5))
      #expect(abs(place.y - (cells.y + (Double(number) + 0.5) * cell)) <= 1, "\(number)")
    }
    for (number, place) in columns {
      #expect(number.isMultiple(of: 10))
      let middle = cells.x + (Double(number) + 0.5) * cell
      #expect(abs(place.x - middle) <= 1, "\(number)")
      #expect(seen.shows(Theme.line, near: Point(middle, cells.maxY + 2)))
    }
  }

  @Test func `wider than the sheet are folded, and say so`() throws {
    // One weight in the last column of the second row.
    var weights = [Float](repeating: 0, count: 3 * 700)
    weights[2 * 700 - 1] = 1
    let figure = try draw(Tensor(shape: [3, 700, 1, 1], weights))
    let bands = try SeenFigure(figure).parts(of: Picture.self)
    #expect(bands.count > 1)
    #expect(
      figure.caption.contains(
        "The matrix is folded into \(bands.count) bands of \(bands[0].content.image.width) columns, "
          + "which continue each other from the top down."))
    #expect(bands.map(\.content.image.width).reduce(0, +) == 700)
    #expect(zip(bands, bands.dropFirst()).allSatisfy { $0.frame.maxY < $1.frame.y })
    // The numbers go on in the second band, and the weight is at the end of the last.
    let seen = try SeenFigure(figure)
    let last = try #require(bands.last)
    let cell = last.frame.width / Double(last.content.image.width)
    let below = numbers(of: seen) { $0.y > last.frame.maxY && $0.y < last.frame.maxY + 10 }
    #expect(!below.isEmpty && below.keys.allSatisfy { $0 >= bands[0].content.image.width })
    #expect(
      seen.shows(
        Colormap.blueWhiteRed(1),
        at: Point(last.frame.maxX - cell / 2, last.frame.y + 1.5 * cell)))
  }

  @Test(.slow) func `with more filters than fit show those of the greatest norm`() throws {
    let weights = (0..<900 * 900).map { Float($0 / 900 % 900 + 1) }
    let tensor = Tensor(shape: [900, 900, 1, 1], weights)
    let figure = try draw(tensor)
    #expect(figure.units.count < 300 && figure.units.prefix(3) == [899, 898, 897])
    #expect(
      figure.caption.contains(
        "The \(figure.units.count) of 900 filters with the greatest norm are shown, in that order.")
    )
    let clustered = try draw(
      .random([400, 900, 1, 1], seed: 1), isClustered: true
    ).caption
    #expect(clustered.contains("filters with the greatest norm are shown. Similar rows"))
    // Those that were asked for are all shown.
    #expect(try draw(tensor, units: Array(0..<900)).units.count == 900)
  }

  @Test func `have clustered rows and columns with their own numbers`() throws {
    // Filters 0, 2 and 4 read the even channels, the others the odd ones.
    var generator = SeededGenerator(seed: 1, path: 1)
    let weights = (0..<6 * 8).map { index in
      let isRead = (index / 8 + index % 8).isMultiple(of: 2)
      return (isRead ? 1 : 0) + 0.1 * Float.random(in: 0..<1, using: &generator)
    }
    let figure = try draw(Tensor(shape: [6, 8, 1, 1], weights), isClustered: true)
    let parities = figure.units.map { $0 % 2 }
    #expect(zip(parities, parities.dropFirst()).count { $0 != $1 } == 1)
    #expect(figure.method == "average linkage on cosine distance")
    #expect(figure.caption.contains("Their numbers are their own"))
    let seen = try SeenFigure(figure)
    let cells = try seen.place(of: Picture.self)
    let cell = cells.width / 8
    let rows = numbers(of: seen) { $0.maxX < cells.x }
    let columns = numbers(of: seen) { $0.y > cells.maxY && $0.y < cells.maxY + 10 }
    #expect(rows.count == 6 && columns.count == 8)
    for (position, filter) in figure.units.enumerated() {
      let place = try #require(rows[filter])
      #expect(abs(place.y - (cells.y + (Double(position) + 0.5) * cell)) <= 1)
      for (channel, column) in columns {
        let weight = weights[8 * filter + channel]
        let greatest = weights.reduce(0, max)
        #expect(
          seen.shows(
            Colormap.blueWhiteRed(Double(weight / greatest + 1) / 2), at: Point(column.x, place.y),
            tolerance: 6), "filter \(filter), channel \(channel)")
      }
    }
  }

  @Test func `say which rows and columns have nothing to compare`() throws {
    let figure = try draw(
      Tensor(shape: [3, 4, 1, 1], [1, 2, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0]), isClustered: true)
    #expect(figure.units.last == 1)
    #expect(
      figure.caption.contains(
        "The last row is zero or not finite and is like no other. "
          + "The last 2 columns are zero or not finite and are like no other."))
  }

  @Test func `name pairs without marks that they do not have`() throws {
    let weights: [Float] = [1, 2, 3, 4, 1, 2, 3, 4, -1, -2, -3, -4]
    let caption = try draw(Tensor(shape: [3, 4, 1, 1], weights)).caption
    #expect(!caption.contains("corners"))
    #expect(
      caption.hasSuffix(
        "with the cosine between each two, there are nearly equal filters: 0 ≈ 1 (1); and nearly "
          + "opposite ones: 0 ↔ 2 (−1) and 1 ↔ 2 (−1)."))
  }
}
