internal import COneDNN

/// The CPU on which primitives run.
///
/// `@unchecked Sendable`: a oneDNN engine is immutable once created.
final class Engine: @unchecked Sendable {
  static let cpu = Result { try Engine() }

  let handle: dnnl_engine_t?

  private init() throws(OneDNNError) {
    var handle: dnnl_engine_t?
    try check(dnnl_engine_create(&handle, dnnl_cpu, 0), "dnnl_engine_create")
    self.handle = handle
  }
}
