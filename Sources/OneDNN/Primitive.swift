internal import COneDNN

/// The role of a buffer for a primitive.
public enum Argument: Sendable, Hashable {
  case source, weights, bias, destination, workspace, mean, variance, scale, shift
  case secondSource
  case sourceGradient, weightsGradient, biasGradient, destinationGradient
  case scaleGradient, shiftGradient

  var index: Int32 {
    switch self {
    case .source: DNNL_ARG_SRC_0
    case .secondSource: DNNL_ARG_SRC_1
    case .weights: DNNL_ARG_WEIGHTS_0
    case .bias: DNNL_ARG_BIAS
    case .destination: DNNL_ARG_DST_0
    case .workspace: DNNL_ARG_WORKSPACE
    case .mean: DNNL_ARG_MEAN
    case .variance: DNNL_ARG_VARIANCE
    case .scale: DNNL_ARG_SCALE
    case .shift: DNNL_ARG_SHIFT
    case .sourceGradient: DNNL_ARG_DIFF_SRC_0
    case .weightsGradient: DNNL_ARG_DIFF_WEIGHTS_0
    case .biasGradient: DNNL_ARG_DIFF_BIAS
    case .destinationGradient: DNNL_ARG_DIFF_DST_0
    case .scaleGradient: DNNL_ARG_DIFF_SCALE
    case .shiftGradient: DNNL_ARG_DIFF_SHIFT
    }
  }
}

/// A compiled operation. It owns no data: every call passes its buffers and its scratchpad.
///
/// `@unchecked Sendable`: primitive and descriptor are immutable, and because the caller owns the
/// scratchpad, one primitive may run on several threads at once.
public final class Primitive: @unchecked Sendable {
  private let engine: dnnl_engine_t?
  private let descriptor: dnnl_primitive_desc_t?
  private let primitive: dnnl_primitive_t?
  /// The size of the scratchpad that a call must provide.
  public let scratchpadBytes: Int
  /// The required order of the weights, or of their gradient; nil if it is the checkpoint's own
  /// order.
  public let weightsArrangement: Arrangement?

  /// The shared primitive for `description`, created if no recent call has.
  public static func of(_ description: PrimitiveDescription) throws(OneDNNError) -> Primitive {
    try PrimitiveCache.shared.primitive(for: description)
  }

  init(_ description: PrimitiveDescription) throws(OneDNNError) {
    engine = try Engine.cpu.mapError { OneDNNError(call: "engine", status: "\($0)") }.get().handle
    let descriptor = try description.descriptor(engine)
    primitive = try descriptor.primitive()
    self.descriptor = descriptor.release()
    scratchpadBytes = fovea_layout_bytes(
      fovea_query_layout(self.descriptor, DNNL_ARG_SCRATCHPAD))
    if let (weights, argument) = description.plainWeights {
      weightsArrangement = try Arrangement(
        fovea_query_layout(self.descriptor, argument.index), of: weights, engine: engine)
    } else {
      weightsArrangement = nil
    }
  }

  deinit {
    dnnl_primitive_destroy(primitive)
    dnnl_primitive_desc_destroy(descriptor)
  }

  /// The number of bytes that the primitive reads or writes there; 0 if it has no such argument.
  public func bytes(of argument: Argument) -> Int {
    fovea_layout_bytes(fovea_query_layout(descriptor, argument.index))
  }

  /// Runs on the caller's buffers, which must stay valid only during the call.
  public func callAsFunction(
    _ arguments: [(Argument, UnsafeMutableRawPointer)], scratchpad: UnsafeMutableRawPointer?
  ) throws(OneDNNError) {
    var memories: [dnnl_exec_arg_t] = []
    memories.reserveCapacity(arguments.count + 1)
    defer { for memory in memories { dnnl_memory_destroy(memory.memory) } }

    func borrow(_ index: Int32, _ bytes: UnsafeMutableRawPointer) throws(OneDNNError) {
      var memory: dnnl_memory_t?
      try check(
        fovea_memory_create(&memory, fovea_query_layout(descriptor, index), engine, bytes),
        "dnnl_memory_create for argument \(index)")
      memories.append(dnnl_exec_arg_t(arg: index, memory: memory))
    }
    for (argument, bytes) in arguments { try borrow(argument.index, bytes) }
    if let scratchpad, scratchpadBytes > 0 { try borrow(DNNL_ARG_SCRATCHPAD, scratchpad) }
    try execute(primitive, memories, on: engine)
  }
}

extension PrimitiveDescription {
  /// The size of the scratchpad that a call must provide, found without creating the primitive.
  public func scratchpadBytes() throws(OneDNNError) -> Int {
    let engine = try Engine.cpu.mapError { OneDNNError(call: "engine", status: "\($0)") }.get()
    let descriptor = try descriptor(engine.handle)
    return fovea_layout_bytes(fovea_query_layout(descriptor.handle, DNNL_ARG_SCRATCHPAD))
  }
}

func execute(
  _ primitive: dnnl_primitive_t?, _ arguments: [dnnl_exec_arg_t], on engine: dnnl_engine_t?
) throws(OneDNNError) {
  var stream: dnnl_stream_t?
  try check(
    dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue)),
    "dnnl_stream_create")
  defer { dnnl_stream_destroy(stream) }
  try check(
    dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments),
    "dnnl_primitive_execute")
  try check(dnnl_stream_wait(stream), "dnnl_stream_wait")
}
