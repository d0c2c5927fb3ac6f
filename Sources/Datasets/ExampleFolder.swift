internal import Files
internal import Foundation
internal import Images
internal import TensorCore

/// The examples in a folder and its subfolders: PNG and JPEG files, CSV and WAV files of one series
/// each, or folders of numbered frames.
///
/// If several subfolders contain examples, they are the classes. A picture is a file that is
/// decoded when it is preprocessed; a corrupt file is an error when it is read, not on opening.
///
/// What Fovea itself has drawn into such a folder does not count as its pictures. Tables in the
/// folder, `annotations.csv` and `factors.csv`, may annotate the examples.
public struct ExampleFolder: Dataset {
  /// How a file becomes an example.
  private enum Reader: Sendable {
    case pictures
    /// Cut or padded to a shape.
    case series([Int])
    case volumes([Int])
  }

  public let classNames: [String]
  public let singleClass: String?
  public let remarks: [String]
  private let root: String
  /// Relative to `root`, in alphabetical order.
  let files: [String]
  private let labels: [Int?]
  private let table: AnnotationTable?
  private let reader: Reader
  /// For one example.
  private let memory: MemoryBudget

  /// - Parameters:
  ///   - classes: Those of the data set of which this folder is a part, or its own.
  ///   - input: The shape to which series and volumes are cut or padded; nil for that of the
  ///     longest.
  ///   - memory: For the examples that are decoded at the same time.
  /// - Throws: `FileError` if no series or volume can be read.
  init(
    _ folder: AnnotatedFolder, classes: AnnotatedFolder.Classes, input: [Int]?,
    memory: MemoryBudget
  ) throws(FileError) {
    precondition(!folder.examples.isEmpty, "\(folder.path) without examples")
    root = folder.path
    files = folder.examples
    table = folder.table
    // Batches are decoded on all threads.
    let memory = memory.divided(by: min(ThreadCount.current, files.count))
    self.memory = memory
    let (reader, remarks) = try Self.reader(
      of: folder.kind, files.map { Self.path($0, in: folder.path) }, in: folder.path, input: input,
      memory)
    self.reader = reader
    self.remarks = folder.remarks + remarks
    (classNames, singleClass) = (classes.names, classes.single)
    let numbers = Dictionary(uniqueKeysWithValues: zip(classNames, classNames.indices))
    labels = files.map { folder.className(of: $0, by: classes).flatMap { numbers[$0] } }
  }

  /// A single picture or series.
  init(
    file path: String, of kind: ExampleKind = .picture, input: [Int]? = nil, memory: MemoryBudget
  ) throws(FileError) {
    self.memory = memory
    // As written, for messages.
    root = (path as NSString).deletingLastPathComponent
    files = [(path as NSString).lastPathComponent]
    labels = [nil]
    (classNames, singleClass) = ([], nil)
    table = nil
    (reader, remarks) = try Self.reader(of: kind, [path], in: path, input: input, memory)
  }

  private static func reader(
    of kind: ExampleKind, _ paths: [String], in place: String, input: [Int]?, _ memory: MemoryBudget
  ) throws(FileError) -> (Reader, remarks: [String]) {
    if kind == .picture { return (.pictures, []) }
    let measures = try ExampleMeasures(paths, of: kind, memory)
    let shape = input ?? measures.largest
    // The longest may be far longer than the others, and its channels those of another file.
    let own = Preprocessing(plain: shape)
    if let problem = own.problem { throw FileError(.malformed, place, problem) }
    try memory.check(
      shape.reduce(MemoryLayout<Float>.stride, *), place, "reading \(kind.plural) of \(shape)")
    let remarks = measures.remarks(of: place, cutTo: shape)
    return (kind == .series ? .series(shape) : .volumes(shape), remarks)
  }

  public var count: Int { files.count }
  public var holdsArrays: Bool { if case .pictures = reader { false } else { true } }
  public var heldBytes: Int { table?.heldBytes ?? 0 }

  public func label(at index: Int) throws -> Int? { labels[index] }

  public func source(at index: Int) throws -> String {
    // The frames of a single volume are in the folder itself.
    files[index].isEmpty ? (root as NSString).lastPathComponent : files[index]
  }

  public func annotations(at index: Int) throws -> Annotations {
    table?.annotations(of: files[index]) ?? Annotations()
  }

  private static func path(_ file: String, in root: String) -> String {
    (root as NSString).appendingPathComponent(file)
  }

  public func example(at index: Int) throws -> Example {
    let path = Self.path(files[index], in: root)
    let content: Example.Content =
      switch reader {
      case .pictures: .file(PictureFile(path, memory: memory))
      case .series(let shape): .array(try SeriesFile(path, memory: memory).values(shape))
      case .volumes(let shape): .array(try FrameFolder(path, memory: memory).values(shape))
      }
    return Example(
      content, label: labels[index], source: try source(at: index),
      annotations: { try annotations(at: index) })
  }
}
