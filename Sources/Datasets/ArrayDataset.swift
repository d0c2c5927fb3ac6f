public import TensorCore

/// Pictures that are used exactly as they are.
public struct ArrayDataset: Dataset {
  public let classNames: [String]
  private let images: Tensor
  private let labels: [Int]?
  private let source: String

  /// - Parameters:
  ///   - images: `[N, C, H, W]`.
  ///   - labels: One a picture.
  ///   - source: The file's name.
  public init(_ images: Tensor, labels: [Int]? = nil, classNames: [String] = [], source: String) {
    precondition(images.shape.rank == 4, "pictures are [N, C, H, W], not \(images.shape)")
    self.images = images
    self.labels = labels
    self.classNames = classNames
    self.source = source
  }

  public var count: Int { images.shape[0] }

  public func label(at index: Int) throws -> Int? { labels?[index] }

  public func example(at index: Int) throws -> Example {
    let row = images.rows(index..<(index + 1))
    return Example(
      .array(row.reshaped(to: Shape(Array(row.shape.extents.dropFirst())))),
      label: labels?[index], source: "\(source) #\(index)")
  }
}
