public import Datasets
internal import Images

/// The rendered sample data set: solid objects with known factors.
///
/// Its annotations are every ``SceneFactor`` by name, the box and the mask of the object, and its
/// parts by ``ObjectPart``.
///
/// A scene depends only on the seed and its index, so any two data sets with the same seed share
/// their first scenes, and data sets with different seeds have none in common.
public struct SceneDataset: Dataset {
  public let count: Int
  /// Side length in pixels.
  public let size: Int
  public let seed: UInt64

  public init(count: Int, size: Int = 64, seed: UInt64 = 0) {
    precondition(count >= 0, "a data set of \(count) scenes")
    self.count = count
    self.size = size
    self.seed = seed
  }

  public var classNames: [String] { ObjectClass.allCases.map(\.rawValue) }

  public func factors(at index: Int) -> SceneFactors {
    SceneFactors.random(index: index, seed: seed)
  }

  public func label(at index: Int) throws -> Int? {
    ObjectClass.allCases.firstIndex(of: factors(at: index).objectClass)
  }

  public func source(at index: Int) throws -> String { source(index, factors(at: index)) }

  /// - Complexity: Finds the visible surfaces of one scene; a fraction of a millisecond at 64
  ///   pixels.
  public func annotations(at index: Int) throws -> Annotations {
    let factors = factors(at: index)
    return try RenderedScene(factors, width: size, height: size)
      .annotations(source: source(index, factors))
  }

  /// - Complexity: Renders one scene; about a millisecond at 64 pixels.
  public func example(at index: Int) throws -> Example {
    let factors = factors(at: index)
    return Example(
      .picture(try renderScene(factors, width: size, height: size)),
      label: ObjectClass.allCases.firstIndex(of: factors.objectClass),
      source: source(index, factors), annotations: { try annotations(at: index) })
  }

  private func source(_ index: Int, _ factors: SceneFactors) -> String {
    "scene \(index) (\(factors.objectClass.rawValue))"
  }
}
