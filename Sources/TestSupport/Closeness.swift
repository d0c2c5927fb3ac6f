public import TensorCore
public import Testing

/// Expects numbers to agree within `absolute + relative · |expected|`, and reports the worst.
public func expectClose(
  _ actual: [Float], _ expected: [Double], relative: Double = 0, absolute: Double = 0,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record(
      "\(what): \(actual.count) numbers, expected \(expected.count)",
      sourceLocation: sourceLocation)
    return
  }
  var worst: (excess: Double, index: Int) = (0, -1)
  for index in actual.indices {
    let difference = abs(Double(actual[index]) - expected[index])
    let excess = difference - absolute - relative * abs(expected[index])
    if excess > worst.excess || difference.isNaN { worst = (excess, index) }
  }
  guard worst.index >= 0 else { return }
  Issue.record(
    "\(what): \(actual[worst.index]) at \(worst.index), expected \(expected[worst.index])",
    sourceLocation: sourceLocation)
}

/// Expects tensors to have equal shapes, and to agree within `relative` of the expected one's norm.
public func expectClose(
  _ actual: Tensor, _ expected: Tensor, relativeNorm: Float, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.shape == expected.shape else {
    Issue.record(
      "\(what): shape \(actual.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
    return
  }
  let difference = (actual - expected).norm
  let limit = relativeNorm * max(expected.norm, 1e-20)
  guard difference <= limit else {
    Issue.record(
      "\(what): differs by \(difference / max(expected.norm, 1e-20)) of the norm",
      sourceLocation: sourceLocation)
    return
  }
}
