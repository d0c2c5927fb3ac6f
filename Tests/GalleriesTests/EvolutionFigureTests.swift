import Analysis
import Drawing
import Galleries
import Images
import TestSupport
import Testing

private let layer = LayerDescription(
  name: "relu", kind: "ReLU", unitCount: 8, mapSize: [9, 9], model: "epoch 1 to epoch 20")
private let names = ["epoch 1", "epoch 5", "epoch 20"]

@Suite struct `Figures of evolution` {
  /// Four pixels of a picture (part 0) or its projection (part 1), all of different colours.
  private func colours(_ unit: Int, _ place: Int, _ part: Int) -> [Color] {
    distinctColors(4, from: 24 * unit + 8 * place + 4 * part)
  }

  /// The unit's picture changes at the places given; nil where it is inactive.
  private func unit(_ unit: Int, _ changes: [Bool?], hasProjections: Bool = true) -> EvolvedUnit {
    EvolvedUnit(
      unit: unit,
      peaks: changes.enumerated().map { place, isOther in
        isOther.map {
          EvolvedUnit.Peak(
            crop: Image(colours(unit, place, 0), columns: 2),
            projection: hasProjections ? Image(colours(unit, place, 1), columns: 2) : nil,
            value: Float(place + 1) / 2, isOther: $0)
        }
      })
  }

  private func draw(
    _ units: [EvolvedUnit], view: PatchView = PatchView(projection: .deconvnet)
  ) -> CaptionedFigure {
    evolutionFigure(
      of: units, names: names, layer: layer, pictureCount: 60, view: view, choice: "the best")
  }

  @Test(.slow) func `show each patch above its projection, from left to right`() throws {
    let figure = draw([unit(0, [false, false, true]), unit(1, [nil, false, false])])
    try expectSound(figure)
    let drawn = try SeenFigure(figure)
    func place(_ unit: Int, _ index: Int, _ part: Int) throws -> Box {
      try drawn.expectCells(colours(unit, index, part).map(\.self), columns: 2)
    }
    for (unit, indices) in [(0, [0, 1, 2]), (1, [1, 2])] {
      for index in indices {
        let (patch, projection) = (try place(unit, index, 0), try place(unit, index, 1))
        #expect(patch.x == projection.x && patch.maxY < projection.y)
        #expect(projection.y - patch.maxY < 8)
        #expect(drawn.words(below: projection).first == ["0.5", "1", "1.5"][index])
        // The mark is where the picture changes, and nowhere else; the thin outline is inside it.
        let isMarked = unit == 0 && index == 2
        for box in [patch, projection] {
          let corner = Point(Double(box.x) - 1.5, Double(box.y) - 1.5)
          #expect(
            drawn.shows(Theme.highlight, near: corner, distance: 2) == isMarked,
            "unit \(unit) at \(index)")
        }
      }
    }
    let row = try (0..<3).map { try place(0, $0, 0) }
    #expect(row[0].maxX < row[1].x && row[1].maxX < row[2].x && row[0].y == row[2].y)
    #expect(row[1].x - row[0].x == row[2].x - row[1].x)
    for (index, name) in names.enumerated() {
      #expect(drawn.words(above: row[index]).last == name)
    }
    #expect(try place(1, 1, 0).x == row[1].x)
    try expectSnapshot(graphics(of: figure), named: "evolution")
  }

  @Test func `say what they show`() throws {
    let figure = draw([unit(0, [false, false, true]), unit(1, [nil, false, true])])
    for text in [
      "among the same 60 pictures", "Below each patch: that activation alone", "2 changes",
      "“Inactive”: no picture", "2 of 8 units are shown: the best, at epoch 20.",
      "Zeiler and Fergus 2014, figure 4.",
    ] {
      #expect(figure.caption.contains(text), "\(text): \(figure.caption)")
    }
    #expect(figure.units == [0, 1] && figure.layer == "relu")
    let plain = draw([unit(0, [false, true, true], hasProjections: false)], view: PatchView())
    try expectSound(plain)
    #expect(!plain.caption.contains("deconvnet") && !plain.caption.contains("Inactive"))
    let dead = draw([unit(0, [nil, nil, nil])])
    try expectSound(dead)
    #expect(dead.caption == "No picture activates any of these units.")
  }

  @Test(arguments: [[1, 5, 20], [0, 1, 2], nil] as [[Int]?], [true, false])
  func `plot the movement of layers and the accuracy`(epochs: [Int]?, hasLabels: Bool) throws {
    let layers = [
      LayerMovement(layer: "relu1", distances: [0.25, 0.125]),
      LayerMovement(layer: "relu2", distances: [0.5, nil]),
    ]
    let figure = movementFigure(
      of: layers, names: names, epochs: epochs, accuracies: hasLabels ? [0.1, 0.5, 0.9] : [nil],
      pictureCount: 60, model: "net")
    try expectSound(figure)
    let drawn = try SeenFigure(figure)
    #expect(drawn.parts(of: LinePlot.self).count == (hasLabels ? 2 : 1))
    #expect(figure.scale.contains("logarithmic") == (epochs == [1, 5, 20]))
    #expect(figure.caption.contains("90 % at epoch 20") == hasLabels)
    #expect(figure.caption.contains("Gaps: "))
  }

  @Test func `are on a page of their own`() throws {
    let folder = try TemporaryFolder()
    let record = EvolutionRecord(
      checkpoints: names.map {
        .init(
          name: $0, file: "\($0).safetensors", sha256: String(repeating: "c", count: 64),
          accuracy: .init(source: "pictures", pictures: 1000, top1: 0.875))
      },
      layers: [.init(name: "<b>conv", distances: [0.125, nil], units: [])],
      remarks: ["a <remark>"])
    let writer = try GalleryWriter(
      folder: "\(folder.path)/out", checkpoint: checkpoint, kinds: kinds, version: "1",
      mode: .replacingAnew, evolution: record)
    let figure = draw([unit(0, [false, false, true])])
    try writer.add(TestFigure(kind: .patches, figure: figure), name: "relu", facts: facts)
    writer.note(record)
    _ = try writer.finish()
    #expect(folder.exists("out/evolution.html") && !folder.exists("out/index.html"))
    let page = try folder.text("out/evolution.html")
    for text in [
      "Fovea evolution", "epoch 20", "87.5 %", "0.125", "&lt;b&gt;conv", "a &lt;remark&gt;",
      "Accuracy on 1,000 labelled pictures of pictures. Layers: 1 − CKA",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(try Manifest(contentsOf: "\(folder.path)/out/gallery.json").evolution == record)
  }
}
