internal import COneDNN

/// The CPU on which primitives run.
///
/// `@unchecked Sendable`: a oneDNN engine is immutable once created.
final class Engine: @unchecked Sendable {
  static let cpu = Result { try Engine() }

  let handle: dnnl_engine_t?

  private init() throws(OneDNNError) {
    // oneDNN's own cache, beside `PrimitiveCache`, would keep primitives twice. In 2.6, two threads
    // that create primitives while it evicts others corrupt memory.
    try check(dnnl_set_primitive_cache_capacity(0), "dnnl_set_primitive_cache_capacity")
    var handle: dnnl_engine_t?
    try check(dnnl_engine_create(&handle, dnnl_cpu, 0), "dnnl_engine_create")
    self.handle = handle
  }
}
