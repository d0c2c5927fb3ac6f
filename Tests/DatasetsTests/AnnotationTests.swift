import Datasets
import Files
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Annotations in the network's input` {
  private let annotations = Annotations(
    factors: ["age": .number(3)],
    boxes: [
      .init(name: "cat", x: 60, y: 20, width: 80, height: 40),
      .init(x: 0, y: 0, width: 60, height: 100),
      .init(x: 0, y: 0, width: 30, height: 100),
    ],
    parts: [
      .init(name: "nose", x: 100, y: 50), .init(name: "tail", x: 20, y: 50),
      .init(name: "paw", x: 100, y: 60, isVisible: false),
    ])

  @Test func `are scaled and cropped as the picture is, clipped and hidden outside`() {
    // 200 × 100 becomes 100 × 50, of which the columns from 20 to 80 are kept.
    let preprocessing = Preprocessing(input: [3, 50, 60], resize: .shorterSide(50))
    let placed = preprocessing.placed(annotations, ofPicture: (200, 100))
    #expect(placed.factors == annotations.factors)
    #expect(
      placed.boxes == [
        .init(name: "cat", x: 10, y: 10, width: 40, height: 20),
        .init(x: 0, y: 0, width: 10, height: 50),
      ])
    #expect(
      placed.parts == [
        .init(name: "nose", x: 30, y: 25), .init(name: "tail", x: -10, y: 25, isVisible: false),
        .init(name: "paw", x: 30, y: 30, isVisible: false),
      ])
  }

  @Test func `are moved where a small picture is padded, and stretched with it`() {
    let box = Annotations(boxes: [.init(x: 1, y: 0, width: 2, height: 1)])
    let padded = Preprocessing(input: [3, 6, 8], resize: .none).placed(box, ofPicture: (4, 2))
    #expect(padded.boxes == [.init(x: 3, y: 2, width: 2, height: 1)])
    let exact = Preprocessing(input: [3, 6, 8]).placed(box, ofPicture: (4, 2))
    #expect(exact.boxes == [.init(x: 2, y: 0, width: 4, height: 3)])
  }

  @Test(
    arguments: [(30, 20), (17, 40), (8, 8)],
    [Preprocessing.Resize.none, .exact, .shorterSide(19)])
  func `a mask is resized and cropped as its picture`(
    size: (Int, Int), resize: Preprocessing.Resize
  ) throws {
    let grey = Image.noise(size.0, size.1, seed: 3).grayscale()
    let mask = Annotations.Mask(name: "cat", source: "m.png") { grey }
    let example = Example(
      .picture(grey), label: nil, source: "x.png", annotations: { Annotations(masks: [mask]) })
    for input in [[1, 16, 16], [3, 12, 18]] {
      let preprocessing = Preprocessing(input: input, resize: resize)
      let placed = try #require(try preprocessing.annotations(of: example).masks.first)
      #expect(placed.name == "cat")
      #expect(try placed.picture() == preprocessing.displayed(example))
      #expect(try placed.coverage().count == input[1] * input[2])
    }
  }

  @Test func `a box is where the picture shows what it is around`() throws {
    // A white rectangle on black, sixteen columns from the left; at no size is a pixel half covered.
    var pixels = [UInt8](repeating: 0, count: 4 * 64 * 48)
    for index in stride(from: 3, to: pixels.count, by: 4) { pixels[index] = 255 }
    for y in 8..<32 {
      for x in 16..<40 { for color in 0..<3 { pixels[4 * (64 * y + x) + color] = 255 } }
    }
    let picture = Image(width: 64, height: 48, pixels: pixels)
    let example = Example(
      .picture(picture), label: nil, source: "x.png",
      annotations: { Annotations(boxes: [.init(x: 16, y: 8, width: 24, height: 24)]) })
    for resize in [Preprocessing.Resize.exact, .shorterSide(24), .none] {
      let preprocessing = Preprocessing(input: [3, 24, 24], resize: resize)
      let box = try #require(try preprocessing.annotations(of: example).boxes.first)
      let shown = try preprocessing.displayed(example)
      for y in 0..<24 {
        for x in 0..<24 {
          let (across, down) = (Double(x) + 0.5 - box.x, Double(y) + 0.5 - box.y)
          let isInside = (0..<box.width).contains(across) && (0..<box.height).contains(down)
          #expect((shown.pixels[4 * (24 * y + x)] > 127) == isInside, "\(resize) \(x) \(y)")
        }
      }
    }
  }

  @Test func `what is transparent in a mask does not belong to it`() throws {
    let pixels: [UInt8] = [255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255, 51]
    let mask = Annotations.Mask(source: "m.png") { Image(width: 4, height: 1, pixels: pixels) }
    #expect(try mask.coverage() == [1, 0, 0, 0.2])
  }

  @Test func `a mask of another size than its picture is an error`() {
    let mask = Annotations.Mask(source: "m.png") { Image.noise(3, 2, seed: 1) }
    let placed = Preprocessing(input: [3, 4, 4])
      .placed(Annotations(masks: [mask]), ofPicture: (4, 4))
    #expect(
      errorText { try placed.masks[0].picture() }
        == "m.png: expected a mask of 4×4 pixels, as its picture, found 3×2")
  }
}

