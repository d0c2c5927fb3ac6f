public import TensorCore

/// The shape to which NumPy broadcasts all of `shapes`: aligned at the last axis, with extents of 1
/// repeated. Nil if they are incompatible.
public func broadcastShape(_ shapes: [Shape]) -> Shape? {
  var extents: [Int] = []
  for shape in shapes {
    let missing = shape.rank - extents.count
    if missing > 0 { extents = [Int](repeating: 1, count: missing) + extents }
    for (axis, extent) in zip(extents.indices.suffix(shape.rank), shape.extents)
    where extent != extents[axis] {
      guard extent == 1 || extents[axis] == 1 else { return nil }
      extents[axis] = extents[axis] == 1 ? extent : extents[axis]
    }
  }
  return Shape(extents)
}

/// The elements of a broadcast result in memory order, with the positions of both operands'
/// elements: nested loops, with axes merged wherever a single loop can cover both.
struct BroadcastLoop {
  /// Outermost first, never empty.
  private(set) var extents: [Int] = []
  private(set) var first: [Int] = []
  private(set) var second: [Int] = []

  /// Takes both operands' ``TensorCore/Tensor/strides(for:)``.
  init(_ shape: Shape, _ layout: Layout, _ firstStrides: [Int], _ secondStrides: [Int]) {
    for axis in shape.memoryOrder(layout) where shape[axis] != 1 {
      let (extent, f, s) = (shape[axis], firstStrides[axis], secondStrides[axis])
      if let last = extents.indices.last, first[last] == f * extent, second[last] == s * extent {
        extents[last] *= extent
        (first[last], second[last]) = (f, s)
      } else {
        extents.append(extent)
        first.append(f)
        second.append(s)
      }
    }
    if extents.isEmpty { (extents, first, second) = ([1], [1], [1]) }
  }

  /// Calls `body` once for each pass of the innermost loop, with the start positions of the result
  /// and the operands.
  @inline(__always)
  func forEachRun(_ body: (_ target: Int, _ first: Int, _ second: Int) -> Void) {
    let outer = extents.count - 1
    let width = extents[outer]
    var position = [Int](repeating: 0, count: outer)
    var (target, f, s) = (0, 0, 0)
    for _ in 0..<extents.dropLast().reduce(1, *) {
      body(target, f, s)
      target += width
      var axis = outer - 1
      while axis >= 0 {
        position[axis] += 1
        f += first[axis]
        s += second[axis]
        if position[axis] < extents[axis] { break }
        f -= first[axis] * extents[axis]
        s -= second[axis] * extents[axis]
        position[axis] = 0
        axis -= 1
      }
    }
  }

  /// The second operand's extents as oneDNN broadcasts them, if both operands are stored in the
  /// order in which they are read and the first is not repeated.
  var secondExtents: [Int]? {
    // The tags used here go up to five axes.
    guard extents.count <= 5 else { return nil }
    var step = 1
    var result = extents
    for axis in extents.indices.reversed() {
      if second[axis] == 0 {
        result[axis] = 1
      } else {
        guard second[axis] == step else { return nil }
        step *= extents[axis]
      }
    }
    var firstStep = 1
    for axis in extents.indices.reversed() {
      guard first[axis] == firstStep else { return nil }
      firstStep *= extents[axis]
    }
    return result
  }
}

extension Tensor {
  /// The strides along the axes of a shape to which this tensor is broadcast; 0 along axes where it
  /// is repeated.
  func strides(for broadcast: Shape) -> [Int] {
    View(shape, layout).expanded(to: broadcast.extents).strides
  }
}

/// The layout of a broadcast result: that of the first operand that is not repeated.
func broadcastLayout(_ shape: Shape, of operands: (shape: Shape, layout: Layout)...) -> Layout {
  let whole = operands.first { $0.shape == shape }
  return (whole ?? operands.first { $0.shape.rank == shape.rank })?.layout ?? .rowMajor
}

/// Combines two tensors, broadcast as in NumPy, in place of the first if it has the result's shape
/// and is uniquely referenced.
@inline(__always)
func broadcast(
  _ a: consuming Tensor, _ b: Tensor, _ combine: (Float, Float) -> Float
) -> Tensor {
  guard let shape = broadcastShape([a.shape, b.shape]) else {
    preconditionFailure("shapes \(a.shape) and \(b.shape) do not broadcast")
  }
  let layout = broadcastLayout(shape, of: (a.shape, a.layout), (b.shape, b.layout))
  // Two operands of full shape in different orders: one of them is rearranged in blocks.
  let b = b.shape == shape ? b.arranged(as: layout) : b
  let loop = BroadcastLoop(shape, layout, a.strides(for: shape), b.strides(for: shape))
  return a.rewritten(shape, layout) { first, target in
    b.withReadPointer { loop.run(first, UnsafePointer($0), into: target, combine) }
  }
}

extension BroadcastLoop {
  @inline(__always)
  fileprivate func run(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
    _ combine: (Float, Float) -> Float
  ) {
    let last = extents.count - 1
    let (width, step, stride) = (extents[last], first[last], second[last])
    forEachRun { target, first, second in
      let (a, b, result) = (a + first, b + second, result + target)
      switch (step, stride) {
      case (1, 1): for index in 0..<width { result[index] = combine(a[index], b[index]) }
      case (1, 0):
        let b = b[0]
        for index in 0..<width { result[index] = combine(a[index], b) }
      case (0, 1):
        let a = a[0]
        for index in 0..<width { result[index] = combine(a, b[index]) }
      default:
        for index in 0..<width { result[index] = combine(a[index * step], b[index * stride]) }
      }
    }
  }
}

extension Tensor {
  /// Writes a tensor of the given shape: in place of this one if the shapes are equal and it is
  /// uniquely referenced.
  @inline(__always)
  consuming func rewritten(
    _ shape: Shape, _ layout: Layout,
    _ body: (_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    if self.shape == shape, self.layout == layout {
      return rewritten { body(UnsafePointer($0), $1) }
    }
    return withReadPointer { source in
      Tensor(shape: shape, layout: layout) { body(UnsafePointer(source), $0) }
    }
  }
}

/// Repeats a tensor's elements to fill a shape, broadcast as in NumPy.
public func expand(_ tensor: Tensor, to shape: Shape) -> Tensor {
  guard tensor.shape != shape else { return tensor }
  // Signals are stored channels last if they are maps.
  let layout = shape.rank > 3 ? .channelsLast : tensor.layout
  let loop = BroadcastLoop(shape, layout, tensor.strides(for: shape), tensor.strides(for: shape))
  return tensor.withReadPointer { source in
    Tensor(shape: shape, layout: layout) { target in
      loop.run(UnsafePointer(source), UnsafePointer(source), into: target) { first, _ in first }
    }
  }
}

/// The transpose of ``expand(_:to:)``: sums over the axes along which a tensor of `shape` would be
/// repeated.
public func sum(_ tensor: Tensor, to shape: Shape) -> Tensor {
  guard tensor.shape != shape else { return tensor }
  let missing = tensor.shape.rank - shape.rank
  let axes = tensor.shape.extents.indices.filter { axis in
    axis < missing || shape[axis - missing] == 1 && tensor.shape[axis] != 1
  }
  return reduceAxes(axes, of: tensor, by: .sum).reshaped(to: shape)
}
