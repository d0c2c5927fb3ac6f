/// Integers in row-major order: sizes, axes and indices while a network is built.
struct IntegerArray {
  var extents: [Int]
  var elements: [Int]

  /// The distance between neighbours along each axis.
  static func strides(_ extents: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: extents.count)
    for axis in extents.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    return strides
  }

  /// The elements visited with other strides over the same numbers: transposed, repeated, sliced.
  func walked(_ extents: [Int], strides: [Int], from start: Int = 0) -> IntegerArray {
    var result: [Int] = []
    guard !extents.contains(0) else { return IntegerArray(extents: extents, elements: []) }
    result.reserveCapacity(extents.reduce(1, *))
    var position = [Int](repeating: 0, count: extents.count)
    var place = start
    while true {
      result.append(elements[place])
      var axis = extents.count - 1
      while axis >= 0 {
        position[axis] += 1
        place += strides[axis]
        if position[axis] < extents[axis] { break }
        place -= strides[axis] * extents[axis]
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return IntegerArray(extents: extents, elements: result) }
    }
  }

  /// The same numbers repeated along axes of extent 1, as NumPy broadcasts them.
  func broadcast(to target: [Int]) -> IntegerArray {
    if extents == target { return self }
    let missing = target.count - extents.count
    let own = Self.strides(extents)
    let strides = target.indices.map { axis in
      axis < missing || extents[axis - missing] == 1 ? 0 : own[axis - missing]
    }
    return walked(target, strides: strides)
  }

  func transposed(_ order: [Int]) -> IntegerArray {
    let own = Self.strides(extents)
    return walked(order.map { extents[$0] }, strides: order.map { own[$0] })
  }

  /// Entries along `axis`, selected by their indices.
  func gathered(axis: Int, indices: [Int], indexExtents: [Int]) -> IntegerArray {
    let inner = extents[(axis + 1)...].reduce(1, *)
    let outer = extents[..<axis].reduce(1, *)
    var result: [Int] = []
    result.reserveCapacity(outer * indices.count * inner)
    for row in 0..<outer {
      for index in indices {
        let start = (row * extents[axis] + index) * inner
        result.append(contentsOf: elements[start..<(start + inner)])
      }
    }
    return IntegerArray(
      extents: Array(extents[..<axis]) + indexExtents + Array(extents[(axis + 1)...]),
      elements: result)
  }

  init(extents: [Int], elements: [Int]) { (self.extents, self.elements) = (extents, elements) }

  /// The arrays concatenated along `axis`; the other extents must agree.
  init(concatenating parts: [IntegerArray], axis: Int) {
    var extents = parts[0].extents
    extents[axis] = parts.reduce(0) { $0 + $1.extents[axis] }
    var elements: [Int] = []
    for row in 0..<extents[..<axis].reduce(1, *) {
      for part in parts {
        let width = part.extents[axis...].reduce(1, *)
        elements.append(contentsOf: part.elements[(row * width)..<((row + 1) * width)])
      }
    }
    self.init(extents: extents, elements: elements)
  }
}

/// The shape that results from broadcasting (numpy.org/doc/stable/user/basics.broadcasting.html).
///
/// - Returns: Nil if the extents of an axis differ and neither is 1.
func broadcastExtents(_ shapes: [[Int]]) -> [Int]? {
  var result = [Int](repeating: 1, count: shapes.map(\.count).max() ?? 0)
  for shape in shapes {
    for (offset, extent) in shape.reversed().enumerated() {
      let axis = result.count - 1 - offset
      if result[axis] == 1 {
        result[axis] = extent
      } else if extent != 1, extent != result[axis] {
        return nil
      }
    }
  }
  return result
}
