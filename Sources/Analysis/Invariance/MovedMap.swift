internal import Networks
internal import TensorCore

/// How a layer's maps lie over the picture, so that they can be moved as the picture is.
struct MapGeometry {
  private let field: ReceptiveField

  /// - Returns: Nil if the layer's positions do not move over the picture's rows and columns.
  init?(of layer: String, in network: Network, _ fields: [String: ReceptiveField]) {
    guard let field = fields[layer], network.shapes[layer]?.rank == 4, field.axes == [2, 3],
      field.stride.allSatisfy({ $0 > 0 })
    else { return nil }
    self.field = field
  }

  /// How far the maps of a transformed picture are from the original's maps, moved by the same
  /// transformation, relative to the norm of these (equivariance, Lenc and Vedaldi 2015).
  ///
  /// The centre of each position's receptive field is mapped to its source, where the original's
  /// maps are interpolated bilinearly. Only positions whose source lies between positions of the
  /// original's maps are compared.
  ///
  /// - Parameters:
  ///   - original: H · W · C values, channels last.
  ///   - transformed: As many values.
  ///   - extents: `[C, H, W]`.
  ///   - mapping: Of points of the transformed picture to their sources.
  /// - Returns: NaN if no position can be compared, or the original's maps are zero there.
  func distance(
    between original: UnsafeBufferPointer<Float>, and transformed: UnsafeBufferPointer<Float>,
    extents: [Int], mapping: PlaneMapping
  ) -> Double {
    let (channels, height, width) = (extents[0], extents[1], extents[2])
    var (difference, square) = (0.0, 0.0)
    var moved = [Float](repeating: 0, count: channels)
    for row in 0..<height {
      for column in 0..<width {
        let source = place(of: mapping.source(of: center(row, column)))
        guard isInside(source.row, height), isInside(source.column, width) else { continue }
        for channel in 0..<channels { moved[channel] = 0 }
        Interpolation(at: source.row).forEach { down, rowWeight in
          Interpolation(at: source.column).forEach { across, columnWeight in
            let start = (down * width + across) * channels
            let weight = Float(rowWeight * columnWeight)
            for channel in 0..<channels { moved[channel] += weight * original[start + channel] }
          }
        }
        let start = (row * width + column) * channels
        for channel in 0..<channels {
          let distance = Double(transformed[start + channel]) - Double(moved[channel])
          difference += distance * distance
          square += Double(moved[channel]) * Double(moved[channel])
        }
      }
    }
    return (difference / square).squareRoot()
  }

  private func center(_ row: Int, _ column: Int) -> PlanePoint {
    let center = field.center(of: [row, column])
    return PlanePoint(row: center[0], column: center[1])
  }

  /// The position, between those of the maps, whose field is centred on a point of the picture.
  private func place(of point: PlanePoint) -> PlanePoint {
    let first = center(0, 0)
    return PlanePoint(
      row: (point.row - first.row) / Double(field.stride[0]),
      column: (point.column - first.column) / Double(field.stride[1]))
  }

  private func isInside(_ place: Double, _ count: Int) -> Bool {
    place >= -roundingError && place <= Double(count - 1) + roundingError
  }
}
