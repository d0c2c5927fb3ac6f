internal import TensorCore

/// Convolution as a sum over the window, for geometries that oneDNN rejects: padding or dilation
/// far wider than the window, or trailing rows that no window reaches.
struct PlainConvolution {
  private let images, filters, output: Shape
  private let groups: Int
  private let taps: WindowTaps

  init(images: Shape, filters: Shape, output: Shape, _ geometry: WindowGeometry, groups: Int) {
    (self.images, self.filters, self.output) = (images, filters, output)
    self.groups = groups
    taps = WindowTaps(
      input: images.spatial, output: output.spatial, window: filters.spatial, moves: geometry)
  }

  func forward(_ x: Tensor, _ w: Tensor) -> Tensor {
    let (x, w) = (x.arranged(as: .channelsLast), w.arranged(as: .rowMajor))
    return Tensor(
      shape: output, layout: .channelsLast,
      filledBy: { y in
        y.initialize(repeating: 0, count: output.elementCount)
        x.withReadPointer { x in
          w.withReadPointer { w in forEachProduct { y[$0] += w[$1] * x[$2] } }
        }
      })
  }

  func inputGradient(of y: Tensor, _ w: Tensor) -> Tensor {
    let (y, w) = (y.arranged(as: .channelsLast), w.arranged(as: .rowMajor))
    return Tensor(
      shape: images, layout: .channelsLast,
      filledBy: { x in
        x.initialize(repeating: 0, count: images.elementCount)
        y.withReadPointer { y in
          w.withReadPointer { w in forEachProduct { x[$2] += w[$1] * y[$0] } }
        }
      })
  }

  func filterGradient(of y: Tensor, _ x: Tensor) -> Tensor {
    let (x, y) = (x.arranged(as: .channelsLast), y.arranged(as: .channelsLast))
    return Tensor(
      shape: filters, layout: .rowMajor,
      filledBy: { w in
        w.initialize(repeating: 0, count: filters.elementCount)
        y.withReadPointer { y in
          x.withReadPointer { x in forEachProduct { w[$1] += x[$2] * y[$0] } }
        }
      })
  }

  /// The positions in memory of output, weight and image, for every product in the sum.
  @inline(__always)
  private func forEachProduct(_ body: (_ y: Int, _ w: Int, _ x: Int) -> Void) {
    let (kernels, channels) = (filters[0], filters[1])
    let perGroup = kernels / groups
    for image in 0..<images[0] {
      taps.forEach { place, cell, pixel in
        for kernel in 0..<kernels {
          let y = (image * taps.outputCount + place) * kernels + kernel
          let x = (image * taps.inputCount + pixel) * images[1] + kernel / perGroup * channels
          for channel in 0..<channels {
            body(y, (kernel * channels + channel) * taps.cellCount + cell, x + channel)
          }
        }
      }
    }
  }
}
