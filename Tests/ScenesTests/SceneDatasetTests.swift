import Datasets
import Files
import Foundation
import Images
import Scenes
import TestSupport
import Testing

@Suite struct `The data set of scenes` {
  @Test func `labels and names belong together`() throws {
    let dataset = SceneDataset(count: 24, size: 32, seed: 7)
    #expect(dataset.classNames.count >= 10)
    for index in 0..<dataset.count {
      let example = try dataset.example(at: index)
      let factors = dataset.factors(at: index)
      let label = try #require(example.label)
      #expect(dataset.classNames[label] == factors.objectClass.rawValue)
      #expect(example.source == "scene \(index) (\(factors.objectClass.rawValue))")
    }
  }

  @Test func `the pictures of a seed are those that they were`() throws {
    let (side, columns, rows) = (24, 4, 3)
    let dataset = SceneDataset(count: columns * rows, size: side, seed: 7)
    var pixels = [UInt8](repeating: 0, count: 4 * columns * side * rows * side)
    for index in 0..<dataset.count {
      guard case .picture(let image) = try dataset.example(at: index).content else {
        Issue.record("scene \(index) is no picture")
        continue
      }
      #expect(image.width == side && image.height == side)
      for row in 0..<side {
        let start = 4 * (((index / columns * side + row) * columns + index % columns) * side)
        pixels.replaceSubrange(
          start..<(start + 4 * side),
          with: image.pixels[(4 * row * side)..<(4 * (row + 1) * side)])
      }
    }
    try expectSnapshot(
      Image(width: columns * side, height: rows * side, pixels: pixels), named: "scenes")
  }

  @Test func `a longer data set starts with the shorter one`() {
    let short = SceneDataset(count: 5, seed: 3)
    let long = SceneDataset(count: 500, seed: 3)
    for index in 0..<5 { #expect(short.factors(at: index) == long.factors(at: index)) }
  }
}

@Suite struct `Writing scenes` {
  @Test func `pictures and table agree, and read back as they were`() throws {
    try withTemporaryFolder { folder in
      let dataset = SceneDataset(count: 13, size: 24, seed: 1)
      var steps: [Int] = []
      let paths = try writeScenes(of: dataset, to: folder) { steps.append($0) }
      #expect(steps == Array(1...13))
      #expect(paths.count == 14)
      #expect(paths.first == "\(folder)/chair/scene-000.png")
      #expect(paths.last == "\(folder)/factors.csv")
      let text = String(decoding: try readFile("\(folder)/factors.csv"), as: UTF8.self)
      let table = try FactorsTable(csv: text, file: "factors.csv")
      #expect(table.rows.map(\.factors) == (0..<13).map { dataset.factors(at: $0) })
      #expect(
        try table.rows.map(\.box) == (0..<13).map { try dataset.annotations(at: $0).boxes.first })
      for row in table.rows {
        let image = try Image(contentsOf: "\(folder)/\(row.file)")
        #expect(try image == renderScene(row.factors, width: 24, height: 24))
      }
    }
  }

