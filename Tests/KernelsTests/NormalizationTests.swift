import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct `Normalization` {
  @Test(arguments: [
    (3, 5), (16, 5), (32, 5), (7, 3), (3, 1), (16, 1), (7, 1), (3, 2), (16, 2), (7, 4), (3, 6),
  ])
  func `local response agrees with its formula and its slope`(channels: Int, size: Int) {
    let options = LocalResponse(size: size, alpha: 0.5, beta: 0.75, k: 2)
    let images = Tensor.random([2, channels, 5, 6], seed: channels)
    let (output, workspace) = normalizeLocalResponse(images, options)
    expectClose(
      output.elements, Slow.localResponse(images, options), relative: 1e-4, absolute: 1e-5)
    let gradient = Tensor.random(images.shape, seed: 7)
    let direction = Tensor.random(images.shape, seed: 8)
    let slope = centralDifference(
      of: { gradient.dot(normalizeLocalResponse($0, options).output) }, at: images,
      along: direction)
    let back = localResponseGradient(
      of: gradient, images: images, workspace: workspace, options)
    #expect(abs(back.dot(direction) - slope) < 2e-3 * abs(slope) + 1e-2)
  }

  @Test(arguments: [1, 3, 16])
  func `batch norm agrees with its formula and its slopes`(channels: Int) {
    let images = Tensor.random([4, channels, 5, 3], seed: channels)
    let scale = Tensor.random([channels], seed: 2)
    let shift = Tensor.random([channels], seed: 3)
    let (output, mean, variance) = batchNormalizeByBatch(
      images, scale: scale, shift: shift, epsilon: 1e-5)
    let slow = Slow.batchNormalize(
      images, scale: scale.elements, shift: shift.elements, epsilon: 1e-5)
    expectClose(output.elements, slow.output, relative: 1e-4, absolute: 1e-4)
    expectClose(mean.elements, slow.mean, absolute: 1e-5)
    expectClose(variance.elements, slow.variance, relative: 1e-4)
    let again = batchNormalize(
      images, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: 1e-5)
    expectClose(again, output, relativeNorm: 1e-5)

    let gradient = Tensor.random(images.shape, seed: 4)
    let direction = Tensor.random(images.shape, seed: 5)
    let along = Tensor.random([channels], seed: 6)
    let back = batchNormalizationGradients(
      of: gradient, images: images, scale: scale, shift: shift, mean: mean, variance: variance,
      epsilon: 1e-5)
    func value(_ x: Tensor, _ scale: Tensor, _ shift: Tensor) -> Double {
      gradient.dot(batchNormalizeByBatch(x, scale: scale, shift: shift, epsilon: 1e-5).output)
    }
    let slopes = [
      centralDifference(of: { value($0, scale, shift) }, at: images, along: direction),
      centralDifference(of: { value(images, $0, shift) }, at: scale, along: along),
      centralDifference(of: { value(images, scale, $0) }, at: shift, along: along),
    ]
    expectClose(
      [
        Float(back.images.dot(direction)), Float(back.scale.dot(along)),
        Float(back.shift.dot(along)),
      ], slopes, relative: 2e-3, absolute: 1e-2)
  }
}

@Suite struct `Scores and channels` {
  @Test func `softmax sums to one and its gradient agrees with the slope`() {
    let x = Tensor.random([5, 7], seed: 1)
    let y = softmax(x)
    for row in 0..<5 { #expect(abs(y.rows(row..<row + 1).sum() - 1) < 1e-6) }
    let (gradient, direction) = (Tensor.random([5, 7], seed: 2), Tensor.random([5, 7], seed: 3))
    let slope = centralDifference(of: { gradient.dot(softmax($0)) }, at: x, along: direction)
    #expect(abs(softmaxGradient(of: gradient, output: y).dot(direction) - slope) < 2e-3)
  }

  @Test(arguments: [Float(0), 0.1])
  func `cross entropy's gradient agrees with the slope`(smoothing: Float) {
    let scores = Tensor.random([4, 5], seed: 1)
    let labels = [0, 3, 4, 1]
    let direction = Tensor.random([4, 5], seed: 2)
    let slope = centralDifference(
      of: { Double(softmaxCrossEntropy($0, labels: labels, smoothing: smoothing).loss) },
      at: scores, along: direction)
    let gradient = softmaxCrossEntropy(scores, labels: labels, smoothing: smoothing).gradient
    #expect(abs(gradient.dot(direction) - slope) < 2e-3)
  }

  @Test func `channels come apart as they were joined`() {
    let parts = [3, 1, 4].map { Tensor.random([2, $0, 3, 2], seed: $0) }
    let joined = concatenate(parts, along: 1)
    #expect(joined.shape == [2, 8, 3, 2])
    #expect(
      separate(joined, along: 1, into: parts.map(\.shape)).map(\.elements)
        == parts.map(\.elements))
  }

  /// So large that threads share the copies.
  @Test(arguments: [Layout.rowMajor, .channelsLast])
  func `large parts are joined as small ones`(layout: Layout) {
    let parts = [3, 5].map { Tensor.random([4, $0, 96, 90], seed: $0).arranged(as: layout) }
    let joined = concatenate(parts, along: 1)
    let pictures = (0..<4).map { picture in
      concatenate(parts.map { $0.rows(picture..<(picture + 1)) }, along: 1)
    }
    #expect(joined.elements == concatenate(pictures, along: 0).elements)
    #expect(
      separate(joined, along: 1, into: parts.map(\.shape)).map(\.elements)
        == parts.map(\.elements))
    #expect(
      joined.rows(2..<3).elements[(4 * 96 + 7) * 90 + 11]
        == parts[1].rows(2..<3).elements[(96 + 7) * 90 + 11])
  }
}
