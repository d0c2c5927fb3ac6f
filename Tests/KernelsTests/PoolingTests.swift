import Kernels
import TensorCore
import TestSupport
import Testing

private func randomPooling(seed: Int) -> (Tensor, PoolingGeometry) {
  var generator = SeededGenerator(seed: UInt64(seed))
  func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  let window = [pick(2...4), pick(2...4)]
  let moves = WindowGeometry(
    stride: [pick(1...3), pick(1...3)], dilation: [1, 1],
    paddingBefore: window.map { pick(0...($0 / 2)) },
    paddingAfter: window.map { pick(0...($0 / 2)) })
  let images = Tensor.random(
    Shape([pick(1...2), pick(1...20)] + window.map { $0 + pick(0...8) }), seed: seed)
  return (images, PoolingGeometry(window: window, moves: moves, ceiling: seed % 2 == 0))
}

@Suite struct `Pooling` {
  @Test(arguments: 0..<40)
  func `takes the greatest of each window, and its place`(seed: Int) {
    let (images, geometry) = randomPooling(seed: seed)
    let windows = Slow.windows(images, geometry)
    let (output, switches) = maxPool(images, geometry)
    expectClose(output.elements, windows.map { $0.compactMap { $0 }.max() ?? .nan })
    let places = windows.map { window in
      window.indices.max { (window[$0] ?? -.infinity) < (window[$1] ?? -.infinity) } ?? -1
    }
    #expect(switches.windowIndices == places)
    #expect(maxPoolWithoutSwitches(images, geometry).elements == output.elements)
  }

  @Test(arguments: 0..<40)
  func `averages with and without the padding, never with what only the ceiling adds`(
    seed: Int
  ) {
    let (images, geometry) = randomPooling(seed: seed)
    let windows = Slow.windows(images, geometry)
    expectClose(
      averagePool(images, geometry, countsPadding: false).elements,
      windows.map { window in
        let inside = window.compactMap { $0 }
        return inside.reduce(0, +) / Double(inside.count)
      }, absolute: 1e-5)
    guard let shape = geometry.outputShape(for: images.shape) else { return }
    let divisors = (0..<shape[2] * shape[3]).map { position -> Double in
      [position / shape[3], position % shape[3]].enumerated().reduce(1) { product, entry in
        let (axis, index) = entry
        let start = index * geometry.moves.stride[axis] - geometry.moves.paddingBefore[axis]
        let end = min(
          start + geometry.window[axis],
          images.shape.spatial[axis] + geometry.moves.paddingAfter[axis])
        return product * Double(end - start)
      }
    }
    expectClose(
      averagePool(images, geometry, countsPadding: true).elements,
      windows.enumerated().map { index, window in
        window.compactMap { $0 }.reduce(0, +) / divisors[index % divisors.count]
      }, absolute: 1e-5)
  }

  @Test(arguments: 0..<20)
  func `gradients are the transposes`(seed: Int) {
    let (images, geometry) = randomPooling(seed: seed)
    let (output, switches) = maxPool(images, geometry)
    let gradient = Tensor.random(output.shape, seed: seed + 1)
    // Both are linear where the switches stay.
    let back = maxPoolInputGradient(
      of: gradient, switches: switches, imageShape: images.shape, geometry)
    #expect(abs(back.dot(images) - gradient.dot(output)) < 1e-3)
    for countsPadding in [true, false] {
      let mean = averagePool(images, geometry, countsPadding: countsPadding)
      let back = averagePoolInputGradient(
        of: gradient, imageShape: images.shape, geometry, countsPadding: countsPadding)
      #expect(abs(back.dot(images) - gradient.dot(mean)) < 1e-3)
    }
  }
}
