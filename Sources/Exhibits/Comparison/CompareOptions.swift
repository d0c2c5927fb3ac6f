internal import Analysis
package import ArgumentParser
internal import Galleries

/// What of several checkpoints is compared, and on which pictures.
package struct CompareOptions: ParsableArguments {
  @OptionGroup package var images: PictureOptions
  @OptionGroup package var layers: LayerOptions
  @OptionGroup package var attribution: AttributionOptions

  @Option(
    help: "Number of pictures with saliency maps; feature maps are drawn of the first two.")
  package var pictures = 8

  @Option(
    help: """
      Draw only these parts, separated by commas: \
      \(ComparedPart.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  package var only: String?

  package init() {}

  package func validate() throws {
    try checkCount(pictures, of: "--pictures")
    _ = try attribution.method(seed: images.seed)
    do {
      _ = try parts()
    } catch let error as UsageError {
      throw ValidationError(error.description)
    }
  }

  /// Those that are asked for.
  func parts() throws -> Set<ComparedPart> {
    guard let only else { return Set(ComparedPart.allCases) }
    let known = ComparedPart.allCases.map(\.rawValue)
    return Set(
      try namePatterns(only, of: "--only").map { name in
        guard let part = ComparedPart(rawValue: name) else {
          throw UsageError("--only: no part '\(name)'\(suggestion(for: name, among: known))")
        }
        return part
      })
  }
}

/// One of the parts of a comparison, in the order of its page.
enum ComparedPart: String, CaseIterable {
  case weights, similarity, predictions, filters, features, patches, embedding, saliency

  var kind: FigureKind {
    switch self {
    case .weights:
      make("Weights", "How far the weights of each layer moved, and how alike it stayed.")
    case .similarity:
      make("Similarity", "How alike the representations of all pairs of layers are (linear CKA).")
    case .predictions:
      make("Predictions", "The pictures whose first choice changed.", units: "Classes")
    case .filters: make("Filters", "The weights of convolutions, side by side.")
    case .features: make("Feature maps", "Where units respond in one picture, side by side.")
    case .patches:
      make("Top patches", "What excites each unit most, side by side, and what of it is the same.")
    case .embedding:
      make("Embedding", "The same pictures in each checkpoint's features, laid over each other.")
    case .saliency: make("Class saliency", "Which pixels the same class score depends on.")
    }
  }

  private func make(_ heading: String, _ explanation: String, units: String = "Units") -> FigureKind
  {
    FigureKind(
      rawValue, abstract: explanation, heading: heading, explanation: explanation,
      unitsHeading: units)
  }
}
