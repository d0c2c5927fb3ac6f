/// What turns a network's class scores into probabilities.
public enum ProbabilityFunction: String, Sendable, Hashable {
  /// `eˣ / Σ eˣ` over all classes: a picture belongs to exactly one of them.
  case softmax
  /// `1 / (1 + e⁻ˣ)` of each score by itself: a picture may belong to several classes, or to none.
  case sigmoid
  /// Nothing: the network has a single score, and does not say how it relates to a probability.
  case none

  /// What class scores are, as a noun for captions: scores are those before the function.
  public var scoreName: String {
    switch self {
    case .softmax: "class score before softmax"
    case .sigmoid: "class score before the sigmoid"
    case .none: "class score"
    }
  }
}

extension Network {
  /// By what the scores of `graph.scoreName` become probabilities. Scores of several classes
  /// without a function of their own are for a softmax, because that is what such networks are
  /// trained with.
  public var probabilityFunction: ProbabilityFunction {
    graph.scores.function ?? (classCount > 1 ? .softmax : .none)
  }
}

extension Graph {
  /// The node of the class scores, which is that before a final softmax or sigmoid.
  public var scoreName: String { scores.node }

  /// - Returns: The scores' node, and what the graph itself applies to them.
  var scores: (node: String, function: ProbabilityFunction?) {
    var name = outputName
    while let node = self[name], let input = node.inputs.first, self[input] != nil {
      if node.operation is any SoftmaxOperation { return (input, .softmax) }
      if node.operation as? Activation == .sigmoid { return (input, .sigmoid) }
      // A softmax over [N, K, 1, 1] is followed by a flattening; one output may lose its axis.
      let isFlat = (node.operation as? Reshape).map { $0.extents.count < 3 } ?? false
      guard isFlat || node.operation is Flatten || node.operation is Dropout else { break }
      name = input
    }
    return (outputName, nil)
  }
}
