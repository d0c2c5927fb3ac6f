public import Networks

/// Which parameters learn in a step, and how fast.
public struct LayerRates: Sendable, Hashable {
  /// Factors of the learning rate; a parameter without one does not change.
  public let factors: [String: Double]
  /// The batch norms that use their running statistics and keep them.
  public let frozenNodes: Set<String>
  /// The statistics of the others.
  let measured: Set<String>
  /// Where the part that makes the same of a picture in every step ends, as
  /// `Network.frozenBoundary` finds it.
  let frozenBoundary: [String]?

  /// - Parameter factors: By parameter; those of 0 are frozen.
  public init(_ factors: [String: Double], in network: Network) {
    let learning = factors.filter { $0.value > 0 }
    self.factors = learning
    let norms = network.graph.nodes.filter { $0.operation is BatchNormalization }
    let frozen = norms.filter { norm in !norm.parameters.prefix(2).contains { learning[$0] != nil }
    }
    frozenNodes = Set(frozen.map(\.name))
    measured = network.measuredStatistics.subtracting(frozen.flatMap(\.parameters))
    frozenBoundary = network.frozenBoundary(
      changing: measured.union(learning.keys), frozen: frozenNodes)
  }

  /// All weights learn at the full rate.
  public init(all network: Network) {
    self.init(
      Dictionary(uniqueKeysWithValues: network.learnedParameters.map { ($0, 1) }), in: network)
  }

  /// The parameters that a step changes.
  package var changing: Set<String> { measured.union(factors.keys) }
}

/// The rates of a run's epochs.
package struct LayerPlan: Sendable {
  /// Those of the last epochs, when nothing waits to be unfrozen.
  private var factors: [String: Double]
  /// The parameters with rates of their own.
  private let rated: Set<String>
  /// The layers with weights from the first to the last, each with the normalizations after it;
  /// empty if all learn from the beginning.
  private let waiting: [[String]]
  private let fresh: Set<String>
  private let settings: LayerSettings
  private let network: Network

  /// - Parameter fresh: The parameters that do not have given weights.
  /// - Throws: `RecipeError` if a pattern fits nothing, or nothing is left to learn.
  package init(
    _ settings: LayerSettings, of network: Network, fresh: Set<String>
  ) throws(RecipeError) {
    let learned = network.learnedParameters
    let names = network.graph.names(of: learned)
    func fits(_ parameter: String, _ pattern: String) -> Bool {
      (names[parameter] ?? []).contains { matches($0, pattern) }
    }
    for (key, patterns) in [("freeze", settings.freeze), ("rates", settings.rates.keys.sorted())] {
      for pattern in patterns where !learned.contains(where: { fits($0, pattern) }) {
        let known = Set(names.values.joined()).sorted()
        let near = nearestNames(to: pattern, among: known)
        throw RecipeError(
          "layers.\(key)",
          "no weights are called '\(pattern)'"
            + (near.isEmpty
              ? "; there are \(known.prefix(3).joined(separator: ", ")) and others"
              : "; did you mean \(near.joined(separator: " or "))?"))
      }
    }
    var factors: [String: Double] = [:]
    var rated: Set<String> = []
    for parameter in learned where !settings.freeze.contains(where: { fits(parameter, $0) }) {
      let own = settings.rates.filter { fits(parameter, $0.key) }
        .max { ($0.key.count, $1.key) < ($1.key.count, $0.key) }?.value
      let factor = own ?? (fresh.contains(parameter) ? 1 : settings.copiedRate)
      if factor > 0 { factors[parameter] = factor }
      if own != nil { rated.insert(parameter) }
    }
    guard !factors.isEmpty else {
      throw RecipeError(
        "layers.freeze", "nothing is left that learns",
        relatedKeys: ["layers.copiedRate", "layers.rates"])
    }
    (self.factors, self.rated) = (factors, rated)
    (self.settings, self.network, self.fresh) = (settings, network, fresh)
    waiting =
      settings.unfreezeEpochs > 0 && !fresh.isSuperset(of: factors.keys)
      ? network.graph.weightLayers(learned).map { $0.filter { factors[$0] != nil } }
        .filter { !$0.isEmpty }
      : []
  }

  /// Multiplies the rates of some parameters; those with rates of their own keep them.
  mutating func scale(_ parameters: Set<String>, by factor: Double) {
    for name in parameters.subtracting(rated) { factors[name]? *= factor }
  }

  /// Whether one of some parameters learns, and has no rate of its own.
  func canScale(_ parameters: Set<String>) -> Bool {
    parameters.subtracting(rated).contains { factors[$0] != nil }
  }

  /// - Parameter epoch: Counted from 1.
  package func rates(inEpoch epoch: Int) -> LayerRates {
    guard !waiting.isEmpty else { return LayerRates(factors, in: network) }
    let awake = Set(waiting.suffix(unfrozen(inEpoch: epoch)).joined()).union(fresh)
    return LayerRates(factors.filter { awake.contains($0.key) }, in: network)
  }

  private func unfrozen(inEpoch epoch: Int) -> Int {
    let groups = 1 + (epoch - 1) / settings.unfreezeEpochs
    return groups > waiting.count
      ? waiting.count : min(groups * settings.unfreezeLayers, waiting.count)
  }

  /// The parameters that descent changes in any epoch.
  var learning: Set<String> { Set(factors.keys) }

  /// Everything that changes in any epoch.
  package var changing: Set<String> { LayerRates(factors, in: network).changing }

  /// What a user should know about the run, one line each.
  package func remarks(epochs: Int) -> [String] {
    let learned = network.learnedParameters.count
    var remarks: [String] = []
    if factors.count < learned {
      remarks.append("\(learned - factors.count) of \(learned) weight tensors are frozen")
    }
    guard !waiting.isEmpty else { return remarks }
    let steps = (waiting.count + settings.unfreezeLayers - 1) / settings.unfreezeLayers
    let last = (steps - 1) * settings.unfreezeEpochs + 1
    let left = waiting.count - unfrozen(inEpoch: epochs)
    remarks.append(
      left == 0
        ? "all \(waiting.count) layers with weights learn from epoch \(last) on"
        : "the first \(left) of \(waiting.count) layers with weights stay frozen: they would be "
          + "unfrozen by epoch \(last), and the run ends with epoch \(epochs)")
    return remarks
  }
}

extension Graph {
  /// By what a parameter can be called: its own name, those of the nodes that read it, and their
  /// aliases.
  fileprivate func names(of parameters: Set<String>) -> [String: Set<String>] {
    var others: [String: [String]] = [:]
    for (alias, name) in aliases { others[name, default: []].append(alias) }
    var names: [String: Set<String>] = [:]
    for node in nodes {
      for parameter in node.parameters where parameters.contains(parameter) {
        names[parameter, default: [parameter]].formUnion([node.name] + (others[node.name] ?? []))
      }
    }
    return names
  }

  /// The layers with weights in the order they run, each with what follows it up to the next one.
  fileprivate func weightLayers(_ learned: Set<String>) -> [[String]] {
    var layers: [[String]] = []
    var seen: Set<String> = []
    for node in nodes {
      let own = node.parameters.filter { learned.contains($0) && seen.insert($0).inserted }
      guard !own.isEmpty else { continue }
      let isLayer =
        node.operation is Convolution || node.operation is ConvolutionTranspose
        || node.operation is Linear
        || consumers(of: node.name).contains { $0.operation is MatrixProduct }
      if isLayer || layers.isEmpty {
        layers.append(own)
      } else {
        layers[layers.count - 1] += own
      }
    }
    return layers
  }
}
