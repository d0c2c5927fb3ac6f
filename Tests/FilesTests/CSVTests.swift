import Files
import Foundation
import Testing

@Suite struct `Comma-separated values` {
  private func rows(_ text: String, separator: Character = ",") throws -> [[String]] {
    try rows(Data(text.utf8), separator: separator)
  }

  private func rows(_ data: Data, separator: Character = ",") throws -> [[String]] {
    var reader = CSVReader(data, separator: separator, file: "t.csv")
    var rows: [[String]] = []
    while let row = try reader.next() { rows.append(row.values) }
    return rows
  }

  @Test func `values are split at commas and lines, however these end`() throws {
    for end in ["\n", "\r\n", "\r"] {
      let text = ["a,b", "", "1,,", " x ,\"y"].joined(separator: end)
      #expect(
        try rows(text.replacing("\"", with: "") + end) == [
          ["a", "b"], ["1", "", ""], [" x ", "y"],
        ])
    }
    #expect(try rows("") == [])
    #expect(try rows("\n\r\n") == [])
    #expect(try rows("a,") == [["a", ""]])
    #expect(try rows("a\tb,c", separator: "\t") == [["a", "b,c"]])
    #expect(try rows(Data([0xEF, 0xBB, 0xBF]) + Data("é".utf8)) == [["é"]])
  }

  @Test func `quotes protect commas, quotes and line breaks`() throws {
    #expect(
      try rows("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\",\"\"\nc,d\"e\"")
        == [["a,b", "say \"hi\"", "two\r\nlines", ""], ["c", "d\"e\""]])
  }

  @Test func `what is written is read again`() throws {
    let values = ["a", "a,b", "\"", "\"\"", "two\nlines", "", "\r", "é,"]
    let text = values.map(csvValue).joined(separator: ",")
    #expect(try rows(text) == [values])
  }

  @Test func `rows know their lines, which quoted values may extend`() throws {
    var reader = CSVReader(Data("a\n\n\"b\nc\"\r\nd".utf8), file: "t.csv")
    var lines: [Int] = []
    while let row = try reader.next() { lines.append(row.line) }
    #expect(lines == [1, 3, 5])
  }

  @Test(arguments: [
    ("a\n\"b", "t.csv: line 2: expected a closing quote, found the end of the file"),
    ("\"a\"é,b", "t.csv: line 1: expected a separator after a closing quote, found 'é'"),
  ])
  func `what is no such table is an error of its line`(text: String, message: String) throws {
    let error = #expect(throws: FileError.self) { try rows(text) }
    #expect(error?.description == message && error?.kind == .malformed)
  }

  @Test func `text in another encoding is an error of its line`() {
    let error = #expect(throws: FileError.self) { try rows(Data("a\nb".utf8) + Data([0xE9])) }
    #expect(error?.description == "t.csv: line 2: expected UTF-8 text, found other bytes")
  }

  @Test func `a header names the values of every row`() throws {
    var table = try CSVTable(Data("x,y\n1,2\n3\n".utf8), file: "t.csv")
    #expect(table.columns == ["x", "y"])
    #expect(try table.next()?.values == ["1", "2"])
    let error = #expect(throws: FileError.self) { try table.next() }
    #expect(error?.description == "t.csv: line 3: expected 2 values, found 1")
    #expect(throws: FileError(.malformed, "t.csv", "expected a header, found an empty table")) {
      try CSVTable(Data("\n".utf8), file: "t.csv")
    }
    #expect(throws: FileError(.malformed, "t.csv", "expected one column x, found 2")) {
      try CSVTable(Data("x,y,x".utf8), file: "t.csv")
    }
  }
}
