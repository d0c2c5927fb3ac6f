import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// An operation that is linear in its only input, with an oracle.
private struct Linearity {
  let operation: any Operation
  let input: Tensor
  let expected: SlowArray

  /// Checks the output and the transpose against the oracle, for all layouts of input and gradient.
  func check(_ seed: Int) throws {
    let shape = try operation.outputShape(for: [input.shape], parameters: [])
    #expect(shape.extents == expected.extents, "\(operation)")
    for layout in [Layout.rowMajor, .channelsLast] {
      let evaluation = operation.evaluate(
        [input.arranged(as: layout)], parameters: [], mode: .inference)
      let output = try #require(evaluation.output)
      #expect(output.shape == shape, "\(operation)")
      expectClose(
        output.elements, expected.elements, relative: 1e-6, absolute: 1e-5, "\(operation)")
      for signalLayout in [Layout.rowMajor, .channelsLast] {
        let signal = Tensor.random(shape, seed: seed + 1)
        let back = operation.pullback(
          signal.arranged(as: signalLayout), through: evaluation, parameters: [])
        #expect(back.map(\.shape) == [input.shape], "\(operation)")
        let value = signal.dot(output)
        #expect(
          abs(back[0].dot(input) - value) <= 1e-5 * Double(signal.norm * output.norm) + 1e-6,
          "\(operation) from \(layout), gradient \(signalLayout)")
      }
    }
  }
}

/// Generates random shapes and arguments.
private struct Draw {
  private var generator: SeededGenerator

  init(_ seed: Int) { generator = SeededGenerator(seed: UInt64(seed), path: 0xD1A) }

  mutating func pick(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  mutating func shape(rank: ClosedRange<Int> = 1...5, extents: ClosedRange<Int> = 1...5) -> Shape {
    Shape((0..<pick(rank)).map { _ in pick(extents) })
  }

  mutating func shuffled(_ values: [Int]) -> [Int] { values.shuffled(using: &generator) }
}

@Suite struct `Operations that move numbers` {
  @Test(arguments: 0..<60)
  func `transpose any axes`(seed: Int) throws {
    var draw = Draw(seed)
    // Large enough for more than one block.
    let shape = draw.shape(extents: 1...(seed % 4 == 0 ? 9 : 5))
    let order = draw.shuffled(Array(0..<shape.rank))
    let input = Tensor.random(shape, seed: seed)
    try Linearity(
      operation: Transpose(order), input: input,
      expected: Slow.transpose(SlowArray(input), order)
    ).check(seed)
  }

  @Test func `transpose blocks wider than one`() throws {
    let input = Tensor.random([2, 37, 5, 21], seed: 1)
    for order in [[0, 2, 3, 1], [0, 3, 1, 2], [1, 0, 3, 2], [3, 2, 1, 0]] {
      try Linearity(
        operation: Transpose(order), input: input,
        expected: Slow.transpose(SlowArray(input), order)
      ).check(1)
    }
  }

  @Test(arguments: 0..<60)
  func `reshape in row-major order`(seed: Int) throws {
    var draw = Draw(seed)
    let shape = draw.shape()
    // Adjacent factors are grouped in another way.
    var extents: [Int] = []
    for extent in shape.extents.flatMap({ $0 == 4 ? [2, 2] : [$0] }) {
      if let last = extents.last, draw.pick(0...1) == 0 {
        extents[extents.count - 1] = last * extent
      } else {
        extents.append(extent)
      }
    }
    let resolved = extents
    if seed % 2 == 0 { extents[draw.pick(0...(extents.count - 1))] = -1 }
    let input = Tensor.random(shape, seed: seed)
    let elements = input.elements.map(Double.init)
    var place = -1
    try Linearity(
      operation: Reshape(extents), input: input,
      expected: SlowArray(resolved) { _ in
        place += 1
        return elements[place]
      }
    ).check(seed)
  }

  @Test func `flatten from any axis on`() throws {
    let input = Tensor.random([2, 3, 4, 5], seed: 1)
    for (axis, extents) in [(0, [1, 120]), (1, [2, 60]), (2, [6, 20]), (4, [120, 1])] {
      let evaluation = Flatten(axis: axis).evaluate(
        [input.arranged(as: .channelsLast)], parameters: [], mode: .inference)
      #expect(evaluation.output?.shape.extents == extents)
      #expect(evaluation.output?.elements == input.elements)
    }
  }

