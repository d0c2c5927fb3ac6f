/// Every method, with its usual parameters, in the order of help texts.
public let attributionMethods: [any AttributionMethod] = [
  GradientMethod(),
  GuidedBackpropagationMethod(),
  DeconvnetMethod(),
  GradientTimesInput(),
  SmoothGrad(),
  VarGrad(),
  IntegratedGradients(),
  GradCAM(),
  GradCAMPlusPlus(),
  LayerCAM(),
  GuidedGradCAM(),
  RelevanceEpsilonPlusFlat(),
  RelevanceEpsilonGammaBox(),
  RelevanceEpsilonAlphaBetaFlat(),
]

/// - Parameter given: Parameters by name, as they are typed.
/// - Throws: `SelectionError` with the nearest names for one that is not there, and as
///   `AttributionMethod.with(_:)` does.
public func attributionMethod(
  _ name: String, _ given: [String: String] = [:]
) throws(SelectionError) -> any AttributionMethod {
  guard let method = attributionMethods.first(where: { $0.name == name }) else {
    let names = attributionMethods.map(\.name)
    // `lrp` begins three names, and is near to none of them.
    let begun = names.filter { $0.hasPrefix(name) && !name.isEmpty }.map { "'\($0)'" }
    throw SelectionError(
      "no method '\(name)'"
        + (begun.isEmpty
          ? suggestion(for: name, among: names)
          : "; did you mean \(begun.joined(separator: ", "))?"))
  }
  return try method.with(given)
}

/// The same with a seed for methods that have one and are given none.
public func attributionMethod(
  _ name: String, _ given: [String: String], seed: UInt64
) throws(SelectionError) -> any AttributionMethod {
  let method = try attributionMethod(name, given)
  let takesSeed = method.settings.contains { $0.name == "seed" } && given["seed"] == nil
  return takesSeed ? try method.with(["seed": "\(seed)"]) : method
}
