internal import Foundation
public import Kernels
public import TensorCore

/// The kernels again, as loops over the definition in `Double`. Results are in row-major order.
public enum Slow {
  public static func convolve(
    _ images: Tensor, _ filters: Tensor, bias: Tensor?, _ moves: WindowGeometry, groups: Int
  ) -> [Double] {
    let (x, w, b) = (SlowArray(images), SlowArray(filters), bias?.elements)
    let (kernels, channels) = (filters.shape[0], filters.shape[1])
    let (window, extents) = (filters.shape.spatial, images.shape.spatial)
    guard let output = moves.outputExtents(extents, window: window) else { return [] }
    return SlowArray([images.shape[0], kernels] + output) { index in
      let first = index[1] / (kernels / groups) * channels
      return indices(window).reduce(Double(b?[index[1]] ?? 0)) { sum, cell in
        guard let place = moves.place(of: cell, at: Array(index[2...]), in: extents) else {
          return sum
        }
        return (0..<channels).reduce(sum) { sum, channel in
          sum + x[[index[0], first + channel] + place] * w[[index[1], channel] + cell]
        }
      }
    }.elements
  }

  /// Filters are `[H', W', K, C, R, S]`, the bias `[H' · W' · K]`.
  public static func connectLocally(
    _ images: Tensor, _ filters: Tensor, bias: Tensor?, _ moves: WindowGeometry
  ) -> [Double] {
    let (x, w, b) = (SlowArray(images), SlowArray(filters), bias?.elements)
    let axes = images.shape.rank - 2
    let extents = images.shape.spatial
    let output = Array(filters.shape.extents.prefix(axes))
    let (kernels, channels) = (filters.shape[axes], filters.shape[axes + 1])
    let window = Array(filters.shape.extents.suffix(axes))
    return SlowArray([images.shape[0], kernels] + output) { index in
      let place = Array(index[2...])
      let number = zip(output, place).reduce(0) { $0 * $1.0 + $1.1 } * kernels + index[1]
      return indices(window).reduce(Double(b?[number] ?? 0)) { sum, cell in
        guard let pixel = moves.place(of: cell, at: place, in: extents) else { return sum }
        return (0..<channels).reduce(sum) { sum, channel in
          sum + x[[index[0], channel] + pixel] * w[place + [index[1], channel] + cell]
        }
      }
    }.elements
  }

  /// Adds every input, multiplied by the filters, to its window.
  public static func convolveTransposed(
    _ images: Tensor, _ filters: Tensor, bias: Tensor?, _ moves: WindowGeometry, groups: Int,
    to output: [Int]
  ) -> [Double] {
    let (x, w) = (SlowArray(images), SlowArray(filters))
    let (channels, perGroup) = (filters.shape[0], filters.shape[1])
    let kernels = perGroup * groups
    let positions = output.reduce(1, *)
    var sums = (0..<images.shape[0] * kernels * positions).map {
      Double(bias?.elements[$0 / positions % kernels] ?? 0)
    }
    for index in indices(images.shape.extents) {
      for cell in indices(filters.shape.spatial) {
        guard let place = moves.place(of: cell, at: Array(index[2...]), in: output) else {
          continue
        }
        for filter in 0..<perGroup {
          let kernel = index[1] / (channels / groups) * perGroup + filter
          let target = ([index[0], kernel] + place, [images.shape[0], kernels] + output)
          sums[zip(target.1, target.0).reduce(0) { $0 * $1.0 + $1.1 }] +=
            x[index] * w[[index[1], filter] + cell]
        }
      }
    }
    return sums
  }

  /// The values in each window, with outputs in row-major order; nil in the padding.
  public static func windows(_ images: Tensor, _ geometry: PoolingGeometry) -> [[Double?]] {
    guard let shape = geometry.outputShape(for: images.shape) else { return [] }
    let x = SlowArray(images)
    return indices(shape.extents).map { index in
      indices(geometry.window).map { cell in
        geometry.moves.place(of: cell, at: Array(index[2...]), in: images.shape.spatial)
          .map { x[[index[0], index[1]] + $0] }
      }
    }
  }

  public static func localResponse(_ images: Tensor, _ options: LocalResponse) -> [Double] {
    let x = images.elements.map(Double.init)
    let (c, positions) = (images.shape[1], images.shape.spatial.reduce(1, *))
    return x.indices.map { index in
      let channel = index / positions % c
      // ONNX's definition, rounded down below and up above.
      let (below, above) = ((options.size - 1) / 2, options.size / 2)
      let sum = (max(0, channel - below)...min(c - 1, channel + above)).reduce(0.0) {
        let neighbour = x[index + ($1 - channel) * positions]
        return $0 + neighbour * neighbour
      }
      let base = Double(options.k) + Double(options.alpha) / Double(options.size) * sum
      return x[index] / pow(base, Double(options.beta))
    }
  }

  /// - Returns: The normalized images, and each channel's mean and biased variance.
  public static func batchNormalize(
    _ images: Tensor, scale: [Float], shift: [Float], epsilon: Double
  ) -> (output: [Double], mean: [Double], variance: [Double]) {
    let x = images.elements.map(Double.init)
    let (c, positions) = (images.shape[1], images.shape.spatial.reduce(1, *))
    var (means, variances): ([Double], [Double]) = ([], [])
    for channel in 0..<c {
      let values = x.indices.filter { $0 / positions % c == channel }.map { x[$0] }
      let mean = values.reduce(0, +) / Double(values.count)
      means.append(mean)
      variances.append(
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }
    let output = x.indices.map { index -> Double in
      let channel = index / positions % c
      let unit = (x[index] - means[channel]) / (variances[channel] + epsilon).squareRoot()
      return Double(scale[channel]) * unit + Double(shift[channel])
    }
    return (output, means, variances)
  }
}

extension WindowGeometry {
  /// The position of a window's cell on a picture with these extents; nil in the padding.
  fileprivate func place(of cell: [Int], at position: [Int], in extents: [Int]) -> [Int]? {
    let place = extents.indices.map {
      position[$0] * stride[$0] + cell[$0] * dilation[$0] - paddingBefore[$0]
    }
    return zip(place, extents).allSatisfy { (0..<$1).contains($0) } ? place : nil
  }
}
