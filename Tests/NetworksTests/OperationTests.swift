import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

private func record(
  _ inputShape: Shape, _ images: Tensor, mode: Mode = .inference,
  _ build: (inout NetworkSketch) throws -> Void
) throws -> Recording {
  var sketch = NetworkSketch(inputShape, seed: 1)
  try build(&sketch)
  return try sketch.network().record(
    images, keeping: mode == .inference ? .everything : .forTraining, mode: mode)
}

@Suite struct `Operations` {
  @Test func `flatten in PyTorch's order: channels, rows, columns`() throws {
    let images = Tensor(shape: [2, 2, 2, 3], (0..<24).map(Float.init))
    let recording = try record([2, 2, 3], images) {
      try $0.add("relu", Activation.relu)
      try $0.add("flatten", Flatten())
    }
    #expect(recording["flatten"].shape == [2, 12])
    #expect(recording["flatten"].elements == (0..<24).map(Float.init))
    let signal = Tensor(shape: [2, 12], (0..<24).map { Float($0 % 5) })
    let back = recording.propagate(signal, from: "flatten", keeping: ["relu"])
    #expect(back["relu"]?.shape == [2, 2, 2, 3])
    #expect(back["relu"]?.elements == signal.elements)
  }

  @Test func `concatenate in the order of their inputs`() throws {
    let images = Tensor.random([2, 3, 4, 5], seed: 1)
    let recording = try record([3, 4, 5], images) {
      try $0.add("left", Activation.relu, of: ["input"])
      try $0.add("both", Concatenate(), of: ["left", "input"])
    }
    let (x, both) = (images.elements, recording["both"].elements)
    #expect(recording["both"].shape == [2, 6, 4, 5])
    for index in both.indices {
      let (image, channel) = (index / 120, index / 20 % 6)
      let value = x[(image * 3 + channel % 3) * 20 + index % 20]
      #expect(both[index] == (channel < 3 ? max(value, 0) : value))
    }
  }

  @Test func `add one thing twice to its double`() throws {
    let images = Tensor.random([2, 3, 4, 5], seed: 1)
    let recording = try record([3, 4, 5], images) {
      try $0.add("sum", Arithmetic(.add), of: ["input", "input"])
    }
    #expect(recording["sum"].elements == images.elements.map { 2 * $0 })
    #expect(recording.input.elements == images.elements)
  }

  @Test func `pool whole maps to their mean and their maximum`() throws {
    let images = Tensor.random([2, 3, 4, 5], seed: 1)
    let recording = try record([3, 4, 5], images) {
      try $0.add("mean", GlobalPool(), of: ["input"])
      try $0.add("greatest", GlobalPool(.maximum), of: ["input"])
    }
    let maps = (0..<6).map { images.elements[($0 * 20)..<($0 * 20 + 20)] }
    #expect(recording["mean"].shape == [2, 3, 1, 1])
    expectClose(
      recording["mean"].elements, maps.map { $0.reduce(0) { $0 + Double($1) } / 20 },
      absolute: 1e-6)
    #expect(recording["greatest"].elements == maps.map { $0.max() ?? .nan })
  }

  @Test func `batch norm follows the batch by its momentum, unbiased as PyTorch`() throws {
    let images = Tensor.random([4, 3, 5, 5], seed: 1)
    let recording = try record([3, 5, 5], images, mode: .training(seed: 1)) {
      try $0.batchNormalization("norm")
    }
    let slow = Slow.batchNormalize(
      images, scale: [1, 1, 1], shift: [0, 0, 0], epsilon: 1e-5)
    let before = recording.network.parameters
    let measured = recording.measuredParameters
    #expect(measured.keys.sorted() == ["norm.running_mean", "norm.running_var"])
    for (name, values, factor) in [
      ("norm.running_mean", slow.mean, 1.0), ("norm.running_var", slow.variance, 100.0 / 99),
    ] {
      let old = try #require(before[name]).elements
      expectClose(
        try #require(measured[name]).elements,
        values.indices.map { 0.9 * Double(old[$0]) + 0.1 * factor * values[$0] }, absolute: 1e-5,
        name)
    }
  }

  @Test func `batch norm of one picture by its own positions stays finite`() throws {
    let recording = try record(
      [3, 1, 1], .random([1, 3, 1, 1], seed: 1), mode: .training(seed: 1)
    ) { try $0.batchNormalization("norm") }
    #expect(recording["norm"].elements.allSatisfy { $0.isFinite })
    #expect(
      recording.measuredParameters.values.allSatisfy { $0.elements.allSatisfy { $0.isFinite } })
  }
}

@Suite struct `Dropout in training` {
  private func dropped(seed: UInt64) throws -> Recording {
    let ones = Tensor(shape: [4, 5, 100, 100], repeating: 1)
    return try record([5, 100, 100], ones, mode: .training(seed: seed)) {
      try $0.add("first", Dropout(0.3), of: ["input"])
      try $0.add("second", Dropout(0.3), of: ["input"])
      try $0.add("sum", Arithmetic(.add), of: ["first", "second"])
    }
  }

  /// Of 200,000 elements, 60,000 ± 205 are dropped; five times that is allowed.
  @Test func `drops its share and keeps the expectation`() throws {
    let ones = Tensor(shape: [4, 5, 100, 100], repeating: 1)
    let recording = try record([5, 100, 100], ones, mode: .training(seed: 1)) {
      try $0.add("drop", Dropout(0.3))
    }
    let values = recording["drop"].elements
    #expect(Set(values) == [0, 1 / (1 - 0.3)])
    #expect(abs(values.count { $0 == 0 } - 60_000) < 1025)
    #expect(abs(recording["drop"].sum() / 200_000 - 1) < 0.0075)
    // The backward pass keeps the elements that the forward pass kept.
    let back = recording.propagate(ones, from: "drop").input
    #expect(back.elements == values)
  }

  @Test func `depends on the seed and on the node`() throws {
    let (one, same, other) = try (dropped(seed: 1), dropped(seed: 1), dropped(seed: 2))
    #expect(one["sum"].elements == same["sum"].elements)
    #expect(one["sum"].elements != other["sum"].elements)
    // Otherwise, two nodes with the same rate would only sum to 0 and 2/0.7.
    #expect(Set(one["sum"].elements).count == 3)
  }

  @Test func `does nothing in inference`() throws {
    let images = Tensor.random([1, 2, 3, 3], seed: 1)
    let recording = try record([2, 3, 3], images) { try $0.add("drop", Dropout(0.9)) }
    #expect(recording["drop"].elements == images.elements)
  }
}
