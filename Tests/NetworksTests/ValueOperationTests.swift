import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Operations on values` {
  private func problem(
    _ operation: any Networks.Operation, _ inputs: [Shape], _ parameters: [Shape] = []
  ) -> String? { errorText { try operation.outputShape(for: inputs, parameters: parameters) } }

  @Test func `know their output's shape`() throws {
    func shape(
      _ operation: any Networks.Operation, _ inputs: [Shape], _ parameters: [Shape] = []
    ) throws -> Shape { try operation.outputShape(for: inputs, parameters: parameters) }
    #expect(try shape(Arithmetic(.multiply), [[2, 8, 5, 5], [8, 1, 1]]) == [2, 8, 5, 5])
    #expect(try shape(Select(), [[3, 1], [1, 4], []]) == [3, 4])
    #expect(
      try shape(Reduce(.mean, axes: [2, 3], keepsAxes: true), [[2, 8, 5, 5]]) == [2, 8, 1, 1])
    #expect(try shape(Reduce(.mean, axes: [2, 3], keepsAxes: false), [[2, 8, 5, 5]]) == [2, 8])
    #expect(try shape(ArgMax(axis: 1, keepsAxis: false), [[2, 8, 5]]) == [2, 5])
    #expect(try shape(MatrixProduct(), [[2, 1, 3, 4], [5, 4, 6]]) == [2, 5, 3, 6])
    #expect(try shape(MatrixProduct(), [[4], [4]]) == [])
    #expect(try shape(MatrixProduct(), [[4], [2, 4, 3]]) == [2, 3])
    #expect(try shape(Linear(), [[2, 7, 4]], [[9, 4]]) == [2, 7, 9])
    #expect(try shape(Constant(), [], [[3, 1, 1]]) == [3, 1, 1])
  }

  @Test func `say in one line what does not fit`() {
    #expect(
      problem(Arithmetic(.add), [[2, 3], [2, 4]]) == "inputs [2, 3] and [2, 4] do not broadcast")
    #expect(problem(Arithmetic(.divide), [[2]]) == "takes two inputs, not 1")
    #expect(problem(Arithmetic(.add), []) == "has no inputs")
    let long = Int(UInt32.max)
    #expect(
      problem(Arithmetic(.add), [[long, 1], [1, long]])
        == "an output of [\(long), \(long)] is not a tensor of at most 2³¹ elements")
    #expect(
      problem(MatrixProduct(), [[long, 1], [1, long]])
        == "an output of [\(long), \(long)] is not a tensor of at most 2³¹ elements")
    #expect(
      problem(MatrixProduct(), [[2, 3], [4, 5]])
        == "matrices [2, 3] and [4, 5] do not multiply")
    #expect(
      problem(MatrixProduct(), [[], [4, 5]]) == "inputs [] and [4, 5] are not matrices")
    #expect(
      problem(Activation(.clip(lower: .nan, upper: 1)), [[1]])
        == "a clip with the parameter nan is not a function")
    #expect(
      problem(Reduce(.sum, axes: [2], keepsAxes: true), [[1, 3]])
        == "inputs [1, 3] have no axis 2")
    #expect(problem(Softmax(axis: 2), [[1, 3]]) == "[1, 3] has no elements along axis 2")
    #expect(problem(Softmax(axis: -1), [[1, 3]]) == "[1, 3] has no elements along axis -1")
    #expect(
      problem(ArgMax(axis: 1, keepsAxis: true), [[1, 0]]) == "[1, 0] has no elements along axis 1")
    #expect(
      problem(Reduce(.sum, axes: [1, 1], keepsAxes: true), [[1, 3]])
        == "names an axis twice: [1, 1]")
    #expect(
      problem(GroupNormalization(groups: 4), [[1, 6, 2, 2]], [[6], [6]])
        == "6 channels cannot be divided into 4 groups")
    #expect(
      problem(GroupNormalization(groups: 0), [[1, 6, 2, 2]], [[6], [6]])
        == "6 channels cannot be divided into 0 groups")
    #expect(
      problem(InstanceNormalization(), [[1, 6, 2, 2]], [[6], [5]])
        == "a parameter of [5] does not fit images [1, 6, 2, 2]")
    #expect(
      problem(LayerNormalization(axis: 2), [[1, 6, 8]], [[6]])
        == "a parameter of [6] does not fit [8] of [1, 6, 8]")
    #expect(
      problem(PReLU(), [[1, 6, 8]], [[6]]) == "a slope of [6] does not broadcast to [1, 6, 8]")
    #expect(
      problem(Quantize(axis: 1, lower: 0, upper: 255), [[1, 6], [5], []])
        == "a scale of [5] does not fit axis 1 of [1, 6]")
    #expect(
      problem(Quantize(axis: 1, lower: 1, upper: 0), [[1, 6], [5], []]) == "quantizes to 1.0…0.0")
    #expect(
      problem(Dequantize(axis: 9), [[1, 6], [5]])
        == "a scale of [5] does not fit axis 9 of [1, 6]")
    #expect(
      problem(Constant(), [[1]], [])
        == "takes one parameter, not 1 inputs and 0 parameters")
    #expect(problem(Select(), [[1]]) == "takes a condition and two inputs, not 1")
    #expect(problem(Comparison(.less), [[1]]) == "takes two inputs, not 1")
  }

  @Test(arguments: [
    Activation(.clip(lower: -.greatestFiniteMagnitude, upper: 6)), Activation(.elu(alpha: 0.5)),
    Activation(.gelu), Activation(.selu(alpha: 1.6733, gamma: 1.0507)),
  ])
  func `of a function come back from their written form`(operation: Activation) throws {
    let data = try JSONEncoder().encode(operation)
    #expect(try JSONDecoder().decode(Activation.self, from: data) == operation)
  }

  @Test func `count a multiplication for every weight that a picture meets`() {
    #expect(
      Linear().multiplyAdds(inputs: [[1, 7, 4]], parameters: [[9, 4]], output: [1, 7, 9]) == 252)
    #expect(
      MatrixProduct().multiplyAdds(
        inputs: [[1, 3, 7, 4], [1, 3, 4, 5]], parameters: [], output: [1, 3, 7, 5]) == 420)
  }

  @Test func `run on any number of pictures`() throws {
    var sketch = NetworkSketch([6, 4, 4], seed: 1)
    try sketch.add("scale", Constant(), of: [], parameters: [("s", .random([6, 1, 1], seed: 1))])
    try sketch.add("product", Arithmetic(.multiply), of: ["input", "scale"])
    try sketch.add("mean", Reduce(.mean, axes: [2, 3], keepsAxes: true))
    try sketch.add("gate", Activation(.hardSigmoid(alpha: 0.2, beta: 0.5)))
    try sketch.add("gated", Arithmetic(.multiply), of: ["product", "gate"])
    try sketch.add(
      "norm", GroupNormalization(groups: 2),
      parameters: [
        ("w", .random([6], seed: 2)), ("b", .random([6], seed: 3)),
      ])
    let network = try sketch.network()
    let images = Tensor.random([5, 6, 4, 4], seed: 4)
    let all = network.record(images)["norm"]
    for row in 0..<5 {
      expectClose(
        network.record(images.rows(row..<row + 1))["norm"],
        all.arranged(as: .rowMajor).rows(row..<row + 1),
        relativeNorm: 1e-6)
    }
  }

  @Test func `ReLU6 is gated as a ReLU`() throws {
    var sketch = NetworkSketch([6], seed: 1)
    try sketch.add("relu6", Activation(.clip(lower: 0, upper: 6)))
    let recording = try sketch.network().record(Tensor(shape: [1, 6], [-1, -1, 3, 3, 9, 9]))
    let signal = Tensor(shape: [1, 6], [2, -2, 2, -2, 2, -2])
    func back(_ rules: RuleBook) -> [Float] {
      recording.propagate(signal, from: "relu6", by: rules).input.elements
    }
    #expect(back(.gradient) == [0, 0, 2, -2, 0, 0])
    #expect(back(.guidedBackpropagation) == [0, 0, 2, 0, 0, 0])
    #expect(back(.deconvnet) == [2, 0, 2, 0, 2, 0])
  }
}
