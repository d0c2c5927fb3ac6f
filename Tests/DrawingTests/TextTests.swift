import Drawing
import TensorCore
import Testing

@Suite struct `Measurements` {
  @Test func `have decimals, or a power of ten if they are too great`() {
    #expect(measureText(0.8651, decimals: 3) == "0.865")
    #expect(measureText(-12.25, decimals: 2) == "−12.25")
    #expect(measureText(99_999, decimals: 1) == "99999.0")
    #expect(measureText(2.79e28, decimals: 4) == "2.79 × 10²⁸")
    #expect(measureText(.nan, decimals: 3) == "NaN")
    #expect(measureText(-.infinity, decimals: 3) == "−∞")
  }
}

@Suite struct `Numbers` {
  @Test(arguments: [
    (0, "0"), (1, "1"), (-1, "−1"), (0.5, "0.5"), (0.123456, "0.123"), (-0.0999999, "−0.1"),
    (0.00123456, "0.00123"), (0.000999999, "0.001"), (0.000123456, "1.23 × 10⁻⁴"),
    (1e-5, "10⁻⁵"), (-1.5e-12, "−1.5 × 10⁻¹²"), (12.3456, "12.3"), (1234.56, "1235"),
    (99999, "99999"), (123456, "1.23 × 10⁵"), (6.02e23, "6.02 × 10²³"),
    (.infinity, "∞"), (-.infinity, "−∞"), (.nan, "NaN"),
  ])
  func `have three digits and a real minus sign`(value: Double, text: String) {
    #expect(numberText(value) == text)
  }

  @Test(arguments: [
    (0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.873, "87.3 %"), (0.0412, "4.12 %"),
    (0.00043, "0.043 %"), (0.000001, "< 0.001 %"), (0.9997, "99.97 %"), (0.99999, "> 99.99 %"),
    (-0.05, "−5 %"),
  ])
  func `as parts of a hundred are never rounded to all or nothing`(value: Double, text: String) {
    #expect(percentText(value) == text)
  }

  @Test(arguments: [
    ([0.46, 0.502], ["46.0 %", "50.2 %"]), ([0.5, 0.25], ["50 %", "25 %"]),
    ([0, 0.0412, 1], ["0.00 %", "4.12 %", "100.00 %"]),
    // A third decimal would say nothing beside the greatest.
    ([0.9, 0.00043, 0.00001], ["90.00 %", "0.04 %", "< 0.01 %"]),
    ([0.001, 0.00098], ["0.100 %", "0.098 %"]), ([0.99999, 0.00001], ["> 99.99 %", "< 0.01 %"]),
    ([-0.05, 0.125], ["−5.0 %", "12.5 %"]), ([.nan, 0.5], ["NaN", "50 %"]), ([], []),
  ])
  func `of one chart have the same number of decimals`(values: [Double], texts: [String]) {
    #expect(percentTexts(values) == texts)
  }

  @Test func `probabilities are never certain`() {
    #expect(
      [0, 1e-9, 0.5, 0.999_99, 1].map(probabilityText) == [
        "< 0.001 %", "< 0.001 %", "50 %", "> 99.99 %", "> 99.99 %",
      ])
  }

  @Test(arguments: [(0, "0"), (999, "999"), (60_000, "60,000"), (-1_002_003, "−1,002,003")])
  func `of things are grouped`(count: Int, text: String) {
    #expect(countText(count) == text)
  }

  @Test func `in pairs make a range`() {
    #expect(rangeText(-0.25...1.5) == "−0.25 … 1.5")
  }
}

@Suite struct `Lines of text` {
  private static let words = [
    "relu", "unit", "a", "activation", "of", "Übergrößenträger", "conv2_1/3x3_reduce", "–", "10⁻³",
    "the", "is", "Donaudampfschifffahrtsgesellschaftskapitän",
  ]

  @Test(arguments: 0..<40) func `wraps without a line too wide or a letter lost`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let words = (0..<12).compactMap { _ in Self.words.randomElement(using: &random) }
    let width = random.uniform(40...400)
    let text = Text(words.joined(separator: " "), .caption, width: width)
    for line in text.lines { #expect(TextStyle.caption.width(of: line) <= width) }
    #expect(text.size.width <= width.rounded(.up))
    #expect(text.lines.joined().filter { $0 != " " } == words.joined())
  }

