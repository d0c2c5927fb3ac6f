import Files
import Testing

@Suite struct `Printable text` {
  @Test(arguments: [
    ("conv1/3x3 Übergröße 層 😀", "conv1/3x3 Übergröße 層 😀"),
    ("a\u{1B}[31mb\u{7F}\u{9B}c\0", #"a\u{1B}[31mb\u{7F}\u{009B}c\0"#),
    ("one\r\ntwo\u{2028}three\u{2029}", #"one\r\ntwo\u{2028}three\u{2029}"#),
    (
      "\u{200B}\u{2060}\u{FEFF}\u{AD}\u{3164}\u{E0041}",
      #"\u{200B}\u{2060}\u{FEFF}\u{00AD}\u{3164}\u{000E0041}"#
    ),
    // A variation selector belongs to the glyph before it, and accents are visible.
    ("❤\u{FE0F} e\u{301}", "❤\u{FE0F} e\u{301}"),
    (#"C:\new"#, #"C:\new"#),
  ])
  func `writes out what has no picture`(text: String, expected: String) {
    #expect(printable(text) == expected)
    #expect(printable(expected) == expected)
  }

  @Test func `turns no direction of writing`() {
    let marks = [0x200E, 0x200F, 0x61C] + Array(0x202A...0x202E) + Array(0x2066...0x2069)
    for mark in marks.compactMap(Unicode.Scalar.init) {
      #expect(printable("a\(mark)b") == "a\(mark.escaped(asASCII: true))b")
    }
  }

  @Test func `keeps the line feeds of a table alone`() {
    #expect(printable("a\nb\r\u{2028}", keepsLines: true) == "a\nb\\r\\u{2028}")
  }

  @Test func `shortens a long name in the middle`() {
    let name = String(repeating: "a", count: 5000) + String(repeating: "b", count: 5000)
    let short = abbreviated(name, to: 21)
    #expect(short == "aaaaaaaaaa…bbbbbbbbbb")
    #expect(abbreviated("short", to: 21) == "short")
    #expect(abbreviated(String(repeating: "é", count: 80)).count == 80)
  }
}

@Test func `a list of names ends with how many more there are`() {
  #expect(firstOf([]) == "")
  #expect(firstOf(["a", "b", "c"]) == "a, b, c")
  #expect(firstOf(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more")
  #expect(firstOf(["a", "b", "c"], most: 1) == "a and 2 more")
}
