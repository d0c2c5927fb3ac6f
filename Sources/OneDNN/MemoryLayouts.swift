internal import COneDNN

/// An order of elements in memory, as oneDNN describes it.
///
/// `@unchecked Sendable`: a memory descriptor is immutable once created.
final class MemoryLayout: @unchecked Sendable {
  let handle: fovea_layout

  /// - Parameter tag: `dnnl_format_tag_any` leaves the choice to the primitive.
  init(
    _ extents: [Int], _ tag: dnnl_format_tag_t, _ type: ElementType = .float32
  ) throws(OneDNNError) {
    var handle: fovea_layout?
    try check(
      fovea_layout_create(
        &handle, Int32(extents.count), extents.map(Int64.init), type.dataType, tag),
      "a layout of \(extents)")
    guard let handle else {
      throw OneDNNError(call: "a layout of \(extents)", status: "nothing")
    }
    self.handle = handle
  }

  /// - Parameter layout: Owned by a primitive, which may be destroyed before this.
  init(copying layout: fovea_layout) throws(OneDNNError) {
    var handle: fovea_layout?
    try check(fovea_layout_clone(&handle, layout), "a copy of a layout")
    guard let handle else { throw OneDNNError(call: "a copy of a layout", status: "nothing") }
    self.handle = handle
  }

  deinit { fovea_layout_destroy(handle) }

  /// `N, C, …spatial` in memory order `N, …spatial, C`.
  static func channelsLast(
    _ extents: [Int], _ type: ElementType = .float32
  ) throws(OneDNNError) -> MemoryLayout {
    let tags = [dnnl_a, dnnl_ab, dnnl_acb, dnnl_acdb, dnnl_acdeb]
    return try MemoryLayout(extents, tags[extents.count - 1], type)
  }

  static func rowMajor(
    _ extents: [Int], _ type: ElementType = .float32
  ) throws(OneDNNError) -> MemoryLayout {
    let tags = [dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde, dnnl_abcdef]
    return try MemoryLayout(extents, tags[extents.count - 1], type)
  }

  static func chosenByPrimitive(
    _ extents: [Int], _ type: ElementType = .float32
  ) throws(OneDNNError) -> MemoryLayout {
    try MemoryLayout(extents, dnnl_format_tag_any, type)
  }
}

extension ElementType {
  var dataType: dnnl_data_type_t { self == .float32 ? dnnl_f32 : dnnl_bf16 }
}

extension MemoryLayout: Hashable {
  static func == (a: MemoryLayout, b: MemoryLayout) -> Bool {
    fovea_layouts_equal(a.handle, b.handle) != 0
  }

  func hash(into hasher: inout Hasher) { hasher.combine(fovea_layout_bytes(handle)) }
}
