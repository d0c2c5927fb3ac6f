import Datasets
import Files
import TestSupport
import Testing

@Suite struct `Tables of parts` {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func table(_ text: String) throws -> PartTable {
    try folder.write(text, "parts.csv")
    return try PartTable(folder["/parts.csv"])
  }

  @Test func `have boxes by their edges or their sizes`() throws {
    let box = Annotations.Box(name: "eye", x: 2, y: 3.5, width: 4, height: 5)
    for text in [
      "file,part,left,top,right,bottom\na.png,eye,2,3.5,6,8.5\n",
      "part,file,X, y,width,height\neye,a.png,2,3.5,4,5\n",
      "file,box_x,box_y,box_width,box_height,box_name,age\na.png,2,3.5,4,5,eye,7\nb.png,,,,,,1\n",
    ] {
      let rows = try table(text).rows
      #expect(rows.map(\.box) == [box] && rows.map(\.part) == ["eye"])
      #expect(rows.map(\.file) == ["a.png"] && rows.map(\.line) == [2])
    }
  }

  @Test func `name pictures by their paths or their names`() throws {
    let table = try table(
      """
      file,part,x,y,width,height
      b.png,eye,0,0,1,1
      cat/a.png,eye,0,0,1,1
      b.png,nose,0,0,1,1
      """)
    let rows = try table.rows(of: ["cat/a.png", "dog/a.png", "dog/b.png"])
    #expect(rows.mapValues { $0.map(\.part) } == [0: ["eye"], 2: ["eye", "nose"]])
  }

  @Test(arguments: [
    (
      "file,left,top,right,bottom\n",
      "expected a header with the columns file, part, left, top, right, bottom (or x, y, width, "
        + "height), found file,left,top,right,bottom"
    ),
    ("file,part,x,y,width,height\n", "expected rows with boxes, found none"),
    (
      "file,part,x,y,width,height\na,eye,1,2,wide,4\n",
      "line 2: expected a number for width, found \"wide\""
    ),
    (
      "file,part,x,y,width,height\na,eye,1,2,3,0\n",
      "line 2: expected a number above 0 for height, found \"0\""
    ),
    (
      "file,part,left,top,right,bottom\na,eye,1,2,3,2\n",
      "line 2: expected bottom greater than top, found 2 and 2"
    ),
    ("file,part,x,y,width,height\na,,1,2,3,4\n", "line 2: expected a name for part, found none"),
    ("file,part,x,y,width,height\na,eye,1,,3,4\n", "line 2: expected a number for y, found \"\""),
  ])
  func `that say nothing are refused`(text: String, message: String) throws {
    #expect(errorText { try table(text) } == "\(folder["/parts.csv"]): \(message)")
  }

  @Test func `rows that name no picture are counted`() throws {
    let table = try table(
      """
      file,part,x,y,width,height
      a.png,eye,0,0,1,1
      c.png,eye,0,0,1,1
      d.png,eye,0,0,1,1
      """)
    #expect(
      errorText { try table.rows(of: ["a.png", "b.png"]) }
        == "\(folder["/parts.csv"]): expected names of pictures in column file, such as 'a.png', "
        + "found 2 rows that name none, first 'c.png' in line 3")
  }

  @Test func `names of several pictures, and parts that are marked twice, are refused`() throws {
    let header = "file,part,x,y,width,height\n"
    let several = try table(header + "a.png,eye,0,0,1,1\n")
    #expect(
      errorText { try several.rows(of: ["x/a.png", "y/a.png"]) }
        == "\(folder["/parts.csv"]): line 2: expected the name of one picture, found 'a.png', of "
        + "which there are 2, such as 'x/a.png'")
    let twice = try table(header + "a.png,eye,0,0,1,1\na.png,eye,1,1,1,1\n")
    #expect(
      errorText { try twice.rows(of: ["a.png"]) }
        == "\(folder["/parts.csv"]): line 3: expected one box for 'eye' of 'a.png', as in line 2, "
        + "found a second")
    // The same box twice, or by another name of the picture, is one.
    let same = try table(header + "a.png,eye,0,0,1,1\n./a.png,eye,0,0,1,1\n")
    #expect(try same.rows(of: ["a.png"])[0]?.count == 1)
  }
}
