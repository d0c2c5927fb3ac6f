internal import Kernels
internal import TensorCore

/// Integers in row-major order: sizes, axes and indices while a network is built.
struct IntegerArray {
  var extents: [Int]
  var elements: [Int]

  /// For walks over the elements.
  var view: View { View(Shape(extents), .rowMajor) }

  /// The elements that another view of these visits: transposed, repeated, sliced.
  func walked(_ view: View) -> IntegerArray {
    var result: [Int] = []
    let extents = view.extents
    guard !extents.contains(0) else { return IntegerArray(extents: extents, elements: []) }
    result.reserveCapacity(extents.reduce(1, *))
    var position = [Int](repeating: 0, count: extents.count)
    var place = view.offset
    while true {
      result.append(elements[place])
      var axis = extents.count - 1
      while axis >= 0 {
        position[axis] += 1
        place += view.strides[axis]
        if position[axis] < extents[axis] { break }
        place -= view.strides[axis] * extents[axis]
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return IntegerArray(extents: extents, elements: result) }
    }
  }

  /// The same numbers repeated along axes of extent 1, as NumPy broadcasts them.
  func broadcast(to target: [Int]) -> IntegerArray {
    extents == target ? self : walked(view.expanded(to: target))
  }

  func transposed(_ order: [Int]) -> IntegerArray { walked(view.permuted(order)) }

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
