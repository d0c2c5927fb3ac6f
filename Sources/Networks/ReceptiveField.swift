internal import Kernels
internal import TensorCore

/// The pixels that a node's positions depend on: one entry per spatial axis, in input pixels.
public struct ReceptiveField: Sendable, Hashable {
  /// The number of pixels that one position depends on.
  public let size: [Int]
  /// The distance in pixels between neighbouring positions; 0 if there is only one.
  public let stride: [Int]
  /// The first pixel in the field of position 0; negative inside the padding.
  public let start: [Int]

  /// The pixels that a position depends on, including those outside the picture.
  public func pixels(at position: [Int]) -> [Range<Int>] {
    position.indices.map { axis in
      let first = start[axis] + distance(stride[axis], position[axis])
      return first..<(first + size[axis])
    }
  }

  /// The centre of a position's field, in pixels; 0 is the picture's upper left edge.
  public func center(of position: [Int]) -> [Double] {
    pixels(at: position).map { Double($0.lowerBound + $0.upperBound) / 2 }
  }
}

extension Network {
  /// Each node's exact receptive field, along every path (Dumoulin and Visin 2016; Araujo et al.
  /// 2019, "Computing Receptive Fields of Convolutional Neural Networks").
  ///
  /// If paths of different strides meet in a node, its field at position 0 is their union.
  public func receptiveFields() -> [String: ReceptiveField] {
    let axes = graph.inputShape.rank - 1
    let ones = [Int](repeating: 1, count: axes)
    var fields = [
      Graph.inputName: ReceptiveField(
        size: ones, stride: ones, start: [Int](repeating: 0, count: axes))
    ]
    for node in graph.nodes {
      let reach = node.operation.reach(
        from: node.inputs.compactMap { ownShapes[$0] }, to: ownShapes[node.name] ?? [])
      let inputs = node.inputs.compactMap { name in
        fields[name].map { field in
          field.through(reach, extents: ownShapes[name]?.spatial ?? [])
        }
      }
      // A constant depends on no pixels.
      if !inputs.isEmpty { fields[node.name] = ReceptiveField(covering: inputs) }
    }
    return fields
  }
}

extension ReceptiveField {
  fileprivate func through(_ reach: SpatialReach, extents: [Int]) -> ReceptiveField {
    switch reach {
    case .pointwise: return self
    case .window(let window, let moves) where window.count == size.count:
      return ReceptiveField(
        size: size.indices.map {
          size[$0] + distance(window[$0] - 1, moves.dilation[$0], stride[$0])
        },
        stride: size.indices.map { distance(stride[$0], moves.stride[$0]) },
        start: size.indices.map { start[$0] - distance(moves.paddingBefore[$0], stride[$0]) }
      ).bounded
    case .window, .everything:
      // If there are more axes than a picture has, the picture's are the last.
      let extents = extents.suffix(size.count)
      return ReceptiveField(
        size: size.indices.map { axis in
          let positions = extents.count == size.count ? extents[extents.startIndex + axis] : 1
          return size[axis] + distance(stride[axis], positions - 1)
        },
        stride: size.map { _ in 0 }, start: start
      ).bounded
    }
  }

  private var bounded: ReceptiveField {
    ReceptiveField(
      size: size.map { distance($0) }, stride: stride.map { distance($0) },
      start: start.map { distance($0) })
  }

  /// The smallest field that contains all of `fields` at position 0.
  fileprivate init(covering fields: [ReceptiveField]) {
    let axes = fields.first?.size.indices ?? 0..<0
    start = axes.map { axis in fields.map { $0.start[axis] }.min() ?? 0 }
    let start = start
    size = axes.map { axis in
      (fields.map { $0.start[axis] + $0.size[axis] }.max() ?? 0) - start[axis]
    }
    stride = axes.map { axis in fields.map { $0.stride[axis] }.max() ?? 0 }
  }
}

/// A product of window parameters along a path, in pixels. A file may make it arbitrarily large, so
/// it saturates far beyond any picture.
private func distance(_ factors: Int...) -> Int {
  let farthest = 0x1p40
  let product = factors.reduce(1.0) { $0 * Double($1) }
  return Int(min(max(product, -farthest), farthest))
}
