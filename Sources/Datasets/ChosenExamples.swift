/// Some of a data set's examples, such as those that an experiment uses.
public struct ChosenExamples: Dataset {
  private let whole: any Dataset
  private let indices: [Int]

  /// - Parameter indices: In the order in which they are counted.
  public init(of whole: any Dataset, _ indices: [Int]) {
    precondition(indices.allSatisfy { 0..<whole.count ~= $0 }, "examples beyond \(whole.count)")
    (self.whole, self.indices) = (whole, indices)
  }

  /// In the whole data set's order, which reads files and archives faster than a random one.
  public func prefix(_ count: Int) -> ChosenExamples {
    ChosenExamples(of: whole, indices.prefix(count).sorted())
  }

  /// The others, in the whole data set's order.
  public func dropFirst(_ count: Int) -> ChosenExamples {
    ChosenExamples(of: whole, indices.dropFirst(count).sorted())
  }

  public var count: Int { indices.count }
  public var classNames: [String] { whole.classNames }
  public var singleClass: String? { whole.singleClass }
  public var remarks: [String] { whole.remarks }
  public var holdsArrays: Bool { whole.holdsArrays }
  public var heldBytes: Int { whole.heldBytes }

  public func example(at index: Int) throws -> Example { try whole.example(at: indices[index]) }
  public func label(at index: Int) throws -> Int? { try whole.label(at: indices[index]) }
  public func source(at index: Int) throws -> String { try whole.source(at: indices[index]) }
  public func annotations(at index: Int) throws -> Annotations {
    try whole.annotations(at: indices[index])
  }
}
