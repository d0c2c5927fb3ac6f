import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct `Work on a single thread` {
  private struct Failure: Error {}

  @Test func `has the same products, up to rounding, and its errors`() {
    let (a, b) = (Tensor.random([300, 12], seed: 1), Tensor.random([300, 84], seed: 2))
    let expected = matrixProduct(a, b, transposingFirst: true).elements
    let found = withSingleThread { matrixProduct(a, b, transposingFirst: true) }.elements
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-3 })
    #expect(throws: Failure.self) { try withSingleThread { throw Failure() } }
    #expect(withSingleThread { withSingleThread { 3 } } == 3)
  }
}
