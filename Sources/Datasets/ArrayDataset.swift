public import TensorCore

/// Pictures that are used exactly as they are, or the values of series or volumes.
public struct ArrayDataset: Dataset {
  private enum Pictures: Sendable {
    case memory(Tensor)
    case file(ArrayRows)
  }

  public let classNames: [String]
  private let pictures: Pictures
  private let labels: [Int]?
  private let source: String

  /// - Parameters:
  ///   - images: `[N, C, H, W]`, or `[N, H, W, C]` for networks whose file has that order;
  ///     `[N, C, L]` or `[N, C, D, H, W]` of series and volumes.
  ///   - labels: One per picture.
  ///   - source: The name of the file.
  public init(_ images: Tensor, labels: [Int]? = nil, classNames: [String] = [], source: String) {
    precondition((3...5).contains(images.shape.rank), "examples in an array of \(images.shape)")
    pictures = .memory(images)
    self.labels = labels
    self.classNames = classNames
    self.source = source
  }

  init(_ rows: ArrayRows, labels: [Int]?, classNames: [String], source: String) {
    pictures = .file(rows)
    self.labels = labels
    self.classNames = classNames
    self.source = source
  }

  public var holdsArrays: Bool { true }

  public var count: Int {
    switch pictures {
    case .memory(let images): images.shape[0]
    case .file(let rows): rows.shape[0]
    }
  }

  /// `[C, …]`.
  package var exampleShape: Shape {
    let shape =
      switch pictures {
      case .memory(let images): images.shape
      case .file(let rows): rows.shape
      }
    return Shape(Array(shape.extents.dropFirst()))
  }

  public var heldBytes: Int {
    if case .memory(let images) = pictures { images.count * MemoryLayout<Float>.stride } else { 0 }
  }

  public func label(at index: Int) throws -> Int? { labels?[index] }

  public func example(at index: Int) throws -> Example {
    Example(
      .array(try picture(at: index)), label: labels?[index], source: try source(at: index))
  }

  public func source(at index: Int) throws -> String { "\(source) #\(index)" }

  private func picture(at index: Int) throws -> Tensor {
    switch pictures {
    case .memory(let images):
      let row = images.rows(index..<(index + 1))
      return row.reshaped(to: Shape(Array(row.shape.extents.dropFirst())))
    case .file(let rows): return try rows.picture(at: index)
    }
  }
}
