internal import TensorCore

/// A run of elements that tensors share; its bytes are elsewhere in the file.
struct StoredStorage {
  let key: String
  let type: StorageType
  /// In elements; in bytes if the storage is untyped.
  let count: Int
  /// The visible elements; all of them except in old files.
  var window: Range<Int>

  init(key: String, type: StorageType, count: Int) {
    (self.key, self.type, self.count, window) = (key, type, count, 0..<count)
  }
}

/// A tensor as PyTorch represents it: some elements of a storage in some order.
///
/// Element `[i, j, …]` is the storage's at `offset + i · strides[0] + j · strides[1] + …`.
struct TensorView {
  /// PyTorch's own limit.
  private static let mostAxes = 64

  let storage: StoredStorage
  /// Nil if the elements are not real numbers.
  let elementType: ElementType?
  /// PyTorch's name for it.
  let typeName: String
  let sizes: [Int]
  let strides: [Int]
  /// The range of the storage from the first to the last element used; empty for a tensor without
  /// elements.
  let span: Range<Int>
  let elementCount: Int

  /// - Returns: Nil for invalid sizes and strides.
  init?(
    storage: StoredStorage, elementType: ElementType?, typeName: String, offset: Int,
    sizes: [Int], strides: [Int]
  ) {
    guard sizes.count == strides.count, sizes.count <= Self.mostAxes, offset >= 0,
      sizes.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
    else { return nil }
    let isEmpty = sizes.contains(0)
    var (elements, last) = (1, 0)
    // The product of the other axes must not overflow, even if the tensor is empty.
    for (size, stride) in zip(sizes, strides) where size != 0 {
      let (product, tooMany) = elements.multipliedReportingOverflow(by: size)
      let (reach, tooLong) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, tooFar) = last.addingReportingOverflow(reach)
      guard !tooMany, !tooLong, !tooFar else { return nil }
      (elements, last) = (product, sum)
    }
    let (start, startsTooFar) = offset.addingReportingOverflow(storage.window.lowerBound)
    let (end, endsTooFar) = start.addingReportingOverflow(isEmpty ? 0 : last)
    guard !startsTooFar, !endsTooFar, end < Int.max else { return nil }
    self.storage = storage
    self.elementType = elementType
    self.typeName = typeName
    self.sizes = sizes
    self.strides = strides
    elementCount = isEmpty ? 0 : elements
    span = start..<(isEmpty ? start : end + 1)
  }

  /// Whether the elements are consecutive in the storage.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(sizes, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }

  /// Puts the elements of the span into row-major order.
  func gather(
    _ source: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>
  ) {
    guard elementCount > 0 else { return }
    guard let inner = sizes.last, let stride = strides.last else {
      target.initializeElement(at: 0, to: source[0])
      return
    }
    var index = [Int](repeating: 0, count: sizes.count - 1)
    var (start, written) = (0, 0)
    while true {
      for column in 0..<inner {
        target.initializeElement(at: written + column, to: source[start + column * stride])
      }
      written += inner
      // The next row: the last of the outer axes varies fastest.
      var axis = index.count - 1
      while axis >= 0 {
        index[axis] += 1
        start += strides[axis]
        if index[axis] < sizes[axis] { break }
        start -= index[axis] * strides[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
