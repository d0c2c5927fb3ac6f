import Analysis
import Drawing
import Galleries
import Images
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Patch figures` {
  private func block(_ unit: Int, side: Int, count: Int) -> PatchBlock {
    PatchBlock(
      unit: unit,
      crops: (0..<count).map { index in
        var pixels = Image.noise(side, side, seed: UInt64(unit * 9 + index)).pixels
        // The upper quarter is outside the picture.
        for byte in 0..<(side / 4 * side) { pixels[4 * byte + 3] = 0 }
        return Image(width: side, height: side, pixels: pixels)
      }, values: (0..<count).map { 3 - 0.1 * Float($0) })
  }

  private func finding(units: Int) throws -> (Network, TopActivationFinding) {
    let net = try network(filters: .random([units, 3, 3, 3], seed: 1), pictureSide: 8)
    return (net, TopActivationScan(net, layers: ["relu"]).findings()[0])
  }

  @Test(
    .slow, arguments: [(1, 7, 9), (64, 7, 9), (36, 224, 9), (5, 33, 1), (9, 1, 4), (3, 500, 8)])
  func `fit any shape`(shape: (units: Int, side: Int, count: Int)) throws {
    let (net, finding) = try finding(units: max(shape.units, 2))
    let blocks = (0..<shape.units).map { unit in
      block(unit, side: shape.side, count: unit % 3 == 1 ? 0 : shape.count)
    }
    let figure = patchFigure(
      of: blocks, finding: finding, layer: LayerDescription(of: "relu", in: net))
    try expectSound(figure)
    #expect(figure.units == Array(0..<shape.units))
  }

  @Test func `a layer that nothing excites says so`() throws {
    let (net, finding) = try finding(units: 2)
    let figure = patchFigure(
      of: [block(0, side: 7, count: 0), block(1, side: 7, count: 0)], finding: finding,
      layer: LayerDescription(of: "relu", in: net))
    try expectSound(figure)
    #expect(figure.caption.contains("No picture activates 2 units: 0 and 1."))
  }

  @Test func `units whose values are not finite are hatched, not dead`() throws {
    var numbers = Tensor.random([4, 3, 3, 3], seed: 1).elements
    numbers[30] = .nan
    let net = try network(filters: Tensor(shape: [4, 3, 3, 3], numbers), pictureSide: 8)
    let scan = TopActivationScan(net, layers: ["relu"])
    scan.observe(net.record(.random([3, 3, 8, 8], seed: 2)), pictures: [0, 1, 2])
    let finding = scan.findings()[0]
    let strange = PatchBlock(unit: 1, crops: [], values: [], isFinite: false)
    for blocks in [[block(0, side: 7, count: 9), strange], [strange]] {
      let figure = patchFigure(
        of: blocks, finding: finding, layer: LayerDescription(of: "relu", in: net))
      try expectSound(figure)
      #expect(
        figure.caption.contains(
          "3 pictures gave 1 unit values that are not finite, which are left out: 1."))
      #expect(!figure.caption.contains("No picture activates"))
      #expect(
        figure.caption.hasPrefix(
          blocks.count == 1
            ? "None of these units has a patch to show among 3 pictures."
            : "For each unit: the 9 strongest patches among 3 pictures, strongest first"))
      #expect(try hatchedPixels(figure) > 200)
    }
  }

  @Test func `classes have probabilities, and the caption says how pictures were chosen`() throws {
    let net = try classifier(classes: 4, side: 8)
    for (labelled, words) in [
      (0, "ranked by the class's probability, a softmax of the scores. "),
      (
        2,
        "and of each true class only the best picture counts; that of the class itself is always "
          + "shown. Pictures of unknown class all count."
      ), (3, "that of the class itself is always shown. 1 of"),
    ] {
      let scan = TopClassPictureScan(net, layer: net.graph.scoreName, count: 3) {
        $0 < labelled ? $0 : nil
      }
      scan.observe(net.record(.random([3, 3, 8, 8], seed: 2)), pictures: [0, 1, 2])
      let finding = try #require(scan.finding)
      let found = finding.units[1]
      let block = PatchBlock(
        unit: 1, name: "bee", crops: found.indices.map { Image.noise(8, 8, seed: UInt64($0)) },
        values: found.map(\.value), probabilities: [0.9, 0.25, 0.0001])
      let figure = patchFigure(
        of: [block], finding: finding, layer: LayerDescription(of: net.graph.scoreName, in: net))
      try expectSound(figure)
      #expect(figure.caption.contains(words), "\(figure.caption)")
      #expect(
        figure.caption.hasPrefix("For each class: the 3 most probable pictures among 3 pictures, "))
      let texts = try SeenFigure(figure).parts(of: Text.self).flatMap(\.content.lines)
      #expect(texts.contains("90 % … 0.01 %"), "\(texts)")
    }
  }

  @Test(.slow) func `layers of all sizes stand side by side`() throws {
    let (net, _) = try finding(units: 2)
    let layer = LayerDescription(of: "relu", in: net)
    let sides = [1, 7, 19, 51, 67, 131, 224, 404]
    let figure = patchOverviewFigure(
      of: sides.map { side in (layer, (0..<3).map { block($0, side: side, count: 9) }) }
        + [(layer, []), (LayerDescription(name: longName, kind: "", unitCount: 1), [])],
      pictureCount: 60_000)
    try expectSound(figure)
    #expect(figure.subtitle == "10 layers · 60,000 pictures")
  }
  @Test func `units of a concatenation see what their branches see`() throws {
    var sketch = NetworkSketch([3, 12, 12], seed: 1)
    try sketch.convolution("narrow", filters: 2, Convolution(3, padding: 1), of: "input")
    try sketch.convolution("wide", filters: 2, Convolution(5, padding: 2), of: "input")
    try sketch.add("concat", Concatenate(), of: ["narrow", "wide"])
    let net = try sketch.network()
    let finding = TopActivationScan(net, layers: ["concat"]).findings()[0]
    func figure(_ blocks: [PatchBlock]) -> CaptionedFigure {
      patchFigure(of: blocks, finding: finding, layer: LayerDescription(of: "concat", in: net))
    }
    let (narrow, wide) = (block(1, side: 3, count: 9), block(2, side: 5, count: 9))
    let both = figure([narrow, wide])
    try expectSound(both)
    #expect(both.subtitle.hasSuffix("units see 3×3 to 5×5 pixels"))
    let remark = "A unit of a concatenation has the receptive field of its branch"
    #expect(both.caption.contains(remark))
    // A narrow unit's crop is no part of a wider field.
    #expect(!both.caption.contains("the whole picture is shown"))
    let one = figure([narrow])
    #expect(one.subtitle.hasSuffix("a unit sees 3×3 pixels"))
    #expect(!one.caption.contains(remark))
    let overview = patchOverviewFigure(
      of: [(LayerDescription(of: "concat", in: net), [narrow, wide])], pictureCount: 9)
    #expect(overview.sheet.labels.contains("sees 3×3 to 5×5 pixels"))
    #expect(
      overview.remarking("More.").unitsByLayer == [
        UnitsOfLayer("concat", [narrow.unit, wide.unit])
      ])
  }
}
