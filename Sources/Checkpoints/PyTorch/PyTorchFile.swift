public import Files
internal import Foundation
public import TensorCore

/// The state dict in a file of `torch.save`, of either format, read without running any code.
///
/// Since PyTorch 1.6, the file is a zip archive of a pickle and one file per storage. Before that,
/// it was five pickles followed by the storages. Source: pytorch/pytorch, torch/serialization.py,
/// `_save` and `_legacy_save`.
public struct PyTorchFile: WeightsFile {
  public let path: String
  public let entries: [TensorEntry]
  /// The keys that lead to the state dict in the saved object; empty if that is the state dict
  /// itself.
  public let keys: [String]
  private let views: [String: TensorView]
  private let storages: any StorageReader

  /// Such a file contains no metadata.
  public var metadata: [String: String] { [:] }

  /// - Throws: `FileError` of kind `.missing`, or `.malformed` if the file is damaged, contains a
  ///   whole module or anything else that is not a state dict, or claims more than it contains.
  public init(_ path: String) throws(FileError) {
    try self.init(FileBytes(OpenFile(path)))
  }

  /// - Throws: The same errors as `init(_:)`.
  public init(_ source: FileBytes) throws(FileError) {
    path = source.path
    let opened = try Self.isOlder(source) ? openOlder(source) : openArchive(source)
    keys = opened.dictionary.keys
    views = opened.dictionary.tensors
    storages = opened.storages
    entries = try Self.entries(views, storages, path)
  }

  /// The end of the first pickle of the older format, in any protocol: an 80-bit number.
  private static let magic: [UInt8] =
    [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]

  /// Whether the bytes begin as in a file of the older format.
  static func isOlder(_ source: FileBytes) throws(FileError) -> Bool {
    // The protocol number, and from protocol 4 on the length of a frame.
    let longest = 2 + 9
    let head = try source.read(0..<min(longest + magic.count, source.size))
    return head.first == 0x80 && head.firstRange(of: magic) != nil
  }

  public subscript(name: String) -> TensorEntry? {
    views[name].flatMap { view in
      view.elementType.map {
        TensorEntry(name: name, elementType: $0, shape: Shape(view.sizes))
      }
    }
  }

  public func tensor(_ name: String) throws(FileError) -> Tensor {
    guard let view = views[name], let type = view.elementType else { throw missing(name) }
    let shape = Shape(view.sizes)
    guard view.elementCount > 0 else { return Tensor(shape: shape, repeating: 0) }
    let bytes = (view.span.lowerBound * type.size)..<(view.span.upperBound * type.size)
    guard !view.isContiguous else {
      return try Tensor(shape: shape) { target throws(FileError) in
        try read(bytes, type, of: view.storage.key, into: target)
      }
    }
    let seen = try Tensor(shape: [view.span.count]) { target throws(FileError) in
      try read(bytes, type, of: view.storage.key, into: target)
    }
    return seen.withUnsafeElements { source in
      Tensor(shape: shape) { view.gather(source, into: $0) }
    }
  }

  private func read(
    _ bytes: Range<Int>, _ type: ElementType, of storage: String,
    into target: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    if type == .float32, isLittleEndian {
      try storages.read(bytes, of: storage, into: UnsafeMutableRawBufferPointer(target))
      return
    }
    var data = Data(count: bytes.count)
    var problem: FileError?
    data.withUnsafeMutableBytes { buffer in
      do throws(FileError) {
        try storages.read(bytes, of: storage, into: buffer)
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
    data.withUnsafeBytes { type.read($0, into: target) }
  }

  // MARK: Checks

  /// Tensors may share a storage, and a whole tensor may consist of one repeated element. No
  /// network needs more than twice the stored elements plus this number.
  private static let mostRepeated = 1 << 24

  /// The cost of a view: its elements, or those that it skips, which are far cheaper.
  private static func cost(of view: TensorView) -> Int {
    max(view.elementCount, view.span.count / 8)
  }

  private static func entries(
    _ views: [String: TensorView], _ storages: any StorageReader, _ path: String
  ) throws(FileError) -> [TensorEntry] {
    var entries: [TensorEntry] = []
    var sizes: [String: Int] = [:]
    var (stored, asked) = (0, 0)
    for (name, view) in views.sorted(by: { $0.key < $1.key }) {
      func malformed(_ reason: String) -> FileError {
        FileError(.malformed, path, "tensor \(quoted(name)): \(reason)")
      }
      guard let type = view.elementType else {
        throw malformed("expected real numbers, found elements of \(view.typeName)")
      }
      let key = view.storage.key
      let size: Int
      if let known = sizes[key] {
        size = known
      } else {
        size = try storages.size(of: key)
        sizes[key] = size
        stored += size / type.size
      }
      let claimed = view.storage.count / (view.storage.type.isUntyped ? type.size : 1)
      let count = min(claimed, size / type.size)
      guard view.span.upperBound <= count else {
        throw malformed(
          "expected elements within the \(count) of storage \(quoted(key)), found \(view.span)")
      }
      guard cost(of: view) <= 2 * stored + mostRepeated - asked else {
        throw malformed("sizes \(view.sizes) need far more elements than the file contains")
      }
      asked += cost(of: view)
      entries.append(TensorEntry(name: name, elementType: type, shape: Shape(view.sizes)))
    }
    return entries
  }
}

/// The bytes of storages by their keys.
protocol StorageReader: Sendable {
  /// In bytes.
  func size(of key: String) throws(FileError) -> Int
  func read(
    _ bytes: Range<Int>, of key: String, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError)
}

/// The contents of a file of either format.
struct OpenedStateDictionary {
  let dictionary: StateDictionary
  let storages: any StorageReader
}
