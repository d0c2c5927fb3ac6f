internal import COneDNN
internal import Synchronization

/// Held while oneDNN creates something. In 2.6, threads that create descriptors of bf16 kernels side
/// by side get wrong ones, which compute wrong numbers or write outside of their buffers.
private let creation = Mutex(())

/// A primitive descriptor with its owner.
struct Descriptor: ~Copyable {
  let handle: dnnl_primitive_desc_t?

  init(
    _ call: String, _ create: (inout dnnl_primitive_desc_t?) throws(OneDNNError) -> dnnl_status_t
  ) throws(OneDNNError) {
    var handle: dnnl_primitive_desc_t?
    let status = try creation.withLock { _ throws(OneDNNError) in try create(&handle) }
    try check(status, call)
    self.handle = handle
  }

  /// - Throws: `OneDNNError` if oneDNN cannot make the primitive that is described.
  borrowing func primitive() throws(OneDNNError) -> dnnl_primitive_t? {
    let handle = handle
    var primitive: dnnl_primitive_t?
    let status = creation.withLock { _ in dnnl_primitive_create(&primitive, handle) }
    try check(status, "dnnl_primitive_create")
    return primitive
  }

  consuming func release() -> dnnl_primitive_desc_t? {
    let handle = handle
    discard self
    return handle
  }

  deinit { dnnl_primitive_desc_destroy(handle) }
}

/// Attributes with their owner: every call provides its own scratchpad, because a primitive with
/// the library's own crashes if it runs on a different thread from the one that made it.
struct Attributes: ~Copyable {
  let handle: dnnl_primitive_attr_t?

  /// - Parameter result: The type of what the result is added to, if it is.
  init(
    _ finish: Finish = Finish(), addingTo result: ElementType = .float32
  ) throws(OneDNNError) {
    var handle: dnnl_primitive_attr_t?
    try check(
      fovea_attributes_create(
        &handle, finish.accumulates ? 1 : 0, result.dataType,
        finish.function?.followUp ?? dnnl_alg_kind_undef,
        finish.function?.parameters.alpha ?? 0, finish.function?.parameters.beta ?? 0),
      "dnnl_primitive_attr_create")
    self.handle = handle
  }

  deinit { dnnl_primitive_attr_destroy(handle) }
}

extension PrimitiveDescription {
  func descriptor(_ engine: dnnl_engine_t?) throws(OneDNNError) -> Descriptor {
    switch self {
    case .convolution(let description, let pass):
      return try description.descriptor(pass, engine)
    case .innerProduct(let description, let pass):
      return try description.descriptor(pass, engine)
    case .pooling(let description, let pass): return try description.descriptor(pass, engine)
    case .batchNormalization(let shape, let epsilon, let pass, let type):
      return try normalization(shape, epsilon, pass, type, engine)
    case .localResponseNormalization(let description, let pass):
      return try description.descriptor(pass, engine)
    case .elementwise(let function, let count, let backward, let type):
      return try function.descriptor(count: count, backward: backward, type, engine)
    case .binary(let function, let first, let second, let type):
      return try function.descriptor(first, second, type, engine)
    case .matrixProduct(let description): return try description.descriptor(engine)
    }
  }
}

extension ConvolutionDescription {
  fileprivate func descriptor(
    _ pass: WeightedPass, _ engine: dnnl_engine_t?
  ) throws(OneDNNError) -> Descriptor {
    let source = try MemoryLayout.channelsLast(source, operands)
    let filters = try MemoryLayout.chosenByPrimitive(groupedFilters, operands)
    let destination = try MemoryLayout.channelsLast(destination, result)
    let bias = try MemoryLayout.rowMajor([self.filters[0]])
    let stride = stride.map(Int64.init)
    // oneDNN counts the gaps between taps.
    let dilation = dilation.map { Int64($0 - 1) }
    let (before, after) = (paddingBefore.map(Int64.init), paddingAfter.map(Int64.init))

    func forward(
      bias hasBias: Bool, _ finish: Finish, _ kind: dnnl_prop_kind_t
    ) throws(OneDNNError) -> Descriptor {
      let attributes = try Attributes(finish, addingTo: result)
      return try Descriptor("convolution of \(self.source) by \(self.filters)") {
        fovea_convolution_forward(
          &$0, engine, kind, source.handle, filters.handle, hasBias ? bias.handle : nil,
          destination.handle, stride, dilation, before, after, attributes.handle)
      }
    }
    switch pass {
    case .forward(let hasBias, let finish):
      return try forward(bias: hasBias, finish, dnnl_forward_inference)
    case .inputGradient:
      let hint = try forward(bias: false, Finish(), dnnl_forward_training)
      let attributes = try Attributes()
      return try Descriptor("input gradient of a convolution of \(self.source)") {
        fovea_convolution_backward_data(
          &$0, engine, source.handle, filters.handle, destination.handle, stride, dilation,
          before, after, hint.handle, attributes.handle)
      }
    case .weightGradient(let hasBias):
      let hint = try forward(bias: hasBias, Finish(), dnnl_forward_training)
      let attributes = try Attributes()
      return try Descriptor("filter gradient of a convolution of \(self.source)") {
        fovea_convolution_backward_weights(
          &$0, engine, source.handle, filters.handle, hasBias ? bias.handle : nil,
          destination.handle, stride, dilation, before, after, hint.handle, attributes.handle)
      }
    }
  }
}

