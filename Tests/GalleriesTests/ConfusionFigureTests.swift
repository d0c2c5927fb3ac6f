import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// A finding of pictures with these labels and choices.
private func finding(
  _ pairs: [(label: Int, choice: Int)], classes: Int, mistakes: Int = 0
) throws -> ClassificationFinding {
  let network = try Network(
    graph: Graph(inputShape: [classes, 1, 1], [Graph.Node("flat", Flatten(), inputs: ["input"])]),
    parameters: Parameters())
  let scan = ClassificationScan(network, mistakes: mistakes, label: { pairs[$0].label })
  for start in stride(from: 0, to: pairs.count, by: 64) {
    let range = start..<min(start + 64, pairs.count)
    let pictures = Tensor(shape: [range.count, classes, 1, 1]) { target in
      target.initialize(repeating: 0)
      for (row, index) in range.enumerated() {
        // The later, the more certain.
        target[row * classes + pairs[index].choice] = 2 + Float(index) / Float(pairs.count)
      }
    }
    scan.observe(
      network.record(pictures, keeping: .only(scan.nodes)), pictures: Array(range))
  }
  return scan.finding
}

/// Each class mostly right, and now and then taken for the next.
private func pairs(classes: Int, each: Int) -> [(label: Int, choice: Int)] {
  (0..<classes * each).map { index in
    let label = index % classes
    return (label, index / classes % 4 == 3 ? (label + 1) % classes : label)
  }
}

@Suite struct `Confusion figures` {
  @Test(.slow, arguments: [2, 3, 10, 20, 21, 50, 51, 1000])
  func `fit any number of classes`(classes: Int) throws {
    let found = try finding(pairs(classes: classes, each: 8), classes: classes)
    let names = ClassNames((0..<classes).map { "\($0) \(longName)" }, count: classes)
    let figure = confusionFigure(of: found, classNames: names, model: longName, source: "pictures")
    try expectSound(figure)
    #expect(figure.subtitle.hasSuffix("75 % of \(countText(8 * classes)) pictures right"))
    let isPart = classes > 50
    #expect(figure.units.count == (isPart ? 30 : classes))
    #expect(figure.caption.contains("are shown: those confused most often") == isPart)
  }

  @Test func `show few classes of many with all that are chosen`() throws {
    let found = try finding([(700, 700), (3, 3), (3, 9)].map { ($0.0, $0.1) }, classes: 1000)
    let figure = confusionFigure(
      of: found, classNames: ClassNames([], count: 1000), source: "pictures")
    try expectSound(figure)
    #expect(figure.units == [3, 700])
    #expect(figure.caption.contains("Of 1,000 classes, those with pictures have a row"))
  }

  @Test func `tell classes apart whose names begin alike`() throws {
    let found = try finding([(0, 1), (0, 1), (1, 1), (2, 0)].map { ($0.0, $0.1) }, classes: 3)
    let names = ClassNames(["cat, tabby", "cat, black", "dog, pug"], count: 3)
    let figure = confusionFigure(of: found, classNames: names, source: "pictures")
    #expect(figure.caption.contains("“cat, tabby” taken for “cat, black” (2)"))
  }

  @Test func `name the most frequent confusions`() throws {
    let found = try finding([(0, 1), (0, 1), (1, 1), (2, 0)].map { ($0.0, $0.1) }, classes: 3)
    let names = ClassNames(["ant", "bee, a bumblebee", "cat"], count: 3)
    let figure = confusionFigure(of: found, classNames: names, source: "pictures")
    #expect(figure.caption.contains("Most frequent: “ant” taken for “bee” (2)."))
  }

  @Test func `hatch classes without pictures`() throws {
    let found = try finding([(0, 1), (1, 1)].map { ($0.0, $0.1) }, classes: 3)
    let figure = confusionFigure(
      of: found, classNames: ClassNames(["ant", "bee", "cat"], count: 3), source: "pictures")
    #expect(try hatchedPixels(figure) > 100)
  }

  @Test func `look as they did`() throws {
    let found = try finding(pairs(classes: 4, each: 12), classes: 4)
    let figure = confusionFigure(
      of: found, classNames: ClassNames(["ant", "bee", "cat", "dog"], count: 4), model: "net",
      source: "pictures")
    try expectSnapshot(graphics(of: figure), named: "confusion")
  }
}

