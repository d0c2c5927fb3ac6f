internal import COneDNN
internal import Synchronization

/// An order of elements in memory, as oneDNN describes it.
///
/// `@unchecked Sendable`: a memory descriptor is immutable once created.
final class MemoryLayout: @unchecked Sendable {
  let handle: fovea_layout

  /// - Parameter tag: `dnnl_format_tag_any` leaves the choice to the primitive.
  init(_ extents: [Int], _ tag: dnnl_format_tag_t) throws(OneDNNError) {
    var handle: fovea_layout?
    try check(
      fovea_layout_create(&handle, Int32(extents.count), extents.map(Int64.init), dnnl_f32, tag),
      "a layout of \(extents)")
    guard let handle else {
      throw OneDNNError(call: "a layout of \(extents)", status: "nothing")
    }
    self.handle = handle
  }

  deinit { fovea_layout_destroy(handle) }

  /// `N, C, …spatial` in memory order `N, …spatial, C`.
  static func channelsLast(_ extents: [Int]) throws(OneDNNError) -> MemoryLayout {
    let tags = [dnnl_a, dnnl_ab, dnnl_acb, dnnl_acdb, dnnl_acdeb]
    return try MemoryLayout(extents, tags[extents.count - 1])
  }

  static func rowMajor(_ extents: [Int]) throws(OneDNNError) -> MemoryLayout {
    let tags = [dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde, dnnl_abcdef]
    return try MemoryLayout(extents, tags[extents.count - 1])
  }

  static func chosenByPrimitive(_ extents: [Int]) throws(OneDNNError) -> MemoryLayout {
    try MemoryLayout(extents, dnnl_format_tag_any)
  }
}

/// Numbers for layouts, so that arrangements of the same weights can be told apart.
///
/// `@unchecked Sendable`: the descriptors in it are never freed or modified.
private struct KnownLayouts: @unchecked Sendable {
  var handles: [fovea_layout] = []
}

private let knownLayouts = Mutex(KnownLayouts())

/// A number that equal layouts share. The first layout of each kind must stay alive, as a
/// primitive's does.
func number(of layout: UInt) -> Int {
  guard let layout = fovea_layout(bitPattern: layout) else { return -1 }
  let address = UInt(bitPattern: layout)
  return knownLayouts.withLock { known in
    guard let layout = fovea_layout(bitPattern: address) else { return -1 }
    if let found = known.handles.firstIndex(where: { fovea_layouts_equal($0, layout) != 0 }) {
      return found
    }
    known.handles.append(layout)
    return known.handles.count - 1
  }
}
