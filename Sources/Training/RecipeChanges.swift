public import Networks

extension Recipe {
  func checkChanges() throws(RecipeError) {
    guard let changes else { return }
    do {
      try changes.check()
    } catch {
      throw RecipeError("changes", error.description)
    }
  }

  /// The network to train, without weights, and how it differs from the architecture, one line
  /// each.
  ///
  /// - Parameter blueprint: The architecture's.
  /// - Throws: `RecipeError` if the changes do not apply to it.
  public func applyingChanges(
    to blueprint: Blueprint
  ) throws(RecipeError) -> (blueprint: Blueprint, report: [String]) {
    guard let changes, !changes.isEmpty else { return (blueprint, []) }
    do {
      return try blueprint.changed(by: changes)
    } catch {
      throw RecipeError("changes", error.description)
    }
  }
}

extension ArchitectureChanges: Decodable {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(onlyWith: CodingKeys.self)
    self.init()
    // A single layer needs no list.
    if let name = try? keys.decodeIfPresent(String.self, forKey: .remove) {
      remove = [name]
    } else {
      try keys.decodeIfPresent(into: &remove, .remove)
    }
    try keys.decodeIfPresent(into: &resize, .resize)
    pooling = try keys.decodeChoiceIfPresent(.pooling)
    normalization = try keys.decodeChoiceIfPresent(.normalization)
    activation = try keys.decodeChoiceIfPresent(.activation)
    dropout = try keys.decodeIfPresent(Double.self, forKey: .dropout)
  }
}