  @Test(arguments: 0..<20) func `is cut off behind an ellipsis`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let line = (0..<8).compactMap { _ in Self.words.randomElement(using: &random) }
      .joined(separator: " ")
    let width = random.uniform(30...300)
    let text = Text(line, .label, oneLineWithin: width)
    #expect(text.lines.count == 1)
    #expect(text.size.width <= width.rounded(.up))
    if let short = text.lines.first, short != line {
      #expect(short.hasSuffix("…"))
      #expect(line.hasPrefix(short.dropLast()))
    }
  }

  @Test func `is cut off between words, unless one word is nearly all of it`() {
    let name = "Greater Swiss Mountain dog"
    let style = TextStyle.label
    for width in stride(from: style.width(of: "Greater Swiss…"), to: style.width(of: name), by: 3) {
      let short = Text(name, style, oneLineWithin: width).lines[0]
      #expect(["Greater Swiss…", "Greater Swiss Mountain…"].contains(short), "\(width)")
    }
    let file = "a n02504458_African_elephant"
    let short = Text(file, style, oneLineWithin: style.width(of: file) - 20).lines[0]
    #expect(short.hasPrefix("a n02504458"))
  }

  @Test func `never separates a number from its percent sign`() {
    let text = "spaniel 50.3 % is 9 %, or % of it"
    for width in stride(from: 60.0, to: 200, by: 1) {
      let lines = Text(text, .label, width: width).lines
      #expect(!lines.contains { $0.hasPrefix("%") && !$0.hasPrefix("% of") }, "\(lines)")
    }
  }

  @Test func `stops at the last line allowed`() {
    let text = Text("one two three four", .label, width: 40, maximumLines: 2)
    #expect(text.lines.count == 2 && text.lines[1].hasSuffix("…"))
  }

  @Test func `of no letters takes no room`() {
    #expect(Text("", .title).size == .zero)
  }

  @Test func `raises exponents in smaller digits`() {
    let (raised, plain) = (TextStyle.label.width(of: "10⁻³"), TextStyle.label.width(of: "10−3"))
    #expect(raised < plain && raised > TextStyle.label.width(of: "10"))
  }

  @Test func `is as wide in twice the size`() {
    let (small, large) = (TextStyle(size: 10), TextStyle(size: 20))
    let line = "Feature maps of conv2"
    #expect(abs(2 * small.width(of: line) - large.width(of: line)) < 1e-9)
  }

  @Test func `what is no character is written out, and harms no other text`() throws {
    let width = TextStyle.label.width(of: "a")
    for code: UInt32 in [0xFFFE, 0xFFFF, 0xFDD0, 0x1FFFF] {
      let scalar = try #require(Unicode.Scalar(code))
      let text = Text("a\(scalar)b", .label)
      #expect(text.lines[0].hasPrefix("a\\u{"))
      #expect(text.size.width > 3 * width)
      _ = try text.render()
      _ = try text.pdf()
      #expect(TextStyle.label.width(of: "a") == width)
    }
  }

  @Test func `a character that no font has is written as its code, and named`() throws {
    // Fonts have no pictures of private characters of the last plane.
    let missing: Unicode.Scalar = "\u{10FFFD}"
    let code = #"\u{0010FFFD}"#
    for style in [TextStyle.label, .title] {
      let (text, written) = (Text("a\(missing)b", style), Text("a\(code)b", style))
      #expect(text.size == written.size)
      #expect(try text.render() == written.render())
      #expect(try text.pdf() == written.pdf())
      #expect(text.svg() == written.svg())
      #expect(text.unavailableCharacters() == [missing])
      #expect(written.unavailableCharacters().isEmpty)
    }
    let short = Text(String(repeating: "\(missing)", count: 9), .label, oneLineWithin: 200)
    #expect(short.size.width <= 200 && short.lines[0].hasSuffix("…"))
  }

  @Test(arguments: ["中文", "ひら", "한국", "ไทย", "🐈🐕"])
  func `a character that the font lacks is drawn in another, or as its code`(name: String) throws {
    let text = Text("a \(name) b 10⁻³", .label)
    _ = try text.pdf()
    let widths = name.unicodeScalars.map { TextStyle.label.width(of: String($0)) }
    #expect(abs(TextStyle.label.width(of: name) - widths.reduce(0, +)) < 1e-9)
    let unavailable = text.unavailableCharacters()
    #expect(unavailable.isSubset(of: name.unicodeScalars))
    let drawn = name.unicodeScalars.filter { !unavailable.contains($0) }
    // A box is the same for all characters.
    let images = try drawn.map { try Text(String($0), TextStyle(size: 32)).render() }
    #expect(images.count < 2 || images[0] != images[1])
    let inSVG = drawn.allSatisfy {
      String(decoding: text.svg(), as: UTF8.self).contains(String($0))
    }
    #expect(inSVG)
  }

  @Test func `a variation selector that no font has leaves its character as it is`() throws {
    let (plain, varied) = (Text("ab", .label), Text("a\u{E0100}b", .label))
    #expect(try plain.render() == varied.render())
    #expect(varied.unavailableCharacters().isEmpty)
  }

  @Test func `an accent is drawn in the font of its letter`() throws {
    let width = TextStyle.label.width(of: "e\u{301}")
    #expect(abs(width - TextStyle.label.width(of: "e")) < 0.1)
  }

  @Test func `writes out what has no picture`() throws {
    let hidden = "a\u{0}\n\u{202E}b"
    #expect(Text(hidden, .label).lines == [#"a\0\n\u{202E}b"#])
    #expect(Text(hidden, .label, width: 500).lines == [#"a\0\n\u{202E}b"#])
    #expect(Text(hidden, .label, oneLineWithin: 500).lines == [#"a\0\n\u{202E}b"#])
    #expect(TextStyle.label.width(of: hidden) == TextStyle.label.width(of: #"a\0\n\u{202E}b"#))
    _ = try Text("a\u{0}\t\u{7F}b", .label).render()
  }
}
