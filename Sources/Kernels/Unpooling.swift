public import TensorCore

/// The position of each window's maximum in its picture `[C, H, W]`, as a flat index.
///
/// - Parameter columnMajor: Whether the first spatial axis varies fastest. Channels always vary
///   slowest.
/// - Returns: Indices in the shape of the pool's output, row-major. Exact for pictures of at most
///   2²⁴ elements.
public func maximumIndices(
  _ images: Tensor, _ geometry: PoolingGeometry, columnMajor: Bool
) -> Tensor {
  let shape = geometry.fittingShape(for: images.shape)
  let cells = maxPool(images, geometry).1.windowIndices
  let (spatial, output) = (images.shape.spatial, shape.spatial)
  let (positions, pixels) = (output.reduce(1, *), spatial.reduce(1, *))
  return Tensor(
    shape: shape, layout: .rowMajor,
    filledBy: { indices in
      for element in cells.indices {
        var (place, cell) = (element % positions, cells[element])
        var coordinates = spatial
        for axis in spatial.indices.reversed() {
          coordinates[axis] =
            place % output[axis] * geometry.moves.stride[axis]
            + cell % geometry.window[axis] * geometry.moves.dilation[axis]
            - geometry.moves.paddingBefore[axis]
          place /= output[axis]
          cell /= geometry.window[axis]
        }
        let axes = columnMajor ? Array(spatial.indices.reversed()) : Array(spatial.indices)
        let pixel = axes.reduce(0) { $0 * spatial[$1] + coordinates[$1] }
        indices[element] = Float(element / positions % shape[1] * pixels + pixel)
      }
    })
}

/// Writes every value of `[N, C, …]` into a picture of zeros, at the flat index given at the same
/// position of `indices`; if several have the same index, the last one wins. Indices outside the
/// picture are ignored.
///
/// - Parameter extents: The spatial extents of the picture.
public func unpool(_ values: Tensor, at indices: Tensor, extents: [Int]) -> Tensor {
  let shape = Shape([values.shape[0], values.shape[1]] + extents)
  let places = places(indices, in: shape)
  return Tensor(
    shape: shape, layout: .rowMajor,
    filledBy: { output in
      output.initialize(repeating: 0, count: shape.elementCount)
      values.arranged(as: .rowMajor).withReadPointer { values in
        for (element, place) in places.enumerated() {
          if let place { output[place] = values[element] }
        }
      }
    })
}

/// Propagates a gradient of ``unpool(_:at:extents:)`` back to the values.
public func unpoolInputGradient(of gradient: Tensor, at indices: Tensor) -> Tensor {
  let places = places(indices, in: gradient.shape)
  return Tensor(
    shape: indices.shape, layout: .rowMajor,
    filledBy: { output in
      output.initialize(repeating: 0, count: indices.count)
      // If several had the same index, only the last one was kept.
      var taken: Set<Int> = []
      gradient.arranged(as: .rowMajor).withReadPointer { gradient in
        for (element, place) in places.enumerated().reversed() {
          if let place, taken.insert(place).inserted { output[element] = gradient[place] }
        }
      }
    })
}

/// The position in `shape` of each index, picture by picture.
private func places(_ indices: Tensor, in shape: Shape) -> [Int?] {
  let picture = shape.extents.dropFirst().reduce(1, *)
  let perPicture = indices.shape.extents.dropFirst().reduce(1, *)
  return indices.elements.enumerated().map { element, value in
    guard picture > 0, let index = Int(exactly: value.rounded()), index >= 0 else { return nil }
    // ONNX keeps counting through the batch.
    return element / perPicture * picture + index % picture
  }
}
