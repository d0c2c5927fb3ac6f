internal import Analysis
internal import Datasets
internal import Files
internal import Networks
internal import TensorCore

/// Checkpoints of one architecture, checked before anything is computed.
struct ComparedModels {
  /// As they are called in headings; the first is the reference.
  let names: [String]
  let models: [Model]
  /// The layers that are the same in all but for their weights.
  let layers: [String]
  /// What a user should know, one line each.
  private(set) var remarks: [String] = []

  var reference: Model { models[0] }

  /// - Parameter together: How many networks' weights are in memory together; nil for those of all.
  /// - Throws: `UsageError` if the networks differ before their classifiers.
  init(_ models: [Model], names: [String], together: Int? = nil) throws {
    self.names = names
    let first = models[0]
    if let other = models.first(where: { $0.preprocessing.kind != .picture }) {
      throw UsageError(
        "expected networks of pictures, found '\(other.name)', which takes "
          + "\(other.preprocessing.kind.plural) of \(other.preprocessing.input)")
    }
    var shared = first.network.graph.nodes.map(\.name)
    for (model, name) in zip(models, names).dropFirst() {
      let (own, other) = (first.network.graph.inputShape, model.network.graph.inputShape)
      guard own == other else {
        throw UsageError(
          "'\(names[0])' takes pictures of \(Self.size(own)) and '\(name)' of \(Self.size(other)): only networks with "
            + "the same input size can be compared")
      }
      let common = CommonLayers(first.network, called: names[0], model.network, called: name)
      if let difference = common.difference {
        guard common.differsInClassifierOnly else {
          throw UsageError("\(difference): only networks of one architecture can be compared")
        }
        let both = Self.haveCommonScores([first, model], common.names)
        remarks.append(
          "only \(both ? "what follows the class scores differs" : "the classifiers differ") "
            + "(\(difference)): the \(common.names.count) layers before are compared"
            + (both ? "" : ", and class scores are not"))
      }
      shared = Array(shared.prefix(common.names.count))
      if let remark = Self.preprocessingRemark(first, names[0], model, name) {
        remarks.append(remark)
      }
    }
    layers = shared
    // Each is run while weights of others are in memory.
    let weights = models.map { $0.network.parameterBytes }
    self.models = models.enumerated().map { index, model in
      var others = weights
      others.remove(at: index)
      others.sort(by: >)
      var copy = model
      copy.memory = model.memory.less(
        others.prefix((together ?? models.count) - 1).reduce(0, +))
      return copy
    }
  }

  private static func size(_ shape: Shape) -> String {
    shape.extents.map(String.init).joined(separator: "×")
  }

  /// How two networks get their pictures, if that differs.
  private static func preprocessingRemark(
    _ first: Model, _ firstName: String, _ second: Model, _ secondName: String
  ) -> String? {
    guard first.preprocessing != second.preprocessing else { return nil }
    let (own, others) = (first.preprocessing.steps, second.preprocessing.steps)
    func only(_ steps: [String], _ other: [String]) -> String {
      let own = steps.filter { !other.contains($0) }
      return own.isEmpty ? "no further steps" : own.joined(separator: ", ")
    }
    return "pictures are preprocessed as each checkpoint says, which differs: in '\(firstName)' "
      + "\(only(own, others)); in '\(secondName)' \(only(others, own))"
  }

  /// Whether all have class scores with the same layer, so that a class is the same unit in each.
  var haveCommonScores: Bool { Self.haveCommonScores(models, layers) }

  private static func haveCommonScores(_ models: [Model], _ layers: [String]) -> Bool {
    let scores = models[0].network.graph.scoreName
    return layers.contains(scores)
      && models.allSatisfy { $0.network.hasClassScores && $0.network.graph.scoreName == scores }
  }

  /// Notes the first class names that differ.
  ///
  /// - Returns: Whether a class is the same unit in all.
  mutating func checkClassNames(_ models: [Model]) -> Bool {
    guard haveCommonScores else { return false }
    let known = zip(models, names).filter { !$0.0.classNames.names.isEmpty }
    guard let (first, firstName) = known.first else { return true }
    // One difference is enough to say that classes are not compared.
    for (model, name) in known.dropFirst() where model.classNames != first.classNames {
      let index =
        zip(first.classNames.names, model.classNames.names).enumerated()
        .first { $0.element.0 != $0.element.1 }?.offset
      remarks.append(
        "the classes differ"
          + (index.map {
            " (class \($0) is '\(first.classNames[$0])' in '\(firstName)' and "
              + "'\(model.classNames[$0])' in '\(name)')"
          } ?? "") + ": first choices and saliency are not compared")
      return false
    }
    return true
  }
}

extension OptionRecord {
  /// All that decides what is drawn of several checkpoints, but for the weights.
  func key(of command: String, names: [String], _ models: [Model]) throws -> String {
    let facts =
      ["\(command) \(try self.facts())"]
      + zip(names, models).map { "\($0) \($1.fingerprint)" }
    return try models.map { try $0.circumstances(of: facts, pictures) }.joined(separator: "\n")
  }
}
