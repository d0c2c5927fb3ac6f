import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct `Matrix products` {
  @Test(arguments: 0..<24)
  func `agree with their sums over any batch`(seed: Int) throws {
    var shapes = RandomShapes(seed: seed)
    let batch = shapes.shape(rank: shapes.pick(0...3), longest: 3)
    let (rows, inner, columns) = (shapes.pick(1...7), shapes.pick(1...9), shapes.pick(1...8))
    let a = Tensor.random(
      Shape(shapes.companion(of: batch).extents + [rows, inner]), seed: seed
    ).arranged(bySeed: seed)
    let b = Tensor.random(
      Shape(shapes.companion(of: batch).extents + [inner, columns]), seed: seed + 1
    ).arranged(bySeed: seed / 2)
    let product = matrixProduct(a, b)
    let common = try #require(
      broadcastShape([a.shape, b.shape].map { Shape(Array($0.extents.dropLast(2))) }))
    #expect(product.shape == Shape(common.extents + [rows, columns]))
    expectClose(
      product.elements, Slow.matrixProduct(a, b, batch: common), relative: 1e-4, absolute: 1e-5,
      "\(a.shape) by \(b.shape)")
  }

  @Test(arguments: [Shape([]), [3], [2, 3]], [Shape([]), [3], [2, 1]])
  func `read operands that lie as their transposes`(first: Shape, second: Shape) {
    let a = Tensor.random(Shape(first.extents + [4, 5]), seed: 1)
    let b = Tensor.random(Shape(second.extents + [5, 6]), seed: 2)
    func transposed(_ tensor: Tensor) -> Tensor {
      let extents = Array(tensor.shape.extents.dropLast(2))
      let (rows, columns) = (
        tensor.shape[tensor.shape.rank - 2], tensor.shape[tensor.shape.rank - 1]
      )
      let x = tensor.elements
      return Tensor(
        shape: Shape(extents + [columns, rows]),
        x.indices.map { index in
          let (matrix, place) = (index / (rows * columns), index % (rows * columns))
          return x[matrix * rows * columns + place % rows * columns + place / rows]
        })
    }
    let expected = matrixProduct(a, b)
    expectClose(
      matrixProduct(transposed(a), b, transposingFirst: true), expected, relativeNorm: 1e-6)
    expectClose(
      matrixProduct(a, transposed(b), transposingSecond: true), expected, relativeNorm: 1e-6)
    expectClose(
      matrixProduct(transposed(a), transposed(b), transposingFirst: true, transposingSecond: true),
      expected, relativeNorm: 1e-6)
  }

  @Test func `without terms are zero`() {
    let product = matrixProduct(Tensor(shape: [2, 0], []), Tensor(shape: [0, 3], []))
    #expect(product.shape == [2, 3])
    #expect(product.elements.allSatisfy { $0 == 0 })
  }
}
