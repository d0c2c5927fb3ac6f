internal import Files
internal import Networks
internal import TensorCore

extension Network {
  /// One line that says which weights are NaN or infinite; nil if there are none.
  ///
  /// Infinite constants are legitimate in masks, so for constants only NaN counts.
  var nonFiniteWeights: String? {
    let constants = Set(
      graph.nodes.filter { $0.operation is Constant }.flatMap(\.parameters))
    let found = parameters.names.compactMap { name -> String? in
      guard let tensor = parameters[name], !tensor.isFinite else { return nil }
      let missing = tensor.reduce(0) { $0 + ($1.isNaN ? 1 : 0) }
      let infinite = constants.contains(name) ? 0 : tensor.nonFiniteCount - missing
      let kinds = [missing > 0 ? "\(missing) NaN" : "", infinite > 0 ? "\(infinite) infinite" : ""]
        .filter { !$0.isEmpty }
      return kinds.isEmpty
        ? nil : "'\(name)' (\(kinds.joined(separator: " and ")) of \(tensor.count))"
    }
    return found.isEmpty ? nil : "not all weights are finite: " + firstOf(found, most: 5)
  }
}