  @Test(arguments: 0..<80)
  func `slice as Python does`(seed: Int) throws {
    var draw = Draw(seed)
    let shape = draw.shape(extents: 1...7)
    let input = Tensor.random(shape, seed: seed)
    let axes = draw.shuffled(Array(0..<shape.rank)).prefix(draw.pick(1...shape.rank))
    var (starts, ends, steps): ([Int], [Int], [Int]) = ([], [], [])
    var expected = SlowArray(input)
    for axis in axes {
      let step = [1, 1, 2, 3, -1, -2][draw.pick(0...5)]
      let start = draw.pick(-9...9)
      let end = [draw.pick(-9...9), step > 0 ? Int.max : Int.min][draw.pick(0...1)]
      expected = Slow.slice(expected, axis: axis, from: start, to: end, by: step)
      starts.append(start)
      ends.append(end)
      steps.append(step)
    }
    try Linearity(
      operation: Slice(axes: Array(axes), starts: starts, ends: ends, steps: steps),
      input: input, expected: expected
    ).check(seed)
  }

  @Test(arguments: 0..<60, [Pad.Mode.constant, .reflect, .edge, .wrap])
  func `pad as NumPy does, and crop`(seed: Int, mode: Pad.Mode) throws {
    var draw = Draw(seed)
    let input = Tensor.random(draw.shape(extents: 1...6), seed: seed)
    var (before, after): ([Int], [Int]) = ([], [])
    var expected = SlowArray(input)
    for axis in 0..<input.shape.rank {
      let extent = input.shape[axis]
      before.append(draw.pick(-(extent / 2)...3))
      after.append(draw.pick(-((extent - 1) / 2)...3))
      if mode == .constant {
        let (source, first) = (expected, before[axis])
        var extents = source.extents
        extents[axis] += first + after[axis]
        expected = SlowArray(extents) { index in
          var index = index
          index[axis] -= first
          return (0..<extent).contains(index[axis]) ? source[index] : 0
        }
      } else {
        expected = Slow.pad(
          expected, axis: axis, before: before[axis], after: after[axis], mode.rawValue)
      }
    }
    try Linearity(
      operation: Pad(before: before, after: after, mode: mode), input: input, expected: expected
    ).check(seed)
  }

  @Test func `pad with a value, of which infinity becomes the greatest`() {
    let input = Tensor(shape: [1, 2], [1, 2])
    let pad = Pad(before: [0, 1], after: [1, 0], value: -.infinity)
    let least = -Float.greatestFiniteMagnitude
    #expect(
      pad.evaluate([input], parameters: [], mode: .inference).output?.elements
        == [least, 1, 2, least, least, least])
  }

  @Test(arguments: 0..<40)
  func `gather by indices of any number`(seed: Int) throws {
    var draw = Draw(seed)
    let input = Tensor.random(draw.shape(), seed: seed)
    let (axis, extent): (Int, Int)
    axis = draw.pick(0...(input.shape.rank - 1))
    extent = input.shape[axis]
    let indexShape = draw.shape(rank: 0...2, extents: 1...4)
    let indices = (0..<indexShape.elementCount).map { _ in draw.pick(-extent...(extent - 1)) }
    let taken = Slow.take(
      SlowArray(input), axis: axis, indices.map { $0 < 0 ? $0 + extent : $0 })
    var place = -1
    let extents =
      input.shape.extents[..<axis] + indexShape.extents + input.shape.extents[(axis + 1)...]
    try Linearity(
      operation: Gather(axis: axis, indices: indices, indexShape: indexShape.extents),
      input: input,
      expected: SlowArray(Array(extents)) { _ in
        place += 1
        return taken.elements[place]
      }
    ).check(seed)
  }

  @Test(arguments: 0..<40)
  func `expand by NumPy's rules`(seed: Int) throws {
    var draw = Draw(seed)
    let full = draw.shape(rank: 1...5).extents
    let own = full.map { draw.pick(0...2) == 0 ? 1 : $0 }.suffix(draw.pick(1...full.count))
    let input = Tensor.random(Shape(Array(own)), seed: seed)
    // The target may have 1 where the input has more.
    let new = full.count - own.count
    let extents = full.indices.map { axis in
      axis >= new && own[own.startIndex + axis - new] == full[axis] && draw.pick(0...1) == 0
        ? 1 : full[axis]
    }
    let x = SlowArray(input)
    try Linearity(
      operation: Expand(extents), input: input,
      expected: SlowArray(full) { index in
        x[zip(own, index[new...]).map { $0 == 1 ? 0 : $1 }]
      }
    ).check(seed)
  }

  @Test(arguments: 0..<40)
  func `tile the whole`(seed: Int) throws {
    var draw = Draw(seed)
    let input = Tensor.random(draw.shape(extents: 1...4), seed: seed)
    let repeats = input.shape.extents.map { _ in draw.pick(1...3) }
    let x = SlowArray(input)
    try Linearity(
      operation: Tile(repeats), input: input,
      expected: SlowArray(zip(x.extents, repeats).map { $0 * $1 }) { index in
        x[zip(index, x.extents).map { $0 % $1 }]
      }
    ).check(seed)
  }