  @Test(arguments: [SceneFolderLayout.flat, .classFolders])
  func `what is written opens as an annotated data set`(layout: SceneFolderLayout) throws {
    try withTemporaryFolder { folder in
      let dataset = SceneDataset(count: 26, size: 24, seed: 1)
      try writeScenes(of: dataset, to: folder, layout: layout)
      let opened = try openDataset(folder)
      #expect(opened.count == 26 && opened.classNames == dataset.classNames.sorted())
      #expect(
        opened.remarks == ["\(folder)/factors.csv: 31 factors and boxes for all 26 pictures"])
      for index in 0..<opened.count {
        let example = try opened.example(at: index)
        let number = try #require(example.source.firstMatch(of: /-(\d+)/).flatMap { Int($0.1) })
        let expected = try dataset.annotations(at: number)
        let found = try example.annotations
        #expect(found.factors == expected.factors)
        let (box, own) = (found.boxes.first, expected.boxes.first)
        #expect(box?.x == own?.x && box?.y == own?.y)
        #expect(box?.width == own?.width && box?.height == own?.height)
        let label = try #require(try opened.label(at: index))
        #expect(opened.classNames[label] == dataset.classNames[number % 12])
      }
    }
  }

  @Test func `a sweep is named after its factor`() throws {
    try withTemporaryFolder { folder in
      let sweep = SceneSweep(factor: .lightAzimuth, count: 3, base: SceneFactors(.sailboat))
      let paths = try writeScenes(of: sweep, size: 16, to: folder)
      #expect(
        paths.map { $0.dropFirst(folder.count + 1) } == [
          "light_azimuth-000-sailboat.png", "light_azimuth-001-sailboat.png",
          "light_azimuth-002-sailboat.png", "factors.csv",
        ])
    }
  }

  @Test func `scenes take the place of earlier ones, and of nothing else`() throws {
    try withTemporaryFolder { folder in
      let first = SceneDataset(count: 13, size: 16, seed: 1)
      try writeScenes(of: first, to: folder)
      try writeFile(Data("text".utf8), to: "\(folder)/chair/notes.txt")
      #expect(try SceneFolder(folder).foreign == ["chair/notes.txt"])
      let sweep = SceneSweep(factor: .azimuth, count: 2, base: SceneFactors(.mug))
      try writeScenes(of: sweep, size: 16, to: folder)
      #expect(
        try namesInFolder(folder) == [
          "azimuth-000-mug.png", "azimuth-001-mug.png", "chair", "factors.csv",
        ])
      #expect(try namesInFolder("\(folder)/chair") == ["notes.txt"])
    }
  }

  @Test func `what an interrupted call leaves is replaced by the next`() throws {
    try withTemporaryFolder { folder in
      // A folder where a picture should be stops it there.
      try makeFolder("\(folder)/azimuth-002-mug.png")
      let sweep = SceneSweep(factor: .azimuth, count: 4, base: SceneFactors(.mug))
      #expect(throws: FileError.self) { try writeScenes(of: sweep, size: 16, to: folder) }
      try FileManager.default.removeItem(atPath: "\(folder)/azimuth-002-mug.png")
      #expect(try SceneFolder(folder).foreign == [])
      try writeScenes(of: SceneDataset(count: 1, size: 16), to: folder)
      #expect(try namesInFolder(folder) == ["chair", "factors.csv"])
    }
  }

  @Test func `a table that lists other files removes none`() throws {
    try withTemporaryFolder { folder in
      try makeFolder("\(folder)/s")
      let names = ["../x.png", "/tmp/x.png", "a/../../x.png", "x.csv"]
      for name in ["x.png", "s/x.csv"] { try writeFile(Data(), to: "\(folder)/\(name)") }
      let rows = names.map { FactorsTable.Row(file: $0, factors: SceneFactors(.mug)) }
      try writeFile(Data(FactorsTable(rows).csv.utf8), to: "\(folder)/s/factors.csv")
      #expect(try SceneFolder("\(folder)/s").foreign == ["x.csv"])
      try writeScenes(of: SceneDataset(count: 1, size: 16), to: "\(folder)/s")
      #expect(try namesInFolder(folder) == ["s", "x.png"])
      #expect(try namesInFolder("\(folder)/s") == ["chair", "factors.csv", "x.csv"])
    }
  }

  @Test func `a folder that cannot be made is named`() throws {
    try withTemporaryFolder { folder in
      let file = "\(folder)/file"
      try writeFile(Data("text".utf8), to: file)
      let sweep = SceneSweep(factor: .azimuth, count: 1, base: SceneFactors(.mug))
      let error = #expect(throws: FileError.self) {
        try writeScenes(of: sweep, size: 16, to: "\(file)/scenes")
      }
      #expect(error?.kind == .unwritable)
      #expect(error?.file == "\(file)/scenes")
    }
  }
}
