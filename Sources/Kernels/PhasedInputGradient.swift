internal import TensorCore

/// The input gradient of a convolution of a few channels, such as a picture's, for which oneDNN's
/// own is slow: as a convolution whose channels are the pixels of a block.
///
/// Pixel *i* takes part in the windows *o* with `i = s·o − p + r`. Of a block of *n·s* pixels, let
/// *t* be the place of `i + p`, so that `i + p = n·s·q + t`: it gets the sum over *e* of
/// `gradient[n·q + e] · filter[t − s·e]`. So all places are channels of one correlation that moves
/// *n* windows at a time, and whose output is then interleaved.
///
///     filter    0 1 2 3 4 5 6        s = 2, n = 1: place 0 has the cells 6 4 2 0, place 1 · 5 3 1
///
/// Without a stride, blocks of two pixels take fewer steps than single ones.
struct PhasedInputGradient {
  /// Beyond these channels, oneDNN's own gradient is as fast.
  private static let mostChannels = 4
  /// Of the convolution.
  private static let mostPlaces = 64

  /// Along one axis.
  private struct Axis {
    let extent, stride, padding: Int
    /// The number of windows by which the correlation moves.
    let windows: Int
    /// The cells of the correlation's own window.
    let taps: Int
    /// How many of them are before *n·q*.
    let before: Int
    let firstBlock, blocks: Int
    let paddingBefore, paddingAfter: Int

    /// The pixels of a block.
    var places: Int { windows * stride }

    init?(_ extent: Int, output: Int, window: Int, stride: Int, padding: Int) {
      (self.extent, self.stride, self.padding) = (extent, stride, padding)
      windows = stride == 1 ? 2 : 1
      before = (window - 1) / stride
      taps = before + windows
      let places = windows * stride
      firstBlock = padding / places
      let lastBlock = (extent - 1 + padding) / places
      blocks = lastBlock - firstBlock + 1
      paddingBefore = before - firstBlock * windows
      paddingAfter = lastBlock * windows + windows - output
      guard paddingBefore >= 0, paddingAfter >= 0, paddingBefore < taps, paddingAfter < taps else {
        return nil
      }
    }

    /// The cell of the filter for a place and a tap.
    func cell(_ place: Int, _ tap: Int) -> Int { place - stride * (tap - before) }
  }

  private let image, filters: Shape
  private let rows, columns: Axis

  /// - Returns: Nil if the gradient is better computed otherwise.
  init?(_ image: Shape, _ filters: Shape, _ output: Shape, _ moves: WindowGeometry, groups: Int) {
    guard image.rank == 4, groups == 1, moves.dilation == [1, 1], image[1] <= Self.mostChannels,
      moves.stride.allSatisfy({ $0 <= 8 }), filters.spatial.contains(where: { $0 > 1 }),
      image.elementCount > 0, output.elementCount > 0
    else { return nil }
    func axis(_ axis: Int) -> Axis? {
      Axis(
        image.spatial[axis], output: output.spatial[axis], window: filters.spatial[axis],
        stride: moves.stride[axis], padding: moves.paddingBefore[axis])
    }
    guard let rows = axis(0), let columns = axis(1),
      image[1] * rows.places * columns.places <= Self.mostPlaces
    else { return nil }
    (self.image, self.filters, self.rows, self.columns) = (image, filters, rows, columns)
  }

  /// - Returns: Nil if the gradient is not finite, because cells that a place lacks are zero, and
  ///   zero times infinity is NaN.
  func callAsFunction(of gradient: Tensor, _ filters: Tensor) -> Tensor? {
    guard gradient.isFinite else { return nil }
    let places = convolve(
      gradient, with: spread(filters),
      geometry: WindowGeometry(
        stride: [rows.windows, columns.windows], dilation: [1, 1],
        paddingBefore: [rows.paddingBefore, columns.paddingBefore],
        paddingAfter: [rows.paddingAfter, columns.paddingAfter]),
      storing: .float32)
    return interleaved(places.arranged(as: .channelsLast))
  }

  /// `[row place · column place · C, K, taps, taps]`.
  private func spread(_ filters: Tensor) -> Tensor {
    let (kernels, channels) = (self.filters[0], self.filters[1])
    let (height, width) = (self.filters[2], self.filters[3])
    let shape: Shape = [
      rows.places * columns.places * channels, kernels, rows.taps, columns.taps,
    ]
    return filters.arranged(as: .rowMajor).withUnsafeElements { source in
      Tensor(shape: shape) { target in
        var index = 0
        for place in 0..<(rows.places * columns.places) {
          for channel in 0..<channels {
            for kernel in 0..<kernels {
              for tap in 0..<(rows.taps * columns.taps) {
                let row = rows.cell(place / columns.places, tap / columns.taps)
                let column = columns.cell(place % columns.places, tap % columns.taps)
                let cell = ((kernel * channels + channel) * height + row) * width + column
                let isInside = (0..<height).contains(row) && (0..<width).contains(column)
                target[index] = isInside ? source[cell] : 0
                index += 1
              }
            }
          }
        }
      }
    }
  }

  /// Moves the places of each block to their pixels.
  private func interleaved(_ blocks: Tensor) -> Tensor {
    let (channels, height, width) = (image[1], rows.extent, columns.extent)
    let block = rows.places * columns.places * channels
    return blocks.withUnsafeElements { source in
      Tensor(shape: image, layout: .channelsLast) { target in
        for line in 0..<(image[0] * height) {
          let place = line % height + rows.padding
          let row = line / height * rows.blocks + place / rows.places - rows.firstBlock
          // A block has the columns of one row of pixels side by side.
          var from =
            (row * columns.blocks * rows.places + place % rows.places)
            * columns.places * channels
          for column in 0..<columns.blocks {
            let first = (column + columns.firstBlock) * columns.places - columns.padding
            let (start, end) = (max(first, 0), min(first + columns.places, width))
            let shift = from - first * channels
            for index in (start * channels)..<(end * channels) {
              target[line * width * channels + index] = source[shift + index]
            }
            from += block
          }
        }
      }
    }
  }
}