@Suite struct `Annotated folders` {
  private let png = Image.noise(6, 5, seed: 1).encodedPNG()

  /// A folder with pictures and a table.
  private func withFolder<R>(
    _ pictures: [String], _ table: String, named name: String = "annotations.csv",
    _ body: (String) throws -> R
  ) throws -> R {
    try withTemporaryFolder { folder in
      for picture in pictures { try write(png, "\(folder)/\(picture)") }
      try write(Data(table.utf8), "\(folder)/\(name)")
      return try body(folder)
    }
  }

  @Test func `a table gives factors, boxes, masks and parts`() throws {
    let table = """
      file,age,breed,box_x,box_y,box_width,box_height,box_name,mask,part_nose_x,part_nose_y,\
      part_tail_x,part_tail_y,part_tail_visible
      cat/a.png,3,"tabby, grey",1,2,3,2.5,head,masks/a.png,4,1,2,2,0
      ./cat/a.png,,,0,0,6,5,body,,,,,,
      dog/b.png,4.5,, , ,,,,,,,,,

      """
    try withFolder(["cat/a.png", "dog/b.png", "dog/c.png", "masks/a.png"], table) { folder in
      let dataset = try openDataset(folder)
      #expect(dataset.classNames == ["cat", "dog"])
      #expect(dataset.count == 3)
      #expect(
        dataset.remarks == [
          "\(folder)/annotations.csv: 2 factors, boxes, masks and 2 parts for 2 of 3 pictures"
        ])
      let first = try dataset.annotations(at: 0)
      #expect(first.factors == ["age": .number(3), "breed": .word("tabby, grey")])
      #expect(
        first.boxes == [
          .init(name: "head", x: 1, y: 2, width: 3, height: 2.5),
          .init(name: "body", x: 0, y: 0, width: 6, height: 5),
        ])
      #expect(
        first.parts == [
          .init(name: "nose", x: 4, y: 1), .init(name: "tail", x: 2, y: 2, isVisible: false),
        ])
      #expect(first.masks.count == 1)
      #expect(try first.masks[0].picture() == Image.noise(6, 5, seed: 1).grayscale())
      #expect(try dataset.annotations(at: 1).factors == ["age": .number(4.5)])
      let third = try dataset.example(at: 2).annotations
      #expect(third.factors.isEmpty && !third.hasPositions)
      #expect(try dataset.example(at: 0).annotations.boxes == first.boxes)
      #expect(dataset.heldBytes > 0)
    }
  }

  @Test func `a factor is a number if all its values are`() throws {
    let table = "file,a,b,c\nx.png,1e2,1,0x10\ny.png,-.5,two,\n"
    try withFolder(["x.png", "y.png"], table) { folder in
      let dataset = try openDataset(folder)
      #expect(
        try dataset.annotations(at: 0).factors
          == ["a": .number(100), "b": .word("1"), "c": .word("0x10")])
      #expect(
        try dataset.annotations(at: 1).factors == ["a": .number(-0.5), "b": .word("two")])
    }
  }

  @Test func `the factor class is the label where no folders are`() throws {
    let rows = ["a.png,10", "b.png,9", "c.png,"]
    for prefix in ["", "photos/"] {
      let table = (["file,class"] + rows.map { prefix + $0 }).joined(separator: "\r\n")
      try withFolder(["a.png", "b.png", "c.png", "d.png"].map { prefix + $0 }, table) { folder in
        let dataset = try openDataset(folder)
        #expect(dataset.classNames == ["9", "10"])
        #expect(try (0..<4).map { try dataset.label(at: $0) } == [1, 0, nil, nil])
        #expect(try dataset.annotations(at: 0).factors == ["class": .number(10)])
      }
    }
    try withFolder(["x/a.png", "y/b.png"], "file,class\nx/a.png,y\n") { folder in
      let dataset = try openDataset(folder)
      #expect(dataset.classNames == ["x", "y"])
      #expect(try dataset.label(at: 0) == 0)
      #expect(try dataset.annotations(at: 0).factors == ["class": .word("y")])
    }
  }

  @Test func `the parts of a split folder have a table inside or above`() throws {
    let table = "file,class,age\ntrain/a.png,cat,1\ntrain/b.png,dog,2\ntest/c.png,dog,3\n"
    try withFolder(["train/a.png", "train/b.png", "test/c.png"], table) { folder in
      try write(Data("file,size\nc.png,7\n".utf8), "\(folder)/test/annotations.csv")
      let training = try openDataset(folder, split: .training)
      #expect(training.classNames == ["cat", "dog"])
      #expect(try (0..<2).map { try training.label(at: $0) } == [0, 1])
      #expect(training.remarks == ["\(folder)/annotations.csv: 2 factors for all 2 pictures"])
      let test = try openDataset(folder, split: .test)
      #expect(try test.label(at: 0) == 1)
      #expect(
        try test.annotations(at: 0).factors
          == ["class": .word("dog"), "age": .number(3), "size": .number(7)])
    }
  }

  @Test func `rows that name no picture are counted, and others' tables left alone`() throws {
    try withFolder(["a.png"], "file,x\na.png,1\nb.png,2\nc.png,3\n") { folder in
      let remarks = try openDataset(folder).remarks
      #expect(
        remarks == [
          "\(folder)/annotations.csv: 1 factor for all 1 pictures",
          "\(folder)/annotations.csv: skipped 2 rows that name no picture, first 'b.png' in line 3",
        ])
    }
    try withFolder(["a.png"], "name;value\n1;2\n", named: "factors.csv") { folder in
      let remarks = try openDataset(folder).remarks
      #expect(
        remarks == [
          "\(folder)/factors.csv is not used: it has no column file"
        ])
    }
  }

  @Test func `masks that no table names are no pictures of a class`() throws {
    let names = ["cat/a.png", "dog/b.png", "dog/c.png", "masks/a.png", "masks/b.png"]
    try withFolder(names, "file,mask\ncat/a.png,masks/a.png\n") { folder in
      let dataset = try openDataset(folder)
      #expect(dataset.count == 3 && dataset.classNames == ["cat", "dog"])
      #expect(
        dataset.remarks == [
          "\(folder)/annotations.csv: masks for 1 of 3 pictures",
          "\(folder): 1 file among the masks is named by no table, and left out",
        ])
    }
    // A folder that also has pictures with annotations is not one of masks.
    let table = "file,x,mask\ncat/a.png,1,dog/b.png\ndog/c.png,2,\n"
    try withFolder(["cat/a.png", "dog/b.png", "dog/c.png", "dog/d.png"], table) { folder in
      let dataset = try openDataset(folder)
      #expect(dataset.count == 3)
    }
  }

  @Test(arguments: [
    ("path,x\na.png,1\n", "expected a column file, found path, x"),
    (
      "file,x\nimages/a.png,1\n",
      "expected names of pictures in column file, such as 'a.png', found 'images/a.png' in line 2"
    ),
    ("file,x\na.png,1,2\n", "line 2: expected 2 values, found 3"),
    ("file,x\na.png,\"1\n", "line 2: expected a closing quote, found the end of the file"),
    (
      "file,x\na.png,1\na.png,2\n",
      "line 3: expected \"1\" for x, as before for this file, found \"2\""
    ),
    (
      "file,box_x,box_y\na.png,1,2\n",
      "expected columns box_x, box_y, box_width, box_height together, found box_x, box_y"
    ),
    (
      "file,part_nose_x\na.png,1\n",
      "expected columns part_nose_x, part_nose_y together, found part_nose_x"
    ),
    ("file,mask_name\na.png,1\n", "expected a column mask, found mask_name"),
    (
      "file,box_x,box_y,box_width,box_height\n\na.png,1,,3,4\n",
      "line 3: expected a number for box_y, found \"\""
    ),
    (
      "file,box_x,box_y,box_width,box_height\na.png,1,2,0,4\n",
      "line 2: expected a number above 0 for box_width, found \"0\""
    ),
    (
      "file,part_nose_x,part_nose_y\na.png,1,nan\n",
      "line 2: expected a number for part_nose_y, found \"nan\""
    ),
    (
      "file,part_nose_x,part_nose_y,part_nose_visible\na.png,1,2,yes\n",
      "line 2: expected 0 or 1 for part_nose_visible, found \"yes\""
    ),
    (
      "file,mask\na.png,m.png\n",
      "line 2: expected a picture's path, relative to the table, for mask, found \"m.png\", where "
        + "there is none"
    ),
    ("file,mask\na.png,a.png\n", "MASKS"),
    ("file,x,x\n", "expected one column x, found 2"),
    ("", "expected a header, found an empty table"),
  ])
  func `a bad table is an error that names line and column`(table: String, reason: String) throws {
    try withFolder(["a.png"], table) { folder in
      let expected =
        reason == "MASKS"
        ? "\(folder): expected pictures, found only masks of pictures"
        : "\(folder)/annotations.csv: \(reason)"
      #expect(errorText { try openDataset(folder) } == expected)
    }
  }

  @Test func `a table that needs more memory than allowed is an error`() throws {
    let table = "file,x\n" + String(repeating: "a.png,1\n", count: 1000)
    try withFolder(["a.png"], table) { folder in
      #expect(
        errorText { try openDataset(folder, memory: MemoryBudget(bytes: 100_000)) }
          == "\(folder)/annotations.csv: reading a table of 7.8 KiB would need 125 KiB of memory, "
          + "more than the limit of 97.7 KiB")
      let dataset = try openDataset(folder, memory: MemoryBudget(bytes: 200_000))
      #expect(dataset.count == 1)
    }
  }
}
