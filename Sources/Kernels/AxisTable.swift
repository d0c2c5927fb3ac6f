public import TensorCore

/// A sparse matrix that acts along one axis of a tensor: each output is a weighted sum of inputs.
/// Gathering, resizing, adaptive averaging and mirror padding are such tables.
public struct AxisTable: Sendable, Hashable {
  /// The length of the axis in the input.
  let inputCount: Int
  private var starts = [0]
  private var indices: [Int] = []
  private var weights: [Float] = []

  init(inputCount: Int) { self.inputCount = inputCount }

  /// Outputs that are copies of inputs.
  ///
  /// - Precondition: Every index is in `0..<inputCount`.
  public init(inputCount: Int, copies: [Int]) {
    precondition(
      copies.allSatisfy { (0..<inputCount).contains($0) }, "indices outside 0..<\(inputCount)")
    self.inputCount = inputCount
    starts = Array(0...copies.count)
    indices = copies
    weights = [Float](repeating: 1, count: copies.count)
  }

  var outputCount: Int { starts.count - 1 }

  /// Adds one output. Terms with zero weight are skipped, so that they cannot spread infinities.
  mutating func append(_ terms: [(index: Int, weight: Double)]) {
    for term in terms where term.weight != 0 {
      indices.append(term.index)
      weights.append(Float(term.weight))
    }
    starts.append(indices.count)
  }

  /// The terms that are summed for one output.
  func terms(of output: Int) -> Range<Int> { starts[output]..<starts[output + 1] }

  func withTerms(
    _ body: (_ indices: UnsafeBufferPointer<Int>, _ weights: UnsafeBufferPointer<Float>) -> Void
  ) {
    indices.withUnsafeBufferPointer { indices in
      weights.withUnsafeBufferPointer { body(indices, $0) }
    }
  }
}

/// Applies a table along one axis.
public func apply(_ table: AxisTable, along axis: Int, of tensor: Tensor) -> Tensor {
  precondition(tensor.shape[axis] == table.inputCount, "a table for \(table.inputCount) indices")
  var extents = tensor.shape.extents
  extents[axis] = table.outputCount
  let (outer, inner) = tensor.shape.around(axis, tensor.layout)
  return Tensor(
    shape: Shape(extents), layout: tensor.layout,
    filledBy: { output in
      tensor.withReadPointer { input in
        table.withTerms { indices, weights in
          for block in 0..<outer {
            let source = input + block * table.inputCount * inner
            for place in 0..<table.outputCount {
              let target = output + (block * table.outputCount + place) * inner
              let terms = table.terms(of: place)
              guard let first = terms.first else {
                target.initialize(repeating: 0, count: inner)
                continue
              }
              let row = source + indices[first] * inner
              if weights[first] == 1 {
                target.initialize(from: row, count: inner)
              } else {
                for offset in 0..<inner { target[offset] = weights[first] * row[offset] }
              }
              for term in terms.dropFirst() {
                add(source + indices[term] * inner, times: weights[term], to: target, inner)
              }
            }
          }
        }
      }
    })
}

/// Propagates a gradient of ``apply(_:along:of:)`` backward.
public func applyTransposed(
  _ table: AxisTable, along axis: Int, of gradient: Tensor
) -> Tensor {
  precondition(gradient.shape[axis] == table.outputCount, "a table of \(table.outputCount)")
  var extents = gradient.shape.extents
  extents[axis] = table.inputCount
  let shape = Shape(extents)
  let (outer, inner) = gradient.shape.around(axis, gradient.layout)
  return Tensor(
    shape: shape, layout: gradient.layout,
    filledBy: { result in
      result.initialize(repeating: 0, count: shape.elementCount)
      gradient.withReadPointer { gradient in
        table.withTerms { indices, weights in
          for block in 0..<outer {
            let target = result + block * table.inputCount * inner
            for place in 0..<table.outputCount {
              let source = gradient + (block * table.outputCount + place) * inner
              for term in table.terms(of: place) {
                add(source, times: weights[term], to: target + indices[term] * inner, inner)
              }
            }
          }
        }
      }
    })
}

private func add(
  _ source: UnsafePointer<Float>, times weight: Float, to target: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  for offset in 0..<count { target[offset] += weight * source[offset] }
}

extension Shape {
  /// The number of blocks before an axis in memory, and the length of one of its steps.
  func around(_ axis: Int, _ layout: Layout) -> (outer: Int, inner: Int) {
    let order = memoryOrder(layout)
    let place = order.firstIndex(of: axis) ?? 0
    return (
      order[..<place].reduce(1) { $0 * self[$1] }, order[(place + 1)...].reduce(1) { $0 * self[$1] }
    )
  }
}
