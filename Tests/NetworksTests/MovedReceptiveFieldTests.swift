import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// Graphs that move the picture's rows and columns to other axes.
@Suite struct `Receptive fields of moved axes` {
  /// A picture, its NHWC form with a batch norm as an exporter writes it, and the picture again.
  private func likeKeras(_ sketch: inout NetworkSketch) throws {
    try sketch.convolution("c1", filters: 4, Convolution(3, padding: 1))
    try sketch.add("last", Transpose([0, 2, 3, 1]))
    try sketch.add(
      "scale", Constant(), of: [], parameters: [("s", Tensor(shape: [4], [1, 2, 3, 4]))])
    try sketch.add("scaled", Arithmetic(.multiply), of: ["last", "scale"])
    try sketch.add("first", Transpose([0, 3, 1, 2]))
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.convolution("c2", filters: 3, Convolution(3, padding: 1))
  }

  @Test func `are those of the same network without transposes`() throws {
    var sketch = NetworkSketch([3, 12, 14], seed: 1, weights: .positive)
    try likeKeras(&sketch)
    let network = try sketch.network()
    let fields = network.receptiveFields()
    for (name, size, stride, start, axes) in [
      ("c1", 3, 1, -1, [2, 3]), ("last", 3, 1, -1, [1, 2]), ("scaled", 3, 1, -1, [1, 2]),
      ("first", 3, 1, -1, [2, 3]), ("pool", 4, 2, -1, [2, 3]), ("c2", 8, 2, -3, [2, 3]),
    ] {
      let field = try #require(fields[name])
      #expect(field.size == [size, size] && field.stride == [stride, stride], "\(name)")
      #expect(field.start == [start, start] && field.axes == axes, "\(name)")
    }
    #expect(try MeasuredFields(network).check() > 300)
  }

  @Test(.slow, arguments: 0..<40)
  func `are what a changed pixel changes, in graphs that nobody would build`(seed: Int) throws {
    var sketch = NetworkSketch([3, 11, 13], seed: seed, weights: .positive)
    try likeKeras(&sketch)
    for step in 0..<6 {
      let extents = sketch.shape.extents
      let axis = sketch.pick(1...3)
      switch sketch.pick(0...6) {
      case 0...1:
        let orders = [[2, 3, 1], [3, 1, 2], [1, 3, 2], [3, 2, 1], [2, 1, 3]]
        try sketch.add("turned\(step)", Transpose([0] + orders[sketch.pick(0...4)]))
      case 2 where extents[2] > 2 && extents[3] > 2:
        try sketch.convolution("conv\(step)", filters: 3, Convolution(2))
      case 3 where extents[2] > 2 && extents[3] > 2:
        try sketch.add("pool\(step)", MaxPool(PoolingGeometry(window: 2, stride: 1)))
      case 4:
        let weights = Tensor(shape: [3, extents[3]], repeating: 1)
        try sketch.add("linear\(step)", Linear(), parameters: [("w\(step)", weights)])
      case 5 where extents[axis] > 3:
        let steps = sketch.pick(1...2)
        try sketch.add(
          "slice\(step)", Slice(axes: [axis], starts: [1], ends: [extents[axis]], steps: [steps]))
      default:
        try sketch.add("mean\(step)", Reduce(.mean, axes: [axis], keepsAxes: true))
      }
    }
    _ = try MeasuredFields(sketch.network()).check()
  }

  @Test func `stay with rows while columns are mixed`() throws {
    var sketch = NetworkSketch([2, 6, 5], seed: 3, weights: .positive)
    try sketch.convolution("conv", filters: 2, Convolution(3, padding: 1))
    try sketch.add("rows", Reduce(.mean, axes: [3], keepsAxes: false))
    try sketch.add("turned", Transpose([0, 2, 1]))
    let fields = try sketch.network().receptiveFields()
    let field = try #require(fields["turned"])
    #expect(field.size == [3, 7] && field.stride == [1, 0] && field.axes == [1, nil])
    // Unit 4 is row 4.
    #expect(field.pixels(at: [0], ofUnit: 4) == [3..<6, -1..<6])
  }

  @Test func `follow the columns of each product, and of sums broadcast`() throws {
    var sketch = NetworkSketch([2, 6, 5], seed: 3, weights: .positive)
    try sketch.convolution("conv", filters: 2, Convolution(2))
    // [1, 2, 5, 4] × [4, 3] mixes columns; [3, 5] × [1, 2, 5, 4] mixes rows.
    try sketch.add(
      "right", Constant(), of: [], parameters: [("r", Tensor(shape: [4, 3], repeating: 1))])
    try sketch.add(
      "left", Constant(), of: [], parameters: [("l", Tensor(shape: [3, 5], repeating: 1))])
    try sketch.add("columns mixed", MatrixProduct(), of: ["conv", "right"])
    try sketch.add("rows mixed", MatrixProduct(), of: ["left", "conv"])
    let fields = try sketch.network().receptiveFields()
    #expect(fields["columns mixed"]?.axes == [2, nil])
    #expect(fields["columns mixed"]?.size == [2, 5])
    #expect(fields["rows mixed"]?.axes == [nil, 3])
    #expect(fields["rows mixed"]?.size == [6, 2])
  }

  @Test func `a picture added to its transpose is seen whole`() throws {
    var sketch = NetworkSketch([1, 6, 6], seed: 3, weights: .positive)
    try sketch.convolution("conv", filters: 2, Convolution(2))
    try sketch.add("turned", Transpose([0, 1, 3, 2]))
    try sketch.add("sum", Arithmetic(.add), of: ["conv", "turned"])
    let network = try sketch.network()
    let field = try #require(network.receptiveFields()["sum"])
    #expect(field.size == [6, 6] && field.stride == [0, 0] && field.axes == [nil, nil])
    _ = try MeasuredFields(network).check()
  }
}
