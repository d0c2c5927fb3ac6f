/// How a primitive's numbers are stored; it adds up in `float32` in any case.
public enum ElementType: Sendable, Hashable { case float32, bfloat16 }

/// What a primitive computes, independent of its data. Equal descriptions share one primitive.
public enum PrimitiveDescription: Sendable, Hashable {
  case convolution(ConvolutionDescription, WeightedPass)
  case innerProduct(InnerProductDescription, WeightedPass)
  case pooling(PoolingDescription, Pass)
  /// Only inference has another type than `float32`.
  case batchNormalization(
    shape: [Int], epsilon: Float, NormalizationPass, of: ElementType = .float32)
  case localResponseNormalization(LocalResponseDescription, Pass)
  case elementwise(Elementwise, count: Int, backward: Bool, of: ElementType = .float32)
  /// Operands in row-major order; the second one's extents may be 1, to be broadcast.
  case binary(Binary, [Int], [Int], of: ElementType = .float32)
  case matrixProduct(MatrixProductDescription)
}

/// Which of the three computations of an operation with weights.
public enum WeightedPass: Sendable, Hashable {
  case forward(bias: Bool, Finish)
  case inputGradient
  case weightGradient(bias: Bool)
}

/// What is done to a result before it is stored.
public struct Finish: Sendable, Hashable {
  /// Whether it is added to the contents of the destination.
  public var accumulates: Bool
  public var function: Elementwise?

  public init(accumulates: Bool = false, function: Elementwise? = nil) {
    (self.accumulates, self.function) = (accumulates, function)
  }
}

public enum Pass: Sendable, Hashable {
  case inference
  /// Forward, with a workspace for the backward pass.
  case training
  case backward
}

public enum NormalizationPass: Sendable, Hashable {
  /// Mean and variance are given.
  case inference
  /// Mean and variance come from the batch and are returned.
  case training
  case backward
}

/// Shapes are `[N, C, …spatial]`, filters `[K, C / groups, …spatial]`.
public struct ConvolutionDescription: Sendable, Hashable {
  public var source, filters, destination: [Int]
  public var stride, dilation, paddingBefore, paddingAfter: [Int]
  public var groups: Int
  /// Of what it reads, the weights included; the bias is `float32`.
  public var operands, result: ElementType

  public init(
    source: [Int], filters: [Int], destination: [Int], stride: [Int], dilation: [Int],
    paddingBefore: [Int], paddingAfter: [Int], groups: Int, operands: ElementType = .float32,
    result: ElementType = .float32
  ) {
    (self.source, self.filters, self.destination) = (source, filters, destination)
    (self.stride, self.dilation) = (stride, dilation)
    (self.paddingBefore, self.paddingAfter) = (paddingBefore, paddingAfter)
    self.groups = groups
    (self.operands, self.result) = (operands, result)
  }

  /// oneDNN expects the groups as a separate axis; in memory nothing moves.
  var groupedFilters: [Int] {
    groups == 1 ? filters : [groups, filters[0] / groups] + filters.dropFirst()
  }
}

public struct InnerProductDescription: Sendable, Hashable {
  public var batch, inputs, outputs: Int
  /// Of what it reads, the weights included; the bias is `float32`.
  public var operands, result: ElementType

  public init(
    batch: Int, inputs: Int, outputs: Int, operands: ElementType = .float32,
    result: ElementType = .float32
  ) {
    (self.batch, self.inputs, self.outputs) = (batch, inputs, outputs)
    (self.operands, self.result) = (operands, result)
  }
}

public struct PoolingDescription: Sendable, Hashable {
  public enum Kind: Sendable, Hashable { case maximum, averageWithPadding, averageWithoutPadding }

  public var kind: Kind
  public var source, destination: [Int]
  public var window, stride, dilation, paddingBefore, paddingAfter: [Int]
  public var elements: ElementType

  public init(
    kind: Kind, source: [Int], destination: [Int], window: [Int], stride: [Int],
    dilation: [Int], paddingBefore: [Int], paddingAfter: [Int], elements: ElementType = .float32
  ) {
    (self.kind, self.elements) = (kind, elements)
    (self.source, self.destination) = (source, destination)
    (self.window, self.stride, self.dilation) = (window, stride, dilation)
    (self.paddingBefore, self.paddingAfter) = (paddingBefore, paddingAfter)
  }
}

/// `y = x / (k + alpha / size · Σ x²)^beta` over `size` neighbouring channels.
public struct LocalResponseDescription: Sendable, Hashable {
  public var shape: [Int]
  public var size: Int
  public var alpha, beta, k: Float
  public var elements: ElementType

  public init(
    shape: [Int], size: Int, alpha: Float, beta: Float, k: Float, elements: ElementType = .float32
  ) {
    (self.shape, self.elements) = (shape, elements)
    self.size = size
    (self.alpha, self.beta, self.k) = (alpha, beta, k)
  }
}

/// Functions of one number.
public enum Elementwise: Sendable, Hashable {
  /// `x` if that is positive, otherwise `slope · x`.
  case rectifier(slope: Float)
  case elu(alpha: Float)
  case logistic, hyperbolicTangent, exponential, squareRoot
  case clip(lower: Float, upper: Float)
  case swish, hardSwish, gelu, tanhGelu, mish, softplus, absolute
  /// Has no derivative.
  case rounding
}

/// Functions of two numbers.
public enum Binary: Sendable, Hashable { case add, subtract, multiply, divide }

/// `[batches, rows, inner] × [batches, inner, columns]`; one operand may have a single batch for
/// all of the other's.
public struct MatrixProductDescription: Sendable, Hashable {
  public var firstBatches, secondBatches, rows, inner, columns: Int
  /// Whether the operand is stored transposed.
  public var firstTransposed, secondTransposed: Bool

  public init(
    firstBatches: Int, secondBatches: Int, rows: Int, inner: Int, columns: Int,
    firstTransposed: Bool, secondTransposed: Bool
  ) {
    (self.firstBatches, self.secondBatches) = (firstBatches, secondBatches)
    (self.rows, self.inner, self.columns) = (rows, inner, columns)
    (self.firstTransposed, self.secondTransposed) = (firstTransposed, secondTransposed)
  }
}

extension PrimitiveDescription {
  /// The weights whose order the primitive chooses, in the checkpoint's order, with separate
  /// groups.
  var plainWeights: (weights: PlainWeights, argument: Argument)? {
    let (weights, pass): (PlainWeights, WeightedPass)
    switch self {
    case .convolution(let description, let which):
      (weights, pass) = (PlainWeights(extents: description.groupedFilters), which)
    case .innerProduct(let description, let which):
      let extents = [description.outputs, description.inputs]
      weights =
        which == .inputGradient
        ? PlainWeights(extents: extents.reversed(), isTransposed: true)
        : PlainWeights(extents: extents)
      pass = which
    default: return nil
    }
    if case .weightGradient = pass { return (weights, .weightsGradient) }
    return (weights, .weights)
  }
}

/// Weights in the order that a checkpoint has them in.
struct PlainWeights: Hashable, Sendable {
  /// As the primitive reads them.
  var extents: [Int]
  /// Whether a matrix's columns are the rows in memory.
  var isTransposed = false
}
