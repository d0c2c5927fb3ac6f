internal import Kernels
internal import Networks
internal import TensorCore

/// Resizing of pictures.
let resizingTranslations: [String: Translation] = [
  "Resize": { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    let sizes = try ResizedExtents(call, of: input.shape)
    return [try builder.resized(input, sizes, try rule(call), name: call.name)]
  },
  "Upsample": { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    let scales: [Float]
    if let given = call.attributes.floats("scales") {
      scales = given
    } else {
      scales = try call.known(1).short().tensor().elements
    }
    return [
      try builder.resized(
        input, try ResizedExtents(scales, of: input.shape), try oldRule(call), name: call.name)
    ]
  },
]

/// Which axes a node resizes, and by how much; axes that stay the same are omitted.
private struct ResizedExtents {
  private(set) var axes: [Int] = []
  private(set) var extents: [Int] = []
  private(set) var scales: [Double] = []

  init(_ scales: [Float], of shape: Shape) throws(ImportProblem) {
    try scale(shape, by: scales, axes: Array(0..<shape.rank))
  }

  private mutating func scale(
    _ shape: Shape, by scales: [Float], axes: [Int]
  ) throws(ImportProblem) {
    guard scales.count == axes.count, scales.allSatisfy({ $0 > 0 && $0 < 0x1p24 }) else {
      throw ImportProblem("expected \(axes.count) positive scales, found \(scales)")
    }
    for (axis, scale) in zip(axes, scales) where scale != 1 {
      let extent = Double(shape[axis]) * Double(scale)
      guard extent < 0x1p31 else { throw ImportProblem("scales \(scales) are too large") }
      append(axis, Int(extent.rounded(.down)), Double(scale))
    }
  }

  /// Operands 1 and 2 are a region and scales, 3 are sizes; up to opset 10, operand 1 is the
  /// scales.
  init(_ call: OperatorCall, of shape: Shape) throws(ImportProblem) {
    let axes = try call.axes(
      call.attributes.integers("axes") ?? Array(0..<shape.rank), rank: shape.rank)
    let scales = try call.optionalKnown(call.opset < 11 ? 1 : 2)
    if let scales, scales.shape.elementCount > 0 {
      try scale(shape, by: scales.short().tensor().elements, axes: axes)
      return
    }
    guard let sizes = try call.optionalKnown(3)?.short().integers() else {
      throw ImportProblem("expected scales or sizes, found none")
    }
    guard sizes.count == axes.count, sizes.allSatisfy({ 1..<(1 << 31) ~= $0 }),
      axes.allSatisfy({ shape[$0] > 0 })
    else { throw ImportProblem("expected \(axes.count) positive sizes, found \(sizes)") }
    let ratios = zip(axes, sizes).map { Double($1) / Double(shape[$0]) }
    let policy = call.attributes.text("keep_aspect_ratio_policy") ?? "stretch"
    let common: Double? =
      switch policy {
      case "not_larger": ratios.min()
      case "not_smaller": ratios.max()
      default: nil
      }
    for (position, axis) in axes.enumerated() where sizes[position] != shape[axis] {
      let extent = common.map { Int(($0 * Double(shape[axis])).rounded()) } ?? sizes[position]
      append(axis, extent, common ?? ratios[position])
    }
  }

  private mutating func append(_ axis: Int, _ extent: Int, _ scale: Double) {
    axes.append(axis)
    extents.append(extent)
    scales.append(scale)
  }
}

extension NetworkBuilder {
  fileprivate mutating func resized(
    _ input: Value, _ sizes: ResizedExtents, _ rule: ResamplingRule, name: String
  ) throws(ImportProblem) -> Value {
    guard !sizes.axes.isEmpty else { return input }
    let resample = Resample(
      rule, axes: sizes.axes, extents: sizes.extents, scales: sizes.scales)
    return try add(resample, [input], name: name)
  }
}

/// Up to opset 10, coordinates are simply divided by the scale.
private func oldRule(_ call: OperatorCall) throws(ImportProblem) -> ResamplingRule {
  ResamplingRule(mode: try mode(call), coordinates: .asymmetric, rounding: .floor)
}

private func rule(_ call: OperatorCall) throws(ImportProblem) -> ResamplingRule {
  guard call.opset >= 11 else { return try oldRule(call) }
  return ResamplingRule(
    mode: try mode(call), coordinates: try coordinates(call), rounding: try rounding(call),
    cubic: Double(call.attributes.float("cubic_coeff_a") ?? -0.75),
    excludesOutside: call.attributes.flag("exclude_outside") ?? false,
    antialiases: call.attributes.flag("antialias") ?? false)
}

private func mode(_ call: OperatorCall) throws(ImportProblem) -> ResamplingRule.Mode {
  switch call.attributes.text("mode") ?? "nearest" {
  case "nearest": .nearest
  // The name in Upsample's first version.
  case "linear", "bilinear": .linear
  case "cubic": .cubic
  case let other: throw ImportProblem("expected a known mode, found \(quoted(other))")
  }
}

private func coordinates(
  _ call: OperatorCall
) throws(ImportProblem) -> ResamplingRule.Coordinates {
  switch call.attributes.text("coordinate_transformation_mode") ?? "half_pixel" {
  case "half_pixel": .halfPixel
  case "align_corners": .alignCorners
  case "asymmetric": .asymmetric
  case "pytorch_half_pixel": .pytorchHalfPixel
  case "half_pixel_symmetric": .halfPixelSymmetric
  case "tf_half_pixel_for_nn": .tfHalfPixelForNearest
  case let other:
    throw ImportProblem(
      "expected a known coordinate_transformation_mode, found \(quoted(other))")
  }
}

private func rounding(_ call: OperatorCall) throws(ImportProblem) -> ResamplingRule.Rounding {
  switch call.attributes.text("nearest_mode") ?? "round_prefer_floor" {
  case "round_prefer_floor": .preferFloor
  case "round_prefer_ceil": .preferCeiling
  case "floor": .floor
  case "ceil": .ceiling
  case let other: throw ImportProblem("expected a known nearest_mode, found \(quoted(other))")
  }
}
