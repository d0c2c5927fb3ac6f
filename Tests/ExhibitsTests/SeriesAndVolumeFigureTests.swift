import Checkpoints
import Exhibits
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Figures of networks of series and volumes` {
  /// One convolution with steps of two along every axis, and class scores.
  private func studio(_ input: [Int], in folder: TemporaryFolder) throws -> Studio {
    let axes = [Int](repeating: 1, count: input.count - 1)
    var sketch = NetworkSketch(Shape(input), seed: 1)
    try sketch.convolution(
      "conv1", filters: 4,
      Convolution(
        window: axes.map { _ in 3 },
        moves: WindowGeometry(
          stride: axes.map { _ in 2 }, dilation: axes, paddingBefore: axes, paddingAfter: axes)))
    try sketch.add("relu1", Activation.relu)
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 3)
    let path = "\(folder.path)/net.safetensors"
    try Checkpoint(sketch.network(), design: nil).save(to: path)
    return Studio(try Model(path))
  }

  @Test func `of series have their filters, responses and places as numbers`() throws {
    let folder = try TemporaryFolder()
    let studio = try studio([1, 128], in: folder)
    let filters = try studio.figures(of: Filters.self)
    #expect(filters.map(\.name) == ["conv1"])
    #expect(filters[0].finding["filters"]?.shape == [4, 1, 3])
    #expect(filters[0].finding["responses"]?.shape == [4, 1, 129])
    #expect(filters[0].finding["frequencies"]?.elements.last == 0.5)
    let maps = try studio.figures(
      of: FeatureMaps.self, "--images", "series:3", "--layers", "relu1,fc", "--pictures", "1")
    let map = try #require(maps.first { $0.finding["maps"] != nil })
    #expect(map.finding["maps"]?.shape == [1, 4, 64])
    // Windows of three with one zero before them begin at −1: their middles are 0, 2, 4.
    #expect(map.finding["samples"]?.elements.prefix(3) == [0, 2, 4])
    #expect(maps.contains { $0.finding["values"]?.shape == [1, 3] })
    let blocks = try studio.figures(
      of: FeatureMaps.self, "--images", "series:3", "--layers", "conv1", "--blocks")
    #expect(blocks.count == 1 && blocks[0].finding["maps/relu1"] != nil)
  }

  @Test func `of volumes have their filters and frames as numbers`() throws {
    let folder = try TemporaryFolder()
    let studio = try studio([1, 8, 16, 16], in: folder)
    let filters = try studio.figures(of: Filters.self)
    #expect(filters.map(\.name) == ["conv1"])
    #expect(filters[0].finding.keys.sorted() == ["filters"])
    let maps = try studio.figures(
      of: FeatureMaps.self, "--images", "volumes:2", "--layers", "relu1", "--pictures", "1")
    #expect(maps.count == 1)
    #expect(maps[0].finding["maps"]?.shape == [1, 4, 4, 8, 8])
    #expect(maps[0].finding["frames"]?.elements == [0, 2, 4, 6])
  }
}
