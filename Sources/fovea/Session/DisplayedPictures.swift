import Datasets
import Images
import Synchronization

/// A data set's pictures as the network sees them, read and resized once where they fit into
/// memory: a gallery looks at the same pictures several times.
final class DisplayedPictures: Dataset {
  /// In bytes.
  private static let capacity = 256 << 20

  private let source: any Dataset
  private let preprocessing: Preprocessing
  private let kept = Mutex<(examples: [Int: Example], bytes: Int)>(([:], 0))

  init(_ source: any Dataset, _ preprocessing: Preprocessing) {
    self.source = source
    self.preprocessing = preprocessing
  }

  var count: Int { source.count }
  var classNames: [String] { source.classNames }
  var remarks: [String] { source.remarks }
  func label(at index: Int) throws -> Int? { try source.label(at: index) }

  func example(at index: Int) throws -> Example {
    if let found = kept.withLock({ $0.examples[index] }) { return found }
    let example = try source.example(at: index)
    guard case .picture = example.content else { return example }
    let picture = try preprocessing.displayed(example)
    let shown = Example(.picture(picture), label: example.label, source: example.source)
    kept.withLock { kept in
      guard kept.bytes + picture.pixels.count <= Self.capacity else { return }
      kept.bytes += picture.pixels.count
      kept.examples[index] = shown
    }
    return shown
  }
}
