internal import Kernels
internal import Networks
internal import TensorCore

/// Matrix products.
let productTranslations: [String: Translation] = [
  "MatMul": { call, builder throws(ImportProblem) in
    [try builder.product(call.input(0), call.input(1), name: call.name)]
  },
  "MatMulInteger": { call, builder throws(ImportProblem) in
    let a = try builder.centered(call.input(0), zeroPoint: call.optional(2), call.name + ".a")
    let b = try builder.centered(call.input(1), zeroPoint: call.optional(3), call.name + ".b")
    return [try builder.product(a, b, name: call.name, type: .signed32)]
  },
  "Gemm": { call, builder throws(ImportProblem) in try gemm(call, &builder) },
]

extension NetworkBuilder {
  /// `a b`; a linear node if `b` is a matrix of weights.
  mutating func product(
    _ a: Value, _ b: Value, name: String, type: ElementType? = nil
  ) throws(ImportProblem) -> Value {
    guard case .known(let weights, let weightsName) = b, weights.shape.rank == 2,
      a.shape.rank >= 2, a.shape[a.shape.rank - 1] == weights.shape[0]
    else { return try add(MatrixProduct(), [a, b], name: name, type: type) }
    let turned = KnownParameter(
      try self.turned(weights), name: weightsName + ".transposed")
    return try add(Linear(), [a], parameters: [turned], name: name, type: type)
  }

  /// `[C, K]` as `[K, C]`.
  mutating func turned(_ matrix: KnownTensor) throws(ImportProblem) -> KnownTensor {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    if case .uniform = matrix.content { return try matrix.reshaped(to: [columns, rows]) }
    try budget.use(numbers: 0, steps: 2 * rows * columns)
    // Treated as a picture of `rows` channels and `columns` pixels, read in the other layout.
    let picture = try matrix.tensor().reshaped(to: [1, rows, columns])
    return KnownTensor(
      picture.arranged(as: .channelsLast).withUnsafeElements { source in
        Tensor(shape: [columns, rows]) { _ = $0.initialize(fromContentsOf: source) }
      })
  }
}

/// `α A B + β C`, with either matrix optionally transposed: a linear node if `B` and `C` are
/// weights, as in every classifier.
private func gemm(
  _ call: OperatorCall, _ builder: inout NetworkBuilder
) throws(ImportProblem) -> [Value] {
  let name = call.name
  var (a, b) = (try call.input(0), try call.input(1))
  guard a.shape.rank == 2, b.shape.rank == 2 else {
    throw ImportProblem("expected two matrices, found \(a.shape) and \(b.shape)")
  }
  let alpha = call.attributes.float("alpha") ?? 1
  let beta = call.attributes.float("beta") ?? 1
  if call.attributes.flag("transA") ?? false {
    a = try builder.transposed(a, [1, 0], name: name + ".a")
  }
  let isTurned = call.attributes.flag("transB") ?? false
  let addend = beta == 0 ? nil : call.optional(2)
  guard case .known(let weights, let weightsName) = b else {
    if isTurned { b = try builder.transposed(b, [1, 0], name: name + ".b") }
    let isLast = alpha == 1 && addend == nil
    var result = try builder.add(MatrixProduct(), [a, b], name: isLast ? name : name + ".product")
    if alpha != 1 {
      result = try builder.scaled(result, by: alpha, name: addend == nil ? name : name + ".scaled")
    }
    return [try builder.added(addend, times: beta, to: result, name: name)]
  }
  let outputs = weights.shape[isTurned ? 0 : 1]
  var matrix =
    isTurned && alpha == 1
    ? KnownParameter(shared: weights, name: weightsName)
    : KnownParameter(
      isTurned ? weights : try builder.turned(weights), name: weightsName + ".transposed")
  if alpha != 1 {
    matrix = KnownParameter(
      KnownTensor(try matrix.tensor.tensor() * alpha), name: weightsName + ".scaled")
  }
  if case .known(let bias, let biasName)? = addend,
    bias.shape == [outputs] || bias.shape == [1, outputs]
  {
    let isPlain = beta == 1 && bias.shape.rank == 1
    let parameter =
      isPlain
      ? KnownParameter(shared: bias, name: biasName)
      : KnownParameter(
        KnownTensor(try bias.tensor().reshaped(to: [outputs]) * beta), name: biasName + ".scaled")
    return [try builder.add(Linear(), [a], parameters: [matrix, parameter], name: name)]
  }
  let product = try builder.add(
    Linear(), [a], parameters: [matrix], name: addend == nil ? name : name + ".product")
  return [try builder.added(addend, times: beta, to: product, name: name)]
}

extension NetworkBuilder {
  fileprivate mutating func scaled(
    _ value: Value, by factor: Float, name: String
  ) throws(ImportProblem) -> Value {
    let factor = try constant(KnownTensor(scalar: factor), name: name + ".factor")
    return try add(Arithmetic(.multiply), [value, factor], name: name)
  }

  fileprivate mutating func added(
    _ addend: Value?, times factor: Float, to value: Value, name: String
  ) throws(ImportProblem) -> Value {
    guard let addend else { return value }
    let scaled = factor == 1 ? addend : try scaled(addend, by: factor, name: name + ".addend")
    return try add(Arithmetic(.add), [value, scaled], name: name)
  }
}