  @Test(arguments: 0..<20)
  func `turn depth into space and back`(seed: Int) throws {
    var draw = Draw(seed)
    let block = draw.pick(1...3)
    let shape: Shape = [
      draw.pick(1...2), block * block * draw.pick(1...3), draw.pick(1...4), draw.pick(1...4),
    ]
    let input = Tensor.random(shape, seed: seed)
    let x = SlowArray(input)
    let depth = shape[1] / (block * block)
    for columnRowDepth in [true, false] {
      try Linearity(
        operation: DepthToSpace(block: block, columnRowDepth: columnRowDepth), input: input,
        expected: SlowArray([shape[0], depth, shape[2] * block, shape[3] * block]) { index in
          let cell = index[2] % block * block + index[3] % block
          let channel =
            columnRowDepth ? index[1] * block * block + cell : cell * depth + index[1]
          return x[[index[0], channel, index[2] / block, index[3] / block]]
        }
      ).check(seed)
    }
    let spread = try #require(
      DepthToSpace(block: block, columnRowDepth: false)
        .evaluate([input], parameters: [], mode: .inference).output)
    try Linearity(operation: SpaceToDepth(block: block), input: spread, expected: x).check(seed)
  }

  @Test func `shuffle channels as ShuffleNet does, and keep positions`() throws {
    let steps: [any Operation] = [
      Reshape([-1, 2, 3, 4, 5]), Transpose([0, 2, 1, 3, 4]), Reshape([-1, 6, 4, 5]),
    ]
    let input = Tensor.random([2, 6, 4, 5], seed: 1).arranged(as: .channelsLast)
    var tensor = input
    for step in steps {
      let shape = try step.outputShape(for: [tensor.shape], parameters: [])
      let (from, to) = (tensor.shape.rank, shape.rank)
      guard case .axes(let reaches) = step.reach(from: [tensor.shape], to: shape) else {
        Issue.record("\(step) mixes positions")
        continue
      }
      #expect(reaches[0][(from - 2)...] == [.along(to - 2), .along(to - 1)])
      tensor = try #require(step.evaluate([tensor], parameters: [], mode: .inference).output)
    }
    let (x, y) = (SlowArray(input), SlowArray(tensor))
    for index in Slow.indices(y.extents) {
      let source = [index[0], index[1] % 2 * 3 + index[1] / 2, index[2], index[3]]
      #expect(y[index] == x[source])
    }
  }

  @Test func `leave memory alone where only names change`() throws {
    func address(_ tensor: Tensor) -> UInt {
      tensor.withUnsafeElements { UInt(bitPattern: $0.baseAddress) }
    }
    let images = Tensor.random([2, 6, 4, 5], seed: 1).arranged(as: .channelsLast)
    let steps: [any Operation] = [
      Transpose([0, 2, 3, 1]), Reshape([-1, 20, 6]), Transpose([0, 2, 1]), Reshape([-1, 6, 4, 5]),
    ]
    var tensor = images
    for step in steps {
      tensor = try #require(step.evaluate([tensor], parameters: [], mode: .inference).output)
      #expect(address(tensor) == address(images), "\(step)")
    }
    #expect(tensor.elements == images.elements)
  }
}

@Suite struct `Concatenation` {
  @Test(arguments: 0..<60)
  func `joins along any axis, and repeats a single picture`(seed: Int) throws {
    var draw = Draw(seed)
    let shape = draw.shape(rank: 1...5, extents: 1...4)
    let axis = draw.pick(0...(shape.rank - 1))
    let parts = (0..<draw.pick(1...3)).map { index -> Tensor in
      var extents = shape.extents
      extents[axis] = draw.pick(1...4)
      if axis != 0, index > 0, draw.pick(0...1) == 0 { extents[0] = 1 }
      return Tensor.random(Shape(extents), seed: seed + index)
        .arranged(as: draw.pick(0...1) == 0 ? .rowMajor : .channelsLast)
    }
    let operation = Concatenate(axis: axis)
    let whole = try operation.outputShape(for: parts.map(\.shape), parameters: [])
    let evaluation = operation.evaluate(parts, parameters: [], mode: .inference)
    let output = try #require(evaluation.output)
    #expect(output.shape == whole)
    let arrays = parts.map(SlowArray.init)
    expectClose(
      output.elements,
      SlowArray(whole.extents) { index in
        var (index, part) = (index, 0)
        while index[axis] >= arrays[part].extents[axis] {
          index[axis] -= arrays[part].extents[axis]
          part += 1
        }
        if arrays[part].extents[0] == 1 { index[0] = 0 }
        return arrays[part][index]
      }.elements)
    for layout in [Layout.rowMajor, .channelsLast] {
      let signal = Tensor.random(whole, seed: seed + 9)
      let back = operation.pullback(
        signal.arranged(as: layout), through: evaluation, parameters: [])
      #expect(back.map(\.shape) == parts.map(\.shape))
      let value = zip(back, parts).reduce(0.0) { $0 + $1.0.dot($1.1) }
      #expect(abs(value - signal.dot(output)) < 1e-4)
    }
  }
}
