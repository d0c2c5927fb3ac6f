package import Analysis
internal import TensorCore

extension FigureArrays {
  /// The picture, with noise if there is any; each result, and the kernel that it is of.
  ///
  /// `result_1` and `kernel_1` (or `kernel_1_x` and `kernel_1_y`) are of the first filter, whose
  /// text is the first of `filters`.
  package init(_ finding: PictureFiltering) {
    var tensors = ["picture": finding.picture]
    tensors["noisy"] = finding.noisy
    for (index, result) in finding.results.enumerated() {
      tensors["result_\(index + 1)"] = result.values
      switch result.filter.operation {
      case .kernel(let kernel): tensors["kernel_\(index + 1)"] = kernel.weights
      case .magnitude(let x, let y):
        tensors["kernel_\(index + 1)_x"] = x.weights
        tensors["kernel_\(index + 1)_y"] = y.weights
      case .median, .morphology, .canny: break
      }
    }
    self.init(
      tensors, names: ["filters": Names(finding.results.map(\.filter.name))])
  }
}
