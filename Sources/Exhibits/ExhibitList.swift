/// All exhibits, in the order of a gallery: one line each.
public let exhibits: [any Exhibit.Type] = [
  Filters.self,
  Handcrafted.self,
  FeatureMaps.self,
  TopPatches.self,
  UnitSheets.self,
  Embedding.self,
  ReceptiveFields.self,
  Invariance.self,
  Saliency.self,
  Occlusion.self,
  Correspondence.self,
  ClassModels.self,
  Confusion.self,
  Mistakes.self,
  Probe.self,
  TrainingCurves.self,
]
