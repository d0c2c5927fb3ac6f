/// What a figure shows: the name of the command that draws it.
public enum FigureKind: String, Sendable, Hashable, CaseIterable, Codable {
  case filters
  case features
  case patches
  case embedding
  case saliency
  case classModels = "class-models"
  case curves

  /// The heading of its section on the gallery's page.
  public var heading: String {
    switch self {
    case .filters: "Filters"
    case .features: "Feature maps"
    case .patches: "Top patches"
    case .embedding: "Embedding"
    case .saliency: "Class saliency"
    case .classModels: "Class models"
    case .curves: "Training"
    }
  }

  /// One sentence below that heading.
  public var explanation: String {
    switch self {
    case .filters: "What convolutions look for: their weights."
    case .features: "Where the units of a layer respond in one picture."
    case .patches: "What excites each unit most, over a whole data set."
    case .embedding: "Pictures as points: the features of a layer along their principal components."
    case .saliency: "Which pixels a class score depends on."
    case .classModels: "Pictures that maximize a class score, made from a blank image."
    case .curves: "How the network learned, epoch by epoch."
    }
  }
}
