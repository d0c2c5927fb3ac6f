internal import Kernels
internal import Networks
internal import TensorCore

/// Quantization to eight bits, and the operators on quantized numbers, which are computed in
/// `Float` between the two conversions.
let quantizationTranslations: [String: Translation] = [
  "QuantizeLinear": { call, builder throws(ImportProblem) in
    guard (call.attributes.integer("block_size") ?? 0) == 0 else {
      throw ImportProblem("expected one scale for a whole axis, found blocks")
    }
    let input = try call.input(0)
    return [
      try builder.quantized(
        input, try Scale(call, 1, 2), axis: axis(call, of: input),
        to: call.attributes.integer("output_dtype").flatMap { ElementType(onnx: $0) },
        name: call.name)
    ]
  },
  "DequantizeLinear": { call, builder throws(ImportProblem) in
    guard (call.attributes.integer("block_size") ?? 0) == 0 else {
      throw ImportProblem("expected one scale for a whole axis, found blocks")
    }
    let input = try call.input(0)
    return [
      try builder.dequantized(
        input, try Scale(call, 1, 2), axis: axis(call, of: input), name: call.name)
    ]
  },
  "QLinearConv": { call, builder throws(ImportProblem) in
    let filters = try call.known(3).shape
    guard filters.rank > 2 else {
      throw ImportProblem("expected filters of at least three axes, found \(filters)")
    }
    let (inputScale, filterScale) = (try Scale(call, 1, 2), try Scale(call, 4, 5))
    let input = try builder.dequantized(
      call.input(0), inputScale, axis: 1, name: call.name + ".x")
    var parameters = [
      KnownParameter(
        KnownTensor(try filterScale.numbers(of: call.known(3), axis: 0)),
        name: call.name + ".weight")
    ]
    if call.optional(8) != nil {
      // The scale of a bias is the product of both scales.
      let steps = try call.known(8).tensor()
      let inputStep = try inputScale.known()[0]
      let scales = try filterScale.known().map { $0 * inputStep }
      guard scales.count == 1 || scales.count == steps.count else {
        throw ImportProblem("expected \(steps.count) scales of the filters, found \(scales.count)")
      }
      let bias = steps.elements.enumerated().map { $1 * scales[scales.count == 1 ? 0 : $0] }
      parameters.append(
        KnownParameter(KnownTensor(Tensor(shape: [bias.count], bias)), name: call.name + ".bias"))
    }
    let output = try builder.add(
      convolution(call, input: input, filters: filters), [input], parameters: parameters,
      name: call.name + ".convolution")
    return [try builder.quantized(output, try Scale(call, 6, 7), axis: 1, name: call.name)]
  },
  "QLinearMatMul": { call, builder throws(ImportProblem) in
    let (a, b) = (try call.input(0), try call.input(3))
    // One scale per row of A, one per column of B.
    let left = try builder.dequantized(
      a, try Scale(call, 1, 2), axis: max(0, a.shape.rank - 2), name: call.name + ".a")
    let right = try builder.dequantized(
      b, try Scale(call, 4, 5), axis: max(0, b.shape.rank - 1), name: call.name + ".b")
    let product = try builder.add(
      MatrixProduct(), [left, right], name: call.name + ".product")
    return [
      try builder.quantized(
        product, try Scale(call, 6, 7), axis: max(0, product.shape.rank - 2), name: call.name)
    ]
  },
]

/// Operators of ONNX Runtime that occur in models quantized with ONNX's own tools.
let microsoftTranslations: [String: Translation] = [
  "QLinearAdd": quantizedArithmetic(.add),
  "QLinearMul": quantizedArithmetic(.multiply),
  "QLinearGlobalAveragePool": { call, builder throws(ImportProblem) in
    guard !(call.attributes.flag("channels_last") ?? false) else {
      throw ImportProblem("expected channels before rows and columns")
    }
    let input = try builder.dequantized(
      call.input(0), try Scale(call, 1, 2), axis: 1, name: call.name + ".x")
    let pooled = try builder.add(GlobalPool(.average), [input], name: call.name + ".pool")
    return [try builder.quantized(pooled, try Scale(call, 3, 4), axis: 1, name: call.name)]
  },
  "Gelu": { call, builder throws(ImportProblem) in
    [try builder.add(Activation(.gelu), [call.input(0)], name: call.name)]
  },
]

