import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct `Weights that tasks share` {
  private struct Work: Sendable {
    let images: Tensor
    let filters: Tensor
    let expected: Tensor
    /// Copies in which the first filter's first weight is `1 + index`.
    let changed: [Tensor]

    init() {
      images = .random([2, 16, 14, 14], seed: 1)
      filters = .random([32, 16, 3, 3], seed: 2)
      expected = convolve(images, with: filters)
      let (images, filters) = (images, filters)
      changed = (0..<6).map { convolve(images, with: Self.changed(filters, $0)) }
    }

    static func changed(_ filters: Tensor, _ index: Int) -> Tensor {
      var copy = filters
      copy.withUnsafeMutableElements { $0[0] = Float(1 + index) }
      return copy
    }
  }

  /// Arrangements are made once for weights that stay, and again for copies that change, while the
  /// pool passes the same memory from task to task.
  @Test func `give each its own result`() async {
    let work = Work()
    // Fresh copies, for which no arrangement has been made yet.
    let filters = work.filters.map { $0 }
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<6 {
        group.addTask {
          for _ in 0..<20 {
            expectClose(
              convolve(work.images, with: filters), work.expected, relativeNorm: 1e-5, "shared")
            var copy = filters
            copy.withUnsafeMutableElements { $0[0] = Float(1 + task) }
            expectClose(
              convolve(work.images, with: copy), work.changed[task], relativeNorm: 1e-5, "own")
            // Changed again, after an arrangement of it has been made.
            copy.withUnsafeMutableElements { $0[0] = Float(1 + (task + 1) % 6) }
            expectClose(
              convolve(work.images, with: copy), work.changed[(task + 1) % 6],
              relativeNorm: 1e-5, "changed")
          }
        }
      }
    }
    #expect(filters.elements == work.filters.elements)
  }

  @Test func `count in either order of memory`() {
    let images = Tensor.random([2, 16, 9, 9], seed: 1)
    let filters = Tensor.random([32, 16, 3, 3], seed: 2)
    let turned = filters.arranged(as: .channelsLast)
    let output = convolve(images, with: filters)
    #expect(convolve(images, with: turned).elements == output.elements)
    #expect(
      convolutionInputGradient(of: output, with: turned, imageShape: images.shape).elements
        == convolutionInputGradient(of: output, with: filters, imageShape: images.shape).elements)
  }
}