@Suite struct `Mistake figures` {
  @Test(arguments: [1, 2, 24], [4, 28, 224])
  func `fit any number of mistakes`(count: Int, side: Int) throws {
    let found = try finding(
      (0..<count).map { ($0 % 5, ($0 + 1) % 5) }, classes: 5, mistakes: count)
    let figure = try mistakeFigure(
      of: found.mistakes, of: (count, count),
      classNames: ClassNames((0..<5).map { "\($0) \(longName)" }, count: 5), model: "net",
      source: "pictures"
    ) { .picture(Image.noise(side, side, seed: UInt64($0))) }
    try expectSound(figure)
    #expect(figure.units.count == count)
  }

  @Test func `name classes in full, in lines that end between words`() throws {
    let names = [
      "Chesapeake Bay retriever, a dog", "soft-coated wheaten terrier",
      "Greater Swiss Mountain dog",
    ]
    let found = try finding([(0, 1), (2, 0), (1, 2)], classes: 3, mistakes: 9)
    let figure = try mistakeFigure(
      of: found.mistakes, of: (3, 3), classNames: ClassNames(names, count: 3), source: "pictures"
    ) { .picture(Image.noise(8, 8, seed: UInt64($0))) }
    try expectSound(figure)
    let texts = try SeenFigure(figure).parts(of: Text.self).map(\.content.lines)
    #expect(!texts.joined().contains { $0.contains("…") })
    for mistake in found.mistakes {
      let label = try #require(mistake.label)
      for (index, beginning) in [(mistake.choices[0].index, ""), (label, "is ")] {
        let name = index == 0 ? "Chesapeake Bay retriever" : names[index]
        let lines = texts.filter { $0.joined(separator: " ").hasPrefix("\(beginning)\(name) ") }
        #expect(!lines.isEmpty && lines.allSatisfy { $0.count == 2 }, "\(beginning)\(name)")
      }
    }
  }

  @Test(arguments: [(1, 40), (6, 3000)])
  func `of series are curves on one axis`(channels: Int, length: Int) throws {
    let found = try finding([(0, 1), (2, 0), (1, 2)], classes: 3, mistakes: 9)
    let figure = try mistakeFigure(
      of: found.mistakes, of: (3, 3),
      classNames: ClassNames(["sine", "square", longName], count: 3),
      source: "series"
    ) { .series(.random([channels, length], seed: $0)) }
    try expectSound(figure)
    #expect(figure.subtitle.hasSuffix("3 of 3 mistakes in 3 series"))
    #expect(figure.caption.hasPrefix("Series whose first choice is wrong"))
    #expect(figure.caption.contains("The first 4 of 6 channels") == (channels > 4))
    #expect(figure.caption.contains("drawn as their envelope") == (length > 600))
    let plots = try SeenFigure(figure).parts(of: SignalPlot.self)
    #expect(plots.count == 3 && Set(plots.map(\.content.area.height)).count == 1)
  }

  @Test func `of volumes are middle frames`() throws {
    let found = try finding([(0, 1), (1, 0)], classes: 2, mistakes: 9)
    let figure = try mistakeFigure(
      of: found.mistakes, of: (2, 2), classNames: ClassNames(["left", "right"], count: 2),
      source: "videos"
    ) { _ in
      // The middle of three frames is green.
      .volume(
        Tensor(
          shape: [3, 3, 4, 4],
          (0..<144).map { place in place / 48 == 1 && place / 16 % 3 == 1 ? 1 : 0 }))
    }
    try expectSound(figure)
    #expect(figure.caption.contains("Of each volume the middle frame is shown."))
    #expect(try SeenFigure(figure).areas(of: Color(hex: 0x00FF00)).count == 2)
  }

  @Test func `show the worst first`() throws {
    let found = try finding(
      [(0, 1), (1, 1), (2, 0), (2, 1)].map { ($0.0, $0.1) }, classes: 3, mistakes: 9)
    var asked: [Int] = []
    let figure = try mistakeFigure(
      of: found.mistakes, of: (3, 4), classNames: ClassNames(["ant", "bee", "cat"], count: 3),
      source: "pictures"
    ) {
      asked.append($0)
      return .picture(Image(distinctColors(6, from: 6 * $0), columns: 3))
    }
    #expect(asked == [3, 2, 0])
    #expect(figure.subtitle == "pictures · 3 of 3 mistakes in 4 pictures")
    try expectSnapshot(graphics(of: figure), named: "mistakes")
  }
}
