internal import OneDNN
public import TensorCore

/// A pooling window and how it moves.
public struct PoolingGeometry: Sendable, Hashable, Codable {
  public var window: [Int]
  public var moves: WindowGeometry
  /// Whether the output's extent is rounded up, so that the last rows and columns are always
  /// covered.
  public var ceiling: Bool

  public init(window: [Int], moves: WindowGeometry, ceiling: Bool = false) {
    (self.window, self.moves, self.ceiling) = (window, moves, ceiling)
  }

  /// A square window on pictures.
  public init(window: Int, stride: Int, padding: Int = 0, ceiling: Bool = false) {
    self.init(
      window: [window, window], moves: WindowGeometry(stride: stride, padding: padding),
      ceiling: ceiling)
  }

  public func outputShape(for images: Shape) -> Shape? {
    moves.outputExtents(images.spatial, window: window, ceiling: ceiling)
      .map { Shape([images[0], images[1]] + $0) }
  }
}

/// - Parameter primitive: Of elements as the images are stored.
func pool(_ images: Tensor, _ primitive: Primitive, _ shape: Shape) -> Tensor {
  Tensor(shape: shape, layout: .channelsLast, precision: images.precision) { output in
    images.arranged(as: .channelsLast).withMemory(as: images.precision) {
      primitive.run([(.source, $0), (.destination, output)])
    }
  }
}

extension PoolingGeometry {
  /// - Precondition: The window fits; `Networks` reports mismatches in a user's file beforehand.
  func fittingShape(for images: Shape) -> Shape {
    guard let output = outputShape(for: images) else {
      preconditionFailure("windows of \(window) do not fit into \(images)")
    }
    return output
  }

  func description(
    _ kind: PoolingDescription.Kind, _ images: Shape, _ precision: Precision = .float32
  ) -> PoolingDescription {
    let output = fittingShape(for: images)
    return PoolingDescription(
      kind: kind, source: images.extents, destination: output.extents, window: window,
      stride: moves.stride, dilation: moves.dilation, paddingBefore: moves.paddingBefore,
      paddingAfter: moves.reachAfter(images.spatial, window: window, output: output.spatial),
      elements: precision.elementType)
  }

  func taps(_ images: Shape) -> WindowTaps {
    WindowTaps(
      input: images.spatial, output: fittingShape(for: images).spatial, window: window,
      moves: moves)
  }

  /// Whether every window has a cell inside pictures of these spatial extents.
  public func leavesNoWindowEmpty(_ extents: [Int]) -> Bool {
    guard let output = moves.outputExtents(extents, window: window, ceiling: ceiling) else {
      return false
    }
    return extents.indices.allSatisfy { axis in
      !moves.cells(
        in: 0..<extents[axis], along: axis, output: output[axis], window: window[axis]
      ).contains(0)
    }
  }
}
