internal import Analysis
internal import Datasets
internal import Files
internal import Networks
internal import TensorCore

extension Studio {
  /// Reports at which layer, and for which picture, a node's values stopped being finite.
  func reportNonFinite(_ node: String, for batch: Batch, of pictures: Pictures) throws {
    for (row, index) in batch.indices.enumerated() where !hasReportedNonFinite {
      reportNonFinite(
        node, for: batch.images.rows(row..<(row + 1)),
        named: try pictures.dataset.example(at: index).source)
    }
  }

  /// - Parameter name: The picture's.
  func reportNonFinite(_ node: String, for picture: Tensor, named name: String) {
    guard !hasReportedNonFinite else { return }
    let keep = Keep.only(network.graph.nodes.map(\.name))
    let memory = model.memory.less(model.heldBytes(keeping: keep)).bytes
    guard network.runBytes(pictures: 1, keeping: keep) <= memory
    else {
      hasReportedNonFinite = true
      reporter.warn(
        "\(name): values of '\(node)' are not finite; finding where that begins needs more memory "
          + "than the limit")
      return
    }
    guard let origin = network.nonFiniteOrigin(of: node, for: picture) else { return }
    hasReportedNonFinite = true
    reporter.warn("\(name): \(origin)")
  }
}
