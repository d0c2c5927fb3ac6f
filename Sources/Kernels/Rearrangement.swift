public import TensorCore

/// An operation that only moves elements: transposing, slicing, repeating, padding with a value.
///
/// It consists of two ways of stepping through memory, one through the input and one through the
/// output; copying from the first to the second computes it, copying back and adding up computes
/// its transpose.
public struct Rearrangement {
  public let inputShape, outputShape: Shape
  private let source: (View) -> View
  private let target: (View) -> View

  /// - Parameters:
  ///   - source: Turns a view of the whole input into the view that is read.
  ///   - target: The same for the output; the resulting extents are those of the source.
  init(
    _ inputShape: Shape, to outputShape: Shape, source: @escaping (View) -> View = { $0 },
    target: @escaping (View) -> View = { $0 }
  ) {
    (self.inputShape, self.outputShape) = (inputShape, outputShape)
    (self.source, self.target) = (source, target)
  }

  /// - Parameter value: For elements that nothing is moved to.
  public func apply(to input: Tensor, filling value: Float = 0) -> Tensor {
    guard outputShape.elementCount > 0 else { return Tensor(shape: outputShape, []) }
    let walk = source(View(input.shape, input.layout))
    // A contiguous view may still be only a part of the memory.
    if input.count == outputShape.elementCount,
      let layout = [input.layout, .rowMajor, .channelsLast].first(where: {
        walk.isWhole(outputShape, $0) && target(View(outputShape, $0)).isWhole(outputShape, $0)
      })
    {
      return input.reinterpreted(as: outputShape, layout: layout)
    }
    let layout = preferredLayout(walk, input.layout)
    return Tensor(
      shape: outputShape, layout: layout,
      filledBy: { output in
        let goal = target(View(outputShape, layout))
        if goal.count < outputShape.elementCount {
          output.initialize(repeating: value, count: outputShape.elementCount)
        }
        input.withReadPointer { copy($0, walk, to: output, goal) }
      })
  }

  /// Propagates a gradient of the output backward, summed if one element was copied to several.
  public func transposed(_ gradient: Tensor) -> Tensor {
    guard gradient.count > 0 else { return Tensor(shape: inputShape, repeating: 0) }
    let layout: Layout =
      inputShape.rank == outputShape.rank
      ? gradient.layout : inputShape.rank > 3 ? .channelsLast : .rowMajor
    return Tensor(
      shape: inputShape, layout: layout,
      filledBy: { result in
        let goal = source(View(inputShape, layout))
        let movesEach =
          goal.count == inputShape.elementCount
          && goal.extents.indices.allSatisfy { goal.extents[$0] == 1 || goal.strides[$0] != 0 }
        if !movesEach { result.initialize(repeating: 0, count: inputShape.elementCount) }
        gradient.withReadPointer {
          copy($0, target(View(outputShape, gradient.layout)), to: result, goal, adding: !movesEach)
        }
      })
  }

  /// The layout whose fastest axis is that of the view.
  private func preferredLayout(_ walk: View, _ input: Layout) -> Layout {
    guard outputShape.rank > 2 else { return .rowMajor }
    guard walk.extents == outputShape.extents else { return input }
    let moving = walk.extents.indices.filter { walk.extents[$0] > 1 && walk.strides[$0] != 0 }
    let fastest = moving.min { abs(walk.strides[$0]) < abs(walk.strides[$1]) }
    return fastest == 1 ? .channelsLast : .rowMajor
  }
}

extension Rearrangement {
  /// - Parameter order: For each axis of the output, the axis of the input.
  public static func transposition(of shape: Shape, order: [Int]) -> Rearrangement {
    Rearrangement(
      shape, to: Shape(order.map { shape[$0] }), source: { $0.permuted(order) })
  }

  /// A part of an axis: `start`, `start + step` and so on.
  public struct Range: Sendable, Hashable {
    public var axis, start, step, count: Int

    public init(axis: Int, start: Int, step: Int = 1, count: Int) {
      (self.axis, self.start, self.step, self.count) = (axis, start, step, count)
    }
  }

  /// The part of a tensor that is inside every range.
  public static func slice(of shape: Shape, _ ranges: [Range]) -> Rearrangement {
    var extents = shape.extents
    for range in ranges { extents[range.axis] = range.count }
    return Rearrangement(
      shape, to: Shape(extents),
      source: { view in
        ranges.reduce(view) {
          $0.sliced($1.axis, from: $1.start, step: $1.step, count: $1.count)
        }
      })
  }

  /// Repeats axes of extent 1, and adds leading axes, up to `extents`.
  public static func expansion(of shape: Shape, to extents: [Int]) -> Rearrangement {
    Rearrangement(shape, to: Shape(extents), source: { $0.expanded(to: extents) })
  }

  /// The whole tensor repeated `repeats[axis]` times along every axis.
  public static func tiling(of shape: Shape, _ repeats: [Int]) -> Rearrangement {
    let extents = shape.extents
    return Rearrangement(
      shape, to: Shape(zip(extents, repeats).map { $0 * $1 }),
      source: { view in
        extents.indices.reversed().reduce(view) { view, axis in
          var view = view.split(axis, into: [1, extents[axis]])
          view.extents[axis] = repeats[axis]
          view.strides[axis] = 0
          return view
        }
      },
      target: { view in
        extents.indices.reversed().reduce(view) {
          $0.split($1, into: [repeats[$1], extents[$1]])
        }
      })
  }

  /// Adds `before` and `after` indices to every axis, or removes them if negative.
  ///
  /// - Precondition: No axis loses more than it has.
  public static func padding(of shape: Shape, before: [Int], after: [Int]) -> Rearrangement {
    let axes = shape.extents.indices
    let kept = axes.map { shape[$0] + min(before[$0], 0) + min(after[$0], 0) }
    return Rearrangement(
      shape, to: Shape(axes.map { shape[$0] + before[$0] + after[$0] }),
      source: { view in
        axes.reduce(view) { $0.sliced($1, from: max(-before[$1], 0), count: kept[$1]) }
      },
      target: { view in
        axes.reduce(view) { $0.sliced($1, from: max(before[$1], 0), count: kept[$1]) }
      })
  }

  /// `[N, b·b·C, H, W]` to `[N, C, b·H, b·W]`.
  ///
  /// - Parameter columnRowDepth: Whether the input's channels are ordered with depth first and the
  ///   block's columns last (ONNX's CRD), not with the block first (DCR).
  public static func depthToSpace(
    of shape: Shape, block: Int, columnRowDepth: Bool
  ) -> Rearrangement {
    let channels = shape[1] / (block * block)
    return Rearrangement(
      shape, to: [shape[0], channels, shape[2] * block, shape[3] * block],
      source: { view in
        columnRowDepth
          ? view.split(1, into: [channels, block, block]).permuted([0, 1, 4, 2, 5, 3])
          : view.split(1, into: [block, block, channels]).permuted([0, 3, 4, 1, 5, 2])
      },
      target: { view in
        view.split(3, into: [shape[3], block]).split(2, into: [shape[2], block])
      })
  }

  /// `[N, C, b·H, b·W]` to `[N, b·b·C, H, W]`, the position in the block before the depth.
  public static func spaceToDepth(of shape: Shape, block: Int) -> Rearrangement {
    let deep: Shape = [
      shape[0], shape[1] * block * block, shape[2] / block, shape[3] / block,
    ]
    return depthToSpace(of: deep, block: block, columnRowDepth: false).reversed
  }

  /// Moves the elements back, if each was moved once.
  private var reversed: Rearrangement {
    Rearrangement(outputShape, to: inputShape, source: target, target: source)
  }
}
