internal import Datasets
internal import Files
internal import Images
internal import Synchronization

/// A data set's pictures as the network sees them, read and resized once if they fit into
/// memory: a gallery looks at the same pictures several times.
final class DisplayedPictures: Dataset {
  /// In bytes.
  private static let usualCapacity = 256 << 20

  private let source: any Dataset
  private let preprocessing: Preprocessing
  private let capacity: Int
  private let kept = Mutex<(examples: [Int: Example], bytes: Int)>(([:], 0))

  /// - Parameter memory: No more than an eighth of it is taken.
  init(_ source: any Dataset, _ preprocessing: Preprocessing, memory: MemoryBudget) {
    capacity = min(Self.usualCapacity, memory.bytes / 8)
    self.source = source
    self.preprocessing = preprocessing
  }

  var count: Int { source.count }
  var classNames: [String] { source.classNames }
  var singleClass: String? { source.singleClass }
  var remarks: [String] { source.remarks }
  var holdsArrays: Bool { source.holdsArrays }
  func label(at index: Int) throws -> Int? { try source.label(at: index) }
  func source(at index: Int) throws -> String { try source.source(at: index) }

  func annotations(at index: Int) throws -> Annotations {
    let annotations = try source.annotations(at: index)
    // Where they are depends on the picture's size.
    guard annotations.hasPositions else { return annotations }
    if let found = kept.withLock({ $0.examples[index] }) { return try found.annotations }
    // Of a file, no more is read than its size.
    let example = try source.example(at: index)
    guard case .file = example.content else { return try self.example(at: index).annotations }
    return try preprocessing.annotations(of: example)
  }
  var heldBytes: Int { source.heldBytes + capacity }

  func example(at index: Int) throws -> Example {
    if let found = kept.withLock({ $0.examples[index] }) { return found }
    let example = try source.example(at: index)
    if case .array = example.content { return example }
    let picture = try preprocessing.displayed(example)
    let shown = Example(
      .picture(picture), label: example.label, source: example.source,
      annotations: preprocessing.placedAnnotations(of: example))
    kept.withLock { kept in
      guard kept.bytes + picture.pixels.count <= capacity else { return }
      kept.bytes += picture.pixels.count
      kept.examples[index] = shown
    }
    return shown
  }
}
