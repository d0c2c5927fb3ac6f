internal import Analysis
public import ArgumentParser

/// Which classes.
public struct ClassOptions: ParsableArguments {
  @Option(help: "Classes by name or index, separated by commas: 'cat,dog'.")
  public var classes: String?

  public init() {}

  /// Each once, in the order given; empty if none are given.
  ///
  /// - Throws: `SelectionError` with the nearest names.
  func indices(in model: Model) throws -> [Int] {
    guard let classes else { return [] }
    // A name may itself hold a comma, as ImageNet's do.
    if let whole = try? model.classNames.index(of: classes) { return [whole] }
    return try namePatterns(classes, of: "--classes").map(model.classNames.index)
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
