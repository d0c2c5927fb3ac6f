import Foundation
import Kernels
import TensorCore
import TestSupport
import Testing

/// A pooling on one to three axes, some of them dilated.
private func randomPooling(seed: Int) -> (Tensor, PoolingGeometry) {
  var generator = SeededGenerator(seed: UInt64(seed))
  func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  let axes = 0..<[2, 2, 1, 3][seed % 4]
  let window = axes.map { _ in pick(2...(axes.count > 2 ? 3 : 4)) }
  let dilation = axes.map { _ in seed % 5 < 2 ? pick(1...3) : 1 }
  let moves = WindowGeometry(
    stride: axes.map { _ in pick(1...3) }, dilation: dilation,
    paddingBefore: window.map { pick(0...($0 / 2)) },
    paddingAfter: window.map { pick(0...($0 / 2)) })
  let extents = axes.map {
    (window[$0] - 1) * dilation[$0] + 1 + pick(0...(axes.count > 2 ? 4 : 8))
  }
  let images = Tensor.random(
    Shape([pick(1...2), pick(1...(axes.count > 2 ? 5 : 20))] + extents), seed: seed)
  return (images, PoolingGeometry(window: window, moves: moves, ceiling: seed % 2 == 0))
}

@Suite struct `Pooling` {
  @Test(arguments: 0..<60)
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

  @Test(arguments: 0..<60)
  func `averages with and without the padding, never with what only the ceiling adds`(
    seed: Int
  ) throws {
    let (images, geometry) = randomPooling(seed: seed)
    let windows = Slow.windows(images, geometry)
    expectClose(
      averagePool(images, geometry, countsPadding: false).elements,
      windows.map { window in
        let inside = window.compactMap { $0 }
        return inside.reduce(0, +) / Double(inside.count)
      }, absolute: 1e-5)
    let shape = try #require(geometry.outputShape(for: images.shape))
    // The number of cells in the picture and its declared padding.
    let divisors = Slow.indices(shape.spatial).map { position -> Double in
      position.indices.reduce(1) { product, axis in
        let moves = geometry.moves
        let start = position[axis] * moves.stride[axis]
        let end =
          images.shape.spatial[axis] + moves.paddingBefore[axis] + moves.paddingAfter[axis]
        return product
          * Double(
            (0..<geometry.window[axis]).count { start + $0 * moves.dilation[axis] < end })
      }
    }
    expectClose(
      averagePool(images, geometry, countsPadding: true).elements,
      windows.enumerated().map { index, window in
        window.compactMap { $0 }.reduce(0, +) / divisors[index % divisors.count]
      }, absolute: 1e-5)
  }

  @Test(arguments: 0..<60)
  func `gradients are the transposes`(seed: Int) {
    let (images, geometry) = randomPooling(seed: seed)
    let (output, switches) = maxPool(images, geometry)
    let gradient = Tensor.random(output.shape, seed: seed + 1)
    // Both are linear if the switches are fixed.
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

  /// oneDNN leaves the mean of such a window undefined.
  @Test func `a window wholly inside the padding means nothing, or is refused`() {
    let images = Tensor(shape: [1, 1, 2], [4, 6])
    let moves = WindowGeometry(
      stride: [1], dilation: [1], paddingBefore: [3], paddingAfter: [0])
    let geometry = PoolingGeometry(window: [2], moves: moves)
    #expect(!geometry.leavesNoWindowEmpty([2]))
    #expect(averagePool(images, geometry, countsPadding: true).elements == [0, 0, 2, 5])
    let back = averagePoolInputGradient(
      of: Tensor(shape: [1, 1, 4], [1, 2, 4, 8]), imageShape: [1, 1, 2], geometry,
      countsPadding: true)
    #expect(back.elements == [6, 4])
  }

  @Test(arguments: 0..<40, [1, 2, 3])
  func `takes the p-norm of each window`(seed: Int, p: Int) {
    let (images, geometry) = randomPooling(seed: seed)
    expectClose(
      powerPool(images, geometry, p: p).elements,
      Slow.windows(images, geometry).map { window in
        pow(window.reduce(0) { $0 + pow(abs($1 ?? 0), Double(p)) }, 1 / Double(p))
      }, relative: 1e-4)
  }

  @Test(arguments: 0..<40)
  func `indices lead back to the maxima`(seed: Int) {
    let (images, geometry) = randomPooling(seed: seed)
    let (output, _) = maxPool(images, geometry)
    let indices = maximumIndices(images, geometry, columnMajor: false)
    let picture = images.count / images.shape[0]
    let (x, places) = (images.elements, indices.elements.map { Int($0) })
    let perPicture = places.count / images.shape[0]
    #expect(
      places.indices.map { x[$0 / perPicture * picture + places[$0]] } == output.elements)
    // If windows overlap, a maximum is put back only once.
    let spatial = images.shape.spatial
    let back = unpool(output, at: indices, extents: spatial)
    let taken = Set(places.indices.map { $0 / perPicture * picture + places[$0] })
    #expect(back.elements == x.indices.map { taken.contains($0) ? x[$0] : 0 })
    let gradient = Tensor.random(images.shape, seed: seed + 1)
    let gathered = unpoolInputGradient(of: gradient, at: indices)
    #expect(abs(gathered.dot(output) - gradient.dot(back)) < 1e-3)

    let turned = maximumIndices(images, geometry, columnMajor: true).elements
    let pixels = spatial.reduce(1, *)
    for (row, column) in zip(places, turned) {
      var (rest, place, step) = (row % pixels, 0, pixels)
      for extent in spatial.reversed() {
        step /= extent
        place += rest % extent * step
        rest /= extent
      }
      #expect(row / pixels * pixels + place == Int(column))
    }
  }
}
