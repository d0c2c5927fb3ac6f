internal import Foundation
internal import TensorCore

extension HandcraftedKernel {
  /// Handcrafted kernels of one side, to compare with learned filters of that side: means, edges in
  /// four directions, second derivatives, and Gabor filters with the orientations and wavelengths
  /// that fit.
  ///
  /// None is another one times a number, so they are to be compared by the magnitude of their
  /// correlation.
  ///
  /// - Returns: All of `[side, side]`; none for a side below 1.
  public static func bank(side: Int) -> [HandcraftedKernel] {
    guard side > 0 else { return [] }
    precondition(side <= greatestSide, "a bank of kernels of \(side)×\(side)")
    let size = (rows: side, columns: side)
    let isOdd = !side.isMultiple(of: 2)
    var kernels = [box(rows: side, columns: side)]
    if isOdd { kernels.append(side == 1 ? identity : identity.padded(to: side)) }
    guard side > 1 else { return distinct(kernels) }

    /// A share of the side, in numbers that can be typed.
    func share(_ part: Double) -> Double { max(0.4, (100 * part * Double(side)).rounded() / 100) }
    kernels += [1.0 / 6, 1.0 / 4].map { gaussian(sigma: share($0), size: size) }
    if side <= sobelSides.upperBound {
      kernels += [0.0, 45, 90, 135].map { sobel(theta: $0, side: side) }
    }
    kernels += [false, true].map { prewitt(isVertical: $0, side: side) }
    if side == 3 { kernels += [false, true].map { scharr(isVertical: $0) } }
    if isOdd {
      kernels += [laplacian(), laplacian(neighbors: 8), sharpen(), emboss].map {
        $0.padded(to: side)
      }
    }
    // Two pixels hold no second derivative.
    if side > 2 {
      kernels += [1.0 / 9, 1.0 / 6, 1.0 / 4].map {
        laplacianOfGaussian(sigma: share($0), size: size)
      }
    }
    // From a wave as long as the side down to the shortest whose phase is still seen in samples.
    for step in 0..<4 {
      let lambda = share(pow(0.5, Double(step) / 2))
      guard lambda >= 2.5 else { break }
      for orientation in 0..<8 {
        for psi in [0.0, 90] {
          kernels.append(
            gabor(
              Gabor(
                theta: 22.5 * Double(orientation), lambda: lambda, sigma: share(0.2), psi: psi),
              size: size))
        }
      }
    }
    return distinct(kernels)
  }

  /// Without those that are an earlier one times a number.
  private static func distinct(_ kernels: [HandcraftedKernel]) -> [HandcraftedKernel] {
    var kept: [(kernel: HandcraftedKernel, unit: [Float])] = []
    for kernel in kernels {
      let norm = kernel.weights.norm
      guard norm > 0 else { continue }
      let unit = kernel.weights.elements.map { $0 / norm }
      let isNew = kept.allSatisfy { other in
        abs(Swift.zip(unit, other.unit).reduce(0) { $0 + $1.0 * $1.1 }) < 0.9999
      }
      if isNew { kept.append((kernel, unit)) }
    }
    return kept.map(\.kernel)
  }
}
