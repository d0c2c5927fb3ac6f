internal import COneDNN

/// Weights in the order that a primitive prefers, with the reorders to it and back.
///
/// `@unchecked Sendable`: both reorders are immutable primitives.
public final class Arrangement: @unchecked Sendable {
  /// An order of elements, by which arrangements of the same weights are told apart. It does not
  /// need the primitive that prefers it.
  public struct Order: Hashable, Sendable {
    let layout: MemoryLayout
    /// Of which the elements are; those of a transposed matrix may have the same layout.
    let weights: PlainWeights
  }

  public let order: Order
  public let bytes: Int
  private let engine: dnnl_engine_t?
  private let plain: MemoryLayout
  private let forward: dnnl_primitive_t?
  private let backward: dnnl_primitive_t?

  /// - Parameter layout: Owned by the primitive that requires it.
  /// - Returns: Nil if that is the plain order.
  init?(
    _ layout: fovea_layout?, of weights: PlainWeights, engine: dnnl_engine_t?
  ) throws(OneDNNError) {
    let plain =
      weights.isTransposed
      ? try MemoryLayout(weights.extents, dnnl_ba) : try MemoryLayout.rowMajor(weights.extents)
    guard let layout, fovea_layouts_equal(layout, plain.handle) == 0 else { return nil }
    (self.plain, self.engine) = (plain, engine)
    order = Order(layout: try MemoryLayout(copying: layout), weights: weights)
    bytes = fovea_layout_bytes(layout)

    func reorder(
      _ from: fovea_layout?, _ to: fovea_layout?
    ) throws(OneDNNError) -> dnnl_primitive_t? {
      let attributes = try Attributes()
      let descriptor = try Descriptor("reorder of weights") {
        fovea_reorder(&$0, from, to, engine, attributes.handle)
      }
      return try descriptor.primitive()
    }
    forward = try reorder(plain.handle, layout)
    backward = try reorder(layout, plain.handle)
  }

  deinit {
    dnnl_primitive_destroy(forward)
    dnnl_primitive_destroy(backward)
  }

  /// From the checkpoint's order to the preferred one.
  public func arrange(
    _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer
  ) throws(OneDNNError) {
    try run(
      forward, UnsafeMutableRawPointer(mutating: source), plain.handle, target, order.layout.handle)
  }

  /// From the preferred order to the checkpoint's.
  public func restore(
    _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer
  ) throws(OneDNNError) {
    try run(
      backward, UnsafeMutableRawPointer(mutating: source), order.layout.handle, target,
      plain.handle)
  }

  private func run(
    _ primitive: dnnl_primitive_t?, _ source: UnsafeMutableRawPointer, _ from: fovea_layout?,
    _ target: UnsafeMutableRawPointer, _ to: fovea_layout?
  ) throws(OneDNNError) {
    var (input, output): (dnnl_memory_t?, dnnl_memory_t?)
    try check(fovea_memory_create(&input, from, engine, source), "dnnl_memory_create")
    defer { dnnl_memory_destroy(input) }
    try check(fovea_memory_create(&output, to, engine, target), "dnnl_memory_create")
    defer { dnnl_memory_destroy(output) }
    try execute(
      primitive,
      [
        dnnl_exec_arg_t(arg: DNNL_ARG_SRC_0, memory: input),
        dnnl_exec_arg_t(arg: DNNL_ARG_DST_0, memory: output),
      ], on: engine)
  }
}
