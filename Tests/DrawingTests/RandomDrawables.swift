import Drawing
import Foundation
import Images
import TensorCore

private let words = [
  "Feature", "maps", "of", "conv2_1/3x3_reduce", "Donaudampfschifffahrtsgesellschaftskapitän",
  "unit", "10⁻³", "Å", "gradient × input", "jeopardy", "a", "explained", "variance", "—",
]

func randomText(_ random: inout SeededGenerator, words most: Int) -> String {
  (0..<Int(random.uniform(0...Double(most)))).compactMap { _ in
    words.randomElement(using: &random)
  }.joined(separator: " ")
}

func randomNumber(_ random: inout SeededGenerator) -> Double {
  random.uniform(-1...1) * pow(10, random.uniform(-12...12))
}

func randomGrid(_ random: inout SeededGenerator) -> TileGrid {
  let (width, height) = (Int(random.uniform(1...40)), Int(random.uniform(1...40)))
  let blockColumns = Int(random.uniform(1...3.99))
  let hasRows = random.uniform() < 0.3
  let columns = hasRows || random.uniform() < 0.3 ? Int(random.uniform(1...9)) : nil
  let marks: [Tile.Mark?] = [nil, nil, .dead, .duplicate, .framed(.black)]
  let tiles = (0..<Int(random.uniform(1...40))).map { index -> Tile? in
    guard random.uniform() < 0.95 else { return nil }
    let picture = Image(
      width: width, height: height, red: 90, green: UInt8(index), blue: 200,
      alpha: random.uniform() < 0.1 ? 100 : 255)
    return Tile(
      block: [Image?](repeating: picture, count: blockColumns * blockColumns),
      columns: blockColumns, caption: random.uniform() < 0.7 ? "\(index)" : "",
      detail: random.uniform() < 0.2 ? rangeText(-1.23e-5...Float(index)) : "",
      mark: marks.randomElement(using: &random) ?? nil)
  }
  return TileGrid(
    tiles, arrangement: TileArrangement(maximumWidth: random.uniform(100...900), columns: columns),
    outline: random.uniform() < 0.5 ? Theme.outline : nil,
    rowHeadings: hasRows ? tiles.indices.map { _ in randomText(&random, words: 3) } : [],
    columnHeadings: columns.map { (0..<$0).map { _ in randomText(&random, words: 2) } } ?? [])
}

func randomColorBar(_ random: inout SeededGenerator) -> ColorBar {
  let (a, b) = (Float(randomNumber(&random)), Float(randomNumber(&random)))
  return ColorBar(
    .viridis, range: min(a, b)...max(a, b), label: randomText(&random, words: 5),
    orientation: random.uniform() < 0.5 ? .horizontal : .vertical,
    length: random.uniform(30...400))
}

func randomBars(_ random: inout SeededGenerator) -> RankedBars {
  RankedBars(
    (0..<Int(random.uniform(0...7))).map { index in
      .init(
        randomText(&random, words: 6), Double(random.uniform()),
        deviation: random.uniform() < 0.3 ? Double(random.uniform()) : .nan,
        isHighlighted: index == 0)
    }, greatest: 1, length: random.uniform(20...200),
    level: random.uniform() < 0.3 ? .init("level", Double(random.uniform())) : nil)
}

func randomPlots(_ random: inout SeededGenerator) -> [any Composite] {
  let area = Size(width: random.uniform(60...400), height: random.uniform(60...400))
  let (middle, spread) = (randomNumber(&random), abs(randomNumber(&random)))
  var points = (0..<Int(random.uniform(0...200))).map { _ in
    Point(middle + spread * Double(random.uniform()), abs(randomNumber(&random)))
  }
  points += [Point(.nan, 1), Point(1, .infinity)]
  let classes = points.indices.map { $0 % 13 }
  let names = (0..<13).map { _ in randomText(&random, words: 3) }
  let (x, y) = (
    Axis(randomText(&random, words: 6)),
    Axis(
      randomText(&random, words: 6), scale: random.uniform() < 0.5 ? .linear : .logarithmic,
      format: random.uniform() < 0.5 ? .general : .percent)
  )
  let title = randomText(&random, words: 6)
  let series = (0..<Int(random.uniform(0...9))).map { index in
    LinePlot.Series(names[index], points.shuffled(using: &random), isDashed: index == 2)
  }
  let values = points.map(\.y)
  return [
    ScatterPlot(
      title: title, points, colors: .classes(classes, names: names), x: x, y: y,
      aspect: random.uniform() < 0.5 ? .free : .equal, area: area),
    LinePlot(title: title, series, x: x, y: y, area: area),
    BarPlot(
      title: title, Array(values.prefix(30)), x: "component", y: y,
      line: Array(values.prefix(30)), lineName: randomText(&random, words: 6), area: area),
    randomBars(&random), randomDots(&random, title: title, x: x),
  ]
}

private func randomDots(_ random: inout SeededGenerator, title: String, x: Axis) -> DotPlot {
  DotPlot(
    title: title,
    (0..<Int(random.uniform(0...9))).map { index in
      .init(
        randomText(&random, words: 4), style: ClassStyle(index: index),
        value: index == 3 ? .nan : randomNumber(&random),
        deviation: index == 4 ? .nan : abs(randomNumber(&random)),
        others: [randomNumber(&random), .infinity], text: randomText(&random, words: 4),
        detail: randomText(&random, words: 6))
    }, x: x, width: random.uniform(60...400).rounded())
}
