public import TensorCore

/// Applies to every place of `[N, C, …]` images the filters of that place.
///
/// - Parameters:
///   - filters: `[…places, K, C, …window]`; the places are the axes of the output, `[H', W']` for
///     pictures.
///   - bias: One number for each filter of each place, in the order `[…places, K]`.
/// - Returns: `[N, K, …places]`, channels last.
public func connectLocally(
  _ images: Tensor, with filters: Tensor, bias: Tensor? = nil, geometry: WindowGeometry
) -> Tensor {
  let connection = LocalConnection(images.shape, filters.shape, geometry)
  return connection.forward(images, filters, bias)
}

/// The transpose of ``connectLocally(_:with:bias:geometry:)`` in its images: propagates
/// `[N, K, …places]` back to `[N, C, …]`.
public func localConnectionInputGradient(
  of gradient: Tensor, with filters: Tensor, imageShape: Shape, geometry: WindowGeometry
) -> Tensor {
  LocalConnection(imageShape, filters.shape, geometry).inputGradient(of: gradient, filters)
}

/// The gradient with respect to the filters, and to the bias if there is one.
public func localConnectionFilterGradient(
  of gradient: Tensor, images: Tensor, filterShape: Shape, hasBias: Bool, geometry: WindowGeometry
) -> (filters: Tensor, bias: Tensor?) {
  let connection = LocalConnection(images.shape, filterShape, geometry)
  return (
    connection.filterGradient(of: gradient, images),
    hasBias ? connection.biasGradient(of: gradient) : nil
  )
}

/// The number of spatial axes of filters `[…places, K, C, …window]`.
public func spatialAxes(ofLocalFilters filters: Shape) -> Int { filters.rank / 2 - 1 }

/// The memory that a pass needs temporarily, in bytes: the table of the windows' pixels, and for
/// each thread the windows of a place.
public func localConnectionScratchpadBytes(images: Shape, filters: Shape) -> Int {
  let axes = spatialAxes(ofLocalFilters: filters)
  let cells = filters.extents.suffix(axes).reduce(1, *)
  let places = filters.extents.prefix(axes).reduce(1, *)
  let patch = cells * images[1] * images[0] + filters[axes] * images[0]
  return places * cells * MemoryLayout<Int32>.stride
    + ThreadCount.current * patch * MemoryLayout<Float>.stride
}

/// A layer that is locally connected (LeCun 1989, "Generalization and Network Design Strategies",
/// section 4.2): like a convolution, but no two places share their filters.
///
/// Each place is a small matrix product of the pictures' windows with the place's filters; places,
/// or pictures for the gradient of the images, are computed on all cores.
private struct LocalConnection {
  let images, filters, output: Shape
  let places, cells, kernels, channels, pixels: Int
  /// For every place and cell of its window, the index of the pixel; −1 in the padding.
  let taps: [Int32]

  /// - Precondition: The shapes fit; `Networks` reports mismatches beforehand.
  init(_ images: Shape, _ filters: Shape, _ geometry: WindowGeometry) {
    let axes = spatialAxes(ofLocalFilters: filters)
    let (placeExtents, window) = (
      Array(filters.extents.prefix(axes)), Array(filters.extents.suffix(axes))
    )
    precondition(
      filters.rank == 2 * axes + 2 && images.rank == axes + 2 && filters[axes + 1] == images[1]
        && geometry.outputExtents(images.spatial, window: window) == placeExtents,
      "images \(images) and local filters \(filters) disagree")
    (self.images, self.filters) = (images, filters)
    kernels = filters[axes]
    channels = images[1]
    places = placeExtents.reduce(1, *)
    cells = window.reduce(1, *)
    pixels = images.spatial.reduce(1, *)
    output = Shape([images[0], kernels] + placeExtents)
    var taps = [Int32](repeating: -1, count: places * cells)
    let cellCount = cells
    WindowTaps(input: images.spatial, output: placeExtents, window: window, moves: geometry)
      .forEach { place, cell, pixel in taps[place * cellCount + cell] = Int32(pixel) }
    self.taps = taps
  }

  /// The number of weights of one filter.
  private var size: Int { channels * cells }