extension InnerProductDescription {
  fileprivate func descriptor(
    _ pass: WeightedPass, _ engine: dnnl_engine_t?
  ) throws(OneDNNError) -> Descriptor {
    // The input gradient is a product by the transposed weights: about twice as fast as oneDNN's
    // pass back for few pictures.
    let (inputs, outputs) = pass == .inputGradient ? (outputs, inputs) : (inputs, outputs)
    let source = try MemoryLayout.rowMajor([batch, inputs], operands)
    let weights = try MemoryLayout.chosenByPrimitive([outputs, inputs], operands)
    let destination = try MemoryLayout.rowMajor([batch, outputs], result)
    let bias = try MemoryLayout.rowMajor([outputs])

    func forward(
      bias hasBias: Bool, _ finish: Finish, _ kind: dnnl_prop_kind_t
    ) throws(OneDNNError) -> Descriptor {
      let attributes = try Attributes(finish, addingTo: result)
      return try Descriptor("inner product of \([batch, inputs]) by \([outputs, inputs])") {
        fovea_inner_product_forward(
          &$0, engine, kind, source.handle, weights.handle, hasBias ? bias.handle : nil,
          destination.handle, attributes.handle)
      }
    }
    switch pass {
    case .forward(let hasBias, let finish):
      return try forward(bias: hasBias, finish, dnnl_forward_inference)
    case .inputGradient:
      return try forward(bias: false, Finish(), dnnl_forward_inference)
    case .weightGradient(let hasBias):
      let hint = try forward(bias: hasBias, Finish(), dnnl_forward_training)
      let attributes = try Attributes()
      return try Descriptor("weight gradient of an inner product") {
        fovea_inner_product_backward_weights(
          &$0, engine, source.handle, weights.handle, hasBias ? bias.handle : nil,
          destination.handle, hint.handle, attributes.handle)
      }
    }
  }
}

extension PoolingDescription {
  fileprivate func descriptor(
    _ pass: Pass, _ engine: dnnl_engine_t?
  ) throws(OneDNNError) -> Descriptor {
    let source = try MemoryLayout.channelsLast(source, elements)
    let destination = try MemoryLayout.channelsLast(destination, elements)
    let (window, stride) = (window.map(Int64.init), stride.map(Int64.init))
    let (before, after) = (paddingBefore.map(Int64.init), paddingAfter.map(Int64.init))
    // oneDNN counts the gaps between cells.
    let gaps = dilation.map { Int64($0 - 1) }
    let algorithm =
      switch kind {
      case .maximum: dnnl_pooling_max
      case .averageWithPadding: dnnl_pooling_avg_include_padding
      case .averageWithoutPadding: dnnl_pooling_avg_exclude_padding
      }
    let attributes = try Attributes()

    func forward(_ kind: dnnl_prop_kind_t) throws(OneDNNError) -> Descriptor {
      try Descriptor("pooling of \(self.source)") {
        fovea_pooling_forward(
          &$0, engine, kind, algorithm, source.handle, destination.handle, stride, window, gaps,
          before, after, attributes.handle)
      }
    }
    switch pass {
    case .inference: return try forward(dnnl_forward_inference)
    case .training: return try forward(dnnl_forward_training)
    case .backward:
      let hint = try forward(dnnl_forward_training)
      return try Descriptor("gradient of a pooling of \(self.source)") {
        fovea_pooling_backward(
          &$0, engine, algorithm, source.handle, destination.handle, stride, window, gaps,
          before, after, hint.handle, attributes.handle)
      }
    }
  }
}

private func normalization(
  _ shape: [Int], _ epsilon: Float, _ pass: NormalizationPass, _ type: ElementType,
  _ engine: dnnl_engine_t?
) throws(OneDNNError) -> Descriptor {
  let data = try MemoryLayout.channelsLast(shape, type)
  let attributes = try Attributes()
  let scaleAndShift = UInt32(dnnl_use_scale.rawValue | dnnl_use_shift.rawValue)

  func forward(_ kind: dnnl_prop_kind_t, _ flags: UInt32) throws(OneDNNError) -> Descriptor {
    try Descriptor("batch normalization of \(shape)") {
      fovea_batch_normalization_forward(
        &$0, engine, kind, data.handle, epsilon, flags, attributes.handle)
    }
  }
  switch pass {
  case .inference:
    return try forward(
      dnnl_forward_inference, scaleAndShift | UInt32(dnnl_use_global_stats.rawValue))
  case .training: return try forward(dnnl_forward_training, scaleAndShift)
  case .backward:
    let hint = try forward(dnnl_forward_training, scaleAndShift)
    return try Descriptor("gradient of a batch normalization of \(shape)") {
      fovea_batch_normalization_backward(
        &$0, engine, data.handle, epsilon, scaleAndShift, hint.handle, attributes.handle)
    }
  }
}

extension LocalResponseDescription {
  fileprivate func descriptor(
    _ pass: Pass, _ engine: dnnl_engine_t?
  ) throws(OneDNNError) -> Descriptor {
    let data = try MemoryLayout.channelsLast(shape, elements)
    let attributes = try Attributes()

    func forward(_ kind: dnnl_prop_kind_t) throws(OneDNNError) -> Descriptor {
      try Descriptor("local response normalization of \(shape)") {
        fovea_lrn_forward(
          &$0, engine, kind, data.handle, Int64(size), alpha, beta, k, attributes.handle)
      }
    }
    switch pass {
    case .inference: return try forward(dnnl_forward_inference)
    case .training: return try forward(dnnl_forward_training)
    case .backward:
      let hint = try forward(dnnl_forward_training)
      return try Descriptor("gradient of a local response normalization of \(shape)") {
        fovea_lrn_backward(
          &$0, engine, data.handle, Int64(size), alpha, beta, k, hint.handle, attributes.handle)
      }
    }
  }
}
