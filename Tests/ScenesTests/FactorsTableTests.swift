import Datasets
import Files
import Scenes
import Testing

@Suite struct `The table of factors` {
  private var table: FactorsTable {
    FactorsTable(
      (0..<30).map {
        FactorsTable.Row(file: "scene-\($0).png", factors: .random(index: $0, seed: 12))
      })
  }

  @Test func `reads back exactly what was written`() throws {
    #expect(try FactorsTable(csv: table.csv, file: "factors.csv") == table)
  }

  @Test func `names every factor in its header`() {
    let header = table.csv.split(separator: "\n")[0]
    #expect(header.hasPrefix("file,class,style,slenderness,azimuth,elevation,x,y,size,"))
    // After the file and the factors come the four numbers of the box.
    #expect(header.split(separator: ",").count == 1 + SceneFactor.allCases.count + 4)
  }

  @Test func `columns may come in another order`() throws {
    let lines = table.csv.split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).reversed()
        .joined(separator: ",")
    }
    let turned = lines.joined(separator: "\r\n")
    #expect(try FactorsTable(csv: turned, file: "factors.csv") == table)
  }

  @Test func `a box is kept, and a table without boxes is read`() throws {
    let box = Annotations.Box(name: "mug", x: 3, y: 4.5, width: 12, height: 0.25)
    let table = FactorsTable([
      .init(file: "a, b.png", factors: SceneFactors(.mug), box: box),
      .init(file: "c.png", factors: SceneFactors(.car)),
    ])
    #expect(try FactorsTable(csv: table.csv, file: "factors.csv") == table)
    let without = table.csv.split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).dropLast(4)
        .joined(separator: ",")
    }.joined(separator: "\n")
    #expect(
      try FactorsTable(csv: without, file: "factors.csv").rows.map(\.box) == [nil, nil])
    #expect(
      error(table.csv.replacing(",4.5,", with: ",up,"))
        == "t.csv: line 2: expected a number for box_y, found \"up\"")
  }

  @Test func `says which line and value it cannot read`() {
    let csv = FactorsTable([FactorsTable.Row(file: "a.png", factors: SceneFactors(.mug))]).csv
    #expect(error("") == "t.csv: expected a header, found an empty table")
    #expect(
      error(csv.replacing("azimuth,elevation", with: "elevation"))
        == "t.csv: expected one column azimuth, found 0")
    #expect(error(csv + "b.png,mug\n") == "t.csv: line 3: expected 36 values, found 2")
    #expect(
      error(csv.replacing(",35.0,", with: ",north,"))
        == "t.csv: line 2: expected a number for azimuth, found \"north\"")
    #expect(
      error(csv.replacing(",plain,", with: ",tartan,"))
        == "t.csv: line 2: expected a texture (plain, stripes, checker, spots, wood, marble), "
        + "found \"tartan\"")
    #expect(
      error(csv.replacing("a.png,mug,0,", with: "a.png,mug,first,"))
        == "t.csv: line 2: expected an integer for style, found \"first\"")
  }

  private func error(_ csv: String) -> String? {
    do throws(FileError) {
      _ = try FactorsTable(csv: csv, file: "t.csv")
      return nil
    } catch {
      return error.description
    }
  }
}
