internal import COneDNN

/// The CPU on which primitives run.
///
/// `@unchecked Sendable`: a oneDNN engine is immutable once created.
final class Engine: @unchecked Sendable {
  static let cpu = Result { try Engine() }

  let handle: dnnl_engine_t?

  private init() throws(OneDNNError) {
    // oneDNN's own cache would keep primitives a second time, beside `PrimitiveCache`. In 2.6, it also
    // fails when threads create primitives while it evicts others.
    try check(dnnl_set_primitive_cache_capacity(0), "dnnl_set_primitive_cache_capacity")
    var handle: dnnl_engine_t?
    try check(dnnl_engine_create(&handle, dnnl_cpu, 0), "dnnl_engine_create")
    self.handle = handle
  }
}
