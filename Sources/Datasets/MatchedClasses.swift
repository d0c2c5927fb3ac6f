/// A data set whose classes are counted as those of another one; pictures of others have no class.
public struct MatchedClasses: Dataset {
  public let classNames: [String]
  private let whole: any Dataset
  private let places: [Int?]

  /// - Parameters:
  ///   - names: The other one's classes.
  ///   - places: For each class of `whole`, which of them it is.
  public init(of whole: any Dataset, _ names: [String], _ places: [Int?]) {
    (self.whole, classNames, self.places) = (whole, names, places)
  }

  public var count: Int { whole.count }
  public var singleClass: String? { whole.singleClass }
  public var remarks: [String] { whole.remarks }
  public var holdsArrays: Bool { whole.holdsArrays }
  public var heldBytes: Int { whole.heldBytes }

  public func label(at index: Int) throws -> Int? { matched(try whole.label(at: index)) }
  public func source(at index: Int) throws -> String { try whole.source(at: index) }
  public func annotations(at index: Int) throws -> Annotations {
    try whole.annotations(at: index)
  }

  public func example(at index: Int) throws -> Example {
    let example = try whole.example(at: index)
    return example.labelled(matched(example.label))
  }

  private func matched(_ label: Int?) -> Int? {
    label.flatMap { places.indices.contains($0) ? places[$0] : nil }
  }
}
