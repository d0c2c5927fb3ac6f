internal import Foundation
public import Kernels
public import TensorCore

/// Kernels again, as loops over the definition in `Double`. Results in row-major order.
public enum Slow {
  public static func convolve(
    _ images: Tensor, _ filters: Tensor, bias: Tensor?, _ moves: WindowGeometry, groups: Int
  ) -> [Double] {
    let (x, w, b) = (images.elements, filters.elements, bias?.elements)
    let (n, c, h, wd) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3])
    let (k, cg, r, s) = (filters.shape[0], filters.shape[1], filters.shape[2], filters.shape[3])
    guard let out = moves.outputExtents([h, wd], window: [r, s]) else { return [] }
    var result: [Double] = []
    for image in 0..<n {
      for filter in 0..<k {
        let firstChannel = filter / (k / groups) * cg
        for y in 0..<out[0] {
          for column in 0..<out[1] {
            var sum = Double(b?[filter] ?? 0)
            for channel in 0..<cg {
              for i in 0..<r {
                for j in 0..<s {
                  let row = y * moves.stride[0] + i * moves.dilation[0] - moves.paddingBefore[0]
                  let col =
                    column * moves.stride[1] + j * moves.dilation[1] - moves.paddingBefore[1]
                  guard row >= 0, row < h, col >= 0, col < wd else { continue }
                  sum +=
                    Double(x[((image * c + firstChannel + channel) * h + row) * wd + col])
                    * Double(w[((filter * cg + channel) * r + i) * s + j])
                }
              }
            }
            result.append(sum)
          }
        }
      }
    }
    return result
  }

  /// The values of each window, outermost loop over outputs in row-major order; nil in padding.
  public static func windows(_ images: Tensor, _ geometry: PoolingGeometry) -> [[Double?]] {
    guard let shape = geometry.outputShape(for: images.shape) else { return [] }
    let x = images.elements
    let (h, w) = (images.shape[2], images.shape[3])
    var result: [[Double?]] = []
    for map in 0..<(shape[0] * shape[1]) {
      for y in 0..<shape[2] {
        for column in 0..<shape[3] {
          var window: [Double?] = []
          for i in 0..<geometry.window[0] {
            for j in 0..<geometry.window[1] {
              let row = y * geometry.moves.stride[0] + i - geometry.moves.paddingBefore[0]
              let col = column * geometry.moves.stride[1] + j - geometry.moves.paddingBefore[1]
              let inside = row >= 0 && row < h && col >= 0 && col < w
              window.append(inside ? Double(x[(map * h + row) * w + col]) : nil)
            }
          }
          result.append(window)
        }
      }
    }
    return result
  }

  public static func localResponse(_ images: Tensor, _ options: LocalResponse) -> [Double] {
    let x = images.elements.map(Double.init)
    let (c, positions) = (images.shape[1], images.shape.spatial.reduce(1, *))
    return x.indices.map { index in
      let channel = index / positions % c
      let half = options.size / 2
      let sum = (max(0, channel - half)...min(c - 1, channel + half)).reduce(0.0) {
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