private func quantizedArithmetic(_ function: ArithmeticFunction) -> Translation {
  { call, builder throws(ImportProblem) in
    let a = try builder.dequantized(
      call.input(0), try Scale(call, 1, 2), axis: 1, name: call.name + ".a")
    let b = try builder.dequantized(
      call.input(3), try Scale(call, 4, 5), axis: 1, name: call.name + ".b")
    let result = try builder.add(Arithmetic(function), [a, b], name: call.name + ".float")
    return [try builder.quantized(result, try Scale(call, 6, 7), axis: 1, name: call.name)]
  }
}

private func axis(_ call: OperatorCall, of input: Value) throws(ImportProblem) -> Int {
  // Without rows, nothing can have a scale of its own.
  let rank = input.shape.rank
  let axis = call.attributes.integer("axis") ?? min(1, max(0, rank - 1))
  return rank == 0 || axis == rank && rank == 1 ? 0 : try call.axis(axis, rank: rank)
}

/// A scale with its zero point, for a whole tensor or along an axis.
private struct Scale {
  let scale: Value
  /// Nil for 0.
  let zeroPoint: Value?

  init(_ call: OperatorCall, _ scale: Int, _ zeroPoint: Int) throws(ImportProblem) {
    self.scale = try call.input(scale)
    self.zeroPoint = call.optional(zeroPoint)
  }

  func known() throws(ImportProblem) -> [Float] {
    guard let scale = scale.known else { throw ImportProblem("expected a constant scale") }
    let numbers = try scale.tensor().elements
    guard !numbers.isEmpty else { throw ImportProblem("expected a scale, found no number") }
    return numbers
  }

  /// `(steps − zero point) · scale` for weights.
  func numbers(of steps: KnownTensor, axis: Int) throws(ImportProblem) -> Tensor {
    let scales = try known()
    var zeros: [Float] = [0]
    if let zeroPoint { zeros = try zeroPoint.known?.tensor().elements ?? [] }
    let extent = steps.shape[axis]
    let inner = steps.shape.extents[(axis + 1)...].reduce(1, *)
    guard [1, extent].contains(scales.count), [1, extent].contains(zeros.count) else {
      throw ImportProblem("expected \(extent) scales, found \(scales.count)")
    }
    let tensor = try steps.tensor()
    return tensor.withUnsafeElements { source in
      Tensor(shape: tensor.shape) { target in
        for index in 0..<target.count {
          let row = index / inner % extent
          let number =
            (source[index] - zeros[zeros.count == 1 ? 0 : row])
            * scales[scales.count == 1 ? 0 : row]
          target.initializeElement(at: index, to: number)
        }
      }
    }
  }
}

extension NetworkBuilder {
  fileprivate mutating func dequantized(
    _ value: Value, _ scale: Scale, axis: Int, name: String
  ) throws(ImportProblem) -> Value {
    try add(
      Dequantize(axis: axis), [value, scale.scale] + [scale.zeroPoint].compactMap { $0 },
      name: name, type: .float32)
  }

  /// - Parameter type: Nil for the type of the zero point.
  fileprivate mutating func quantized(
    _ value: Value, _ scale: Scale, axis: Int, to type: ElementType? = nil, name: String
  ) throws(ImportProblem) -> Value {
    let type = scale.zeroPoint?.type ?? type ?? .unsigned8
    guard let range = type.integerRange, type.size <= 2 else {
      throw ImportProblem("expected to quantize to 8 or 16 bits, found \(type.rawValue)")
    }
    let zero: Value
    if let zeroPoint = scale.zeroPoint {
      zero = zeroPoint
    } else {
      zero = try constant(KnownTensor(scalar: 0), name: name + ".zero_point")
    }
    return try add(
      Quantize(axis: axis, lower: Float(range.lowerBound), upper: Float(range.upperBound)),
      [value, scale.scale, zero], name: name, type: type)
  }
}
