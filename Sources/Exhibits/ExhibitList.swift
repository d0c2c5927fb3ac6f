/// All exhibits, in the order of a gallery: one line each.
public let exhibits: [any Exhibit.Type] = [
  Filters.self,
  FeatureMaps.self,
  TopPatches.self,
  Embedding.self,
  Saliency.self,
  ClassModels.self,
  Confusion.self,
  Mistakes.self,
  TrainingCurves.self,
]