  func forward(_ x: Tensor, _ w: Tensor, _ bias: Tensor?) -> Tensor {
    let (x, w) = (x.arranged(as: .channelsLast), w.arranged(as: .rowMajor))
    let start = bias?.arranged(as: .rowMajor)
    let count = images[0]
    return Tensor(
      shape: output, layout: .channelsLast,
      filledBy: { y in
        x.withReadPointer { x in
          w.withReadPointer { w in
            // Each place writes elements of its own.
            nonisolated(unsafe) let (x, y, w) = (x, y, w)
            concurrently(places) { place in
              // [C · R · S, N]: the innermost loop runs over the pictures.
              withScratch((size + kernels) * count) { scratch in
                gather(place, from: x, into: scratch, pictureStep: 1, weightStep: count)
                let sums = scratch + size * count
                for kernel in 0..<kernels {
                  let first = start?.withUnsafeElements { $0[place * kernels + kernel] } ?? 0
                  let sum = sums + kernel * count
                  for picture in 0..<count { sum[picture] = first }
                  let weights = w + (place * kernels + kernel) * size
                  for index in 0..<size {
                    let (weight, values) = (weights[index], scratch + index * count)
                    for picture in 0..<count { sum[picture] += weight * values[picture] }
                  }
                }
                for picture in 0..<count {
                  let target = y + (picture * places + place) * kernels
                  for kernel in 0..<kernels { target[kernel] = sums[kernel * count + picture] }
                }
              }
            }
          }
        }
      })
  }

  func filterGradient(of y: Tensor, _ x: Tensor) -> Tensor {
    let (x, y) = (x.arranged(as: .channelsLast), y.arranged(as: .channelsLast))
    let count = images[0]
    return Tensor(
      shape: filters, layout: .rowMajor,
      filledBy: { w in
        x.withReadPointer { x in
          y.withReadPointer { y in
            nonisolated(unsafe) let (x, y, w) = (x, y, w)
            concurrently(places) { place in
              withScratch(size * count) { scratch in
                gather(place, from: x, into: scratch, pictureStep: size, weightStep: 1)
                let target = w + place * kernels * size
                target.initialize(repeating: 0, count: kernels * size)
                for picture in 0..<count {
                  let values = scratch + picture * size
                  let signal = y + (picture * places + place) * kernels
                  for kernel in 0..<kernels {
                    let (factor, weights) = (signal[kernel], target + kernel * size)
                    for index in 0..<size { weights[index] += factor * values[index] }
                  }
                }
              }
            }
          }
        }
      })
  }

  func biasGradient(of y: Tensor) -> Tensor {
    let width = places * kernels
    return y.arranged(as: .channelsLast).withUnsafeElements { y in
      Tensor(shape: [width]) { bias in
        bias.initialize(repeating: 0)
        for picture in 0..<images[0] {
          for index in 0..<width { bias[index] += y[picture * width + index] }
        }
      }
    }
  }

  func inputGradient(of y: Tensor, _ w: Tensor) -> Tensor {
    let (y, w) = (y.arranged(as: .channelsLast), w.arranged(as: .rowMajor))
    return Tensor(
      shape: images, layout: .channelsLast,
      filledBy: { x in
        y.withReadPointer { y in
          w.withReadPointer { w in
            // Each picture writes elements of its own.
            nonisolated(unsafe) let (x, y, w) = (x, y, w)
            concurrently(images[0]) { picture in
              let target = x + picture * pixels * channels
              target.initialize(repeating: 0, count: pixels * channels)
              withScratch(size) { patch in
                for place in 0..<places {
                  patch.update(repeating: 0, count: size)
                  let signal = y + (picture * places + place) * kernels
                  for kernel in 0..<kernels {
                    let (factor, weights) = (
                      signal[kernel], w + (place * kernels + kernel) * size
                    )
                    for index in 0..<size { patch[index] += factor * weights[index] }
                  }
                  scatter(place, patch, onto: target)
                }
              }
            }
          }
        }
      })
  }

  /// Copies the windows of a place of all pictures, each in the order `[C, …window]`.
  private func gather(
    _ place: Int, from x: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    pictureStep: Int, weightStep: Int
  ) {
    taps.withUnsafeBufferPointer { taps in
      for picture in 0..<images[0] {
        let (source, target) = (x + picture * pixels * channels, target + picture * pictureStep)
        for cell in 0..<cells {
          let pixel = Int(taps[place * cells + cell])
          for channel in 0..<channels {
            target[(channel * cells + cell) * weightStep] =
              pixel < 0 ? 0 : source[pixel * channels + channel]
          }
        }
      }
    }
  }

  /// Adds a window of a place to a picture.
  private func scatter(
    _ place: Int, _ patch: UnsafePointer<Float>, onto target: UnsafeMutablePointer<Float>
  ) {
    taps.withUnsafeBufferPointer { taps in
      for cell in 0..<cells {
        let pixel = Int(taps[place * cells + cell])
        guard pixel >= 0 else { continue }
        for channel in 0..<channels {
          target[pixel * channels + channel] += patch[channel * cells + cell]
        }
      }
    }
  }

  /// Lends memory to one thread.
  private func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: max(count, 1))
    scratch.initialize(repeating: 0, count: max(count, 1))
    body(scratch)
    scratch.deallocate()
  }
}
