internal import COneDNN

extension Elementwise {
  func descriptor(
    count: Int, backward: Bool, _ type: ElementType, _ engine: dnnl_engine_t?
  ) throws(OneDNNError) -> Descriptor {
    let data = try MemoryLayout.rowMajor([count], type)
    let attributes = try Attributes()
    let (algorithm, alpha, beta) = (algorithm, parameters.alpha, parameters.beta)
    let forward = try Descriptor("\(self) of \(count) elements") {
      fovea_eltwise_forward(&$0, engine, algorithm, data.handle, alpha, beta, attributes.handle)
    }
    guard backward else { return forward }
    return try Descriptor("gradient of \(self)") {
      fovea_eltwise_backward(
        &$0, engine, algorithm, data.handle, alpha, beta, forward.handle, attributes.handle)
    }
  }

  /// If possible, the backward pass reads the output, so that the input need not be kept.
  private var algorithm: dnnl_alg_kind_t {
    switch self {
    case .rectifier(let slope): slope >= 0 ? dnnl_eltwise_relu_use_dst_for_bwd : dnnl_eltwise_relu
    case .elu(let alpha): alpha >= 0 ? dnnl_eltwise_elu_use_dst_for_bwd : dnnl_eltwise_elu
    case .logistic: dnnl_eltwise_logistic_use_dst_for_bwd
    case .hyperbolicTangent: dnnl_eltwise_tanh_use_dst_for_bwd
    case .exponential: dnnl_eltwise_exp_use_dst_for_bwd
    case .squareRoot: dnnl_eltwise_sqrt_use_dst_for_bwd
    case .clip: dnnl_eltwise_clip_v2_use_dst_for_bwd
    case .swish: dnnl_eltwise_swish
    case .hardSwish: dnnl_eltwise_hardswish
    case .gelu: dnnl_eltwise_gelu_erf
    case .tanhGelu: dnnl_eltwise_gelu_tanh
    case .mish: dnnl_eltwise_mish
    case .softplus: dnnl_eltwise_soft_relu
    case .absolute: dnnl_eltwise_abs
    case .rounding: dnnl_eltwise_round
    }
  }

  /// Whether a weighted primitive can apply it to its result.
  public var canFollowALayer: Bool { followUp != nil }

  /// The same function for use without a backward pass.
  var followUp: dnnl_alg_kind_t? {
    switch self {
    case .rectifier: dnnl_eltwise_relu
    case .elu: dnnl_eltwise_elu
    case .logistic: dnnl_eltwise_logistic
    case .hyperbolicTangent: dnnl_eltwise_tanh
    case .clip: dnnl_eltwise_clip
    case .swish: dnnl_eltwise_swish
    case .hardSwish: dnnl_eltwise_hardswish
    case .gelu: dnnl_eltwise_gelu_erf
    case .tanhGelu: dnnl_eltwise_gelu_tanh
    default: nil
    }
  }

  var parameters: (alpha: Float, beta: Float) {
    switch self {
    case .rectifier(let slope): (slope, 0)
    case .elu(let alpha): (alpha, 0)
    case .clip(let lower, let upper): (lower, upper)
    case .swish: (1, 0)
    // oneDNN 3.x takes it as a scale; 2.x supports no other value.
    case .softplus: (1, 0)
    case .hardSwish: (1 / 6, 1 / 2)
    default: (0, 0)
    }
  }
}

extension Binary {
  func descriptor(
    _ first: [Int], _ second: [Int], _ type: ElementType, _ engine: dnnl_engine_t?
  ) throws(OneDNNError) -> Descriptor {
    let source = try MemoryLayout.rowMajor(first, type)
    let other = try MemoryLayout.rowMajor(second, type)
    let attributes = try Attributes()
    let algorithm =
      switch self {
      case .add: dnnl_binary_add
      case .subtract: dnnl_binary_sub
      case .multiply: dnnl_binary_mul
      case .divide: dnnl_binary_div
      }
    return try Descriptor("\(self) of \(first) and \(second)") {
      fovea_binary(&$0, engine, algorithm, source.handle, other.handle, attributes.handle)
    }
  }
}

extension MatrixProductDescription {
  func descriptor(_ engine: dnnl_engine_t?) throws(OneDNNError) -> Descriptor {
    func layout(_ extents: [Int], transposed: Bool) throws(OneDNNError) -> MemoryLayout {
      try MemoryLayout(extents, transposed ? dnnl_acb : dnnl_abc)
    }
    let first = try layout([firstBatches, rows, inner], transposed: firstTransposed)
    let second = try layout([secondBatches, inner, columns], transposed: secondTransposed)
    let product = try MemoryLayout.rowMajor([max(firstBatches, secondBatches), rows, columns])
    let attributes = try Attributes()
    return try Descriptor("product of \([rows, inner]) and \([inner, columns]) matrices") {
      fovea_matmul(
        &$0, engine, first.handle, second.handle, product.handle, attributes.handle)
    }
  }
}
