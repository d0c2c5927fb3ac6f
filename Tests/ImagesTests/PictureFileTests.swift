import Files
import Foundation
import Images
import TestSupport
import Testing

@Suite struct `Picture files` {
  /// The picture decoded as a whole, composited on white and resized.
  private func slowly(
    _ data: Data, _ size: (width: Int, height: Int), _ columns: Range<Int>, _ rows: Range<Int>,
    isGray: Bool
  ) throws -> Image {
    let image = try Image(decoding: data, file: "whole").composited()
    return (isGray ? image.grayscale() : image).resized(width: size.width, height: size.height)
      .cropped(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
  }

  private func expectSame(_ data: Data, seed: UInt64) throws {
    var noise = Noise(seed)
    try withTemporaryFile("x.picture") { path in
      try data.write(to: URL(filePath: path))
      let picture = try PictureFile(path, memory: MemoryBudget(bytes: 1 << 24)).opened()
      let (width, height) = (picture.width, picture.height)
      let sizes = [
        (width, height), (width, height / 2 + 1), (width / 3 + 1, height),
        (2 * width + 1, height * 3),
        (.random(in: 1...40, using: &noise), .random(in: 1...40, using: &noise)),
      ]
      for (newWidth, newHeight) in sizes {
        let left = Int.random(in: 0..<newWidth, using: &noise)
        let top = Int.random(in: 0..<newHeight, using: &noise)
        for (columns, rows) in [
          (0..<newWidth, 0..<newHeight), (left..<newWidth, top..<newHeight),
          (0..<(left + 1), 0..<(top + 1)),
        ] {
          for isGray in [false, true] {
            let found = try picture.resized(
              width: newWidth, height: newHeight, columns: columns, rows: rows, isGray: isGray)
            let expected = try slowly(data, (newWidth, newHeight), columns, rows, isGray: isGray)
            #expect(found == expected, "\(newWidth)×\(newHeight), \(columns), \(rows)")
          }
        }
      }
    }
  }

  @Test(arguments: SyntheticPNG.Color.allCases, [false, true])
  func `a PNG resized row by row is the PNG resized as a whole`(
    color: SyntheticPNG.Color, isInterlaced: Bool
  ) throws {
    for (number, depth) in color.depths.enumerated() {
      let png = SyntheticPNG(
        color, depth: depth, isInterlaced: isInterlaced, hasTransparency: number % 2 == 0,
        width: 19 + number, height: 33 - number, seed: UInt64(depth))
      try expectSame(png.data, seed: UInt64(number))
    }
  }

  @Test(arguments: ["color-420", "color-444-progressive", "gray", "cmyk", "ycck", "turned-right"])
  func `a JPEG resized row by row is the JPEG resized as a whole`(name: String) throws {
    try expectSame(Data(contentsOf: URL(filePath: fixture("\(name).jpg"))), seed: 5)
  }

  @Test func `a large picture costs its rows, an interlaced one all of them`() throws {
    let side = 2000
    let plain = Image(width: side, height: side, red: 40, green: 90, blue: 200)
    try withTemporaryFile("large.png") { path in
      try plain.writePNG(to: path)
      let picture = try PictureFile(path, memory: MemoryBudget(bytes: 2 << 20)).opened()
      let small = try picture.resized(
        width: 50, height: 50, columns: 0..<50, rows: 0..<50, isGray: false)
      #expect(small == Image(width: 50, height: 50, red: 40, green: 90, blue: 200))
      #expect(try !picture.isGray())
    }
    try withTemporaryFile("interlaced.png") { path in
      let png = SyntheticPNG(
        .gray, depth: 8, isInterlaced: true, width: 600, height: 500, seed: 1)
      try png.data.write(to: URL(filePath: path))
      let picture = try PictureFile(path, memory: MemoryBudget(bytes: 1 << 20)).opened()
      #expect(
        errorText {
          try picture.resized(
            width: 600, height: 500, columns: 0..<1, rows: 0..<1, isGray: false)
        }
          == "\(path): decoding the picture of 600×500 pixels would need 1.4 MiB of memory, more "
          + "than the limit of 1 MiB")
      #expect(try PictureFile(path, memory: MemoryBudget(bytes: 2 << 20)).opened().isGray())
    }
  }

  @Test func `a picture that is cut short is an error, whatever part of it is wanted`() throws {
    let jpeg = try Data(contentsOf: URL(filePath: fixture("color-420.jpg")))
    let png = try Data(contentsOf: URL(filePath: fixture("pattern.png")))
    for data in [jpeg, png] {
      try withTemporaryFile("cut") { path in
        try data.prefix(data.count - 30).write(to: URL(filePath: path))
        let picture = try PictureFile(path, memory: .ofMachine()).opened()
        #expect(
          errorText {
            try picture.resized(
              width: picture.width, height: picture.height, columns: 0..<1, rows: 0..<1,
              isGray: false)
          }?.hasPrefix("\(path): expected a complete ") == true)
        #expect(
          errorText { try picture.checkPixels() }?.hasPrefix("\(path): expected a complete ")
            == true)
      }
    }
  }
}
