public import Files
internal import Foundation
internal import Images

/// One of the two parts of a data set that is split.
public enum Split: Sendable, Hashable { case training, test }

/// A way of storing pictures: how a place is recognised as one, and how it is opened.
///
/// ``fileFormats`` lists them; whoever knows others adds them to the list.
public struct DatasetFormat: Sendable {
  /// Where a format is found: in a folder, in a single file, or in a text that is no path.
  public enum Setting: Sendable, Hashable { case folder, file, text }

  /// What help and errors call it, for each setting that it is recognised in: `IDX files` in a
  /// folder, `an IDX file` for a single one.
  public let names: [Setting: String]
  private let recognized: @Sendable (DatasetPlace) throws -> RecognizedDataset?

  /// - Parameter recognize: Returns nil for other formats; throws if a place is of this format but
  ///   cannot be opened.
  public init(
    _ names: [Setting: String],
    recognize: @escaping @Sendable (DatasetPlace) throws -> RecognizedDataset?
  ) {
    (self.names, recognized) = (names, recognize)
  }

  func recognize(_ place: DatasetPlace) throws -> RecognizedDataset? { try recognized(place) }
}

/// What a format can tell itself by: a path, and what is there.
public struct DatasetPlace: Sendable {
  /// As given by the user.
  public let path: String
  public let setting: DatasetFormat.Setting
  /// The names in a folder.
  let names: Set<String>
  /// A file, and its first 16 bytes.
  let file: FileBytes
  let start: Data

  /// - Throws: `FileError` if there is something that cannot be read.
  init(_ path: String) throws(FileError) {
    self.path = path
    switch kindOfFile(path) {
    case .folder:
      (setting, names) = (.folder, Set(try namesInFolder(path)))
      (file, start) = (FileBytes(Data(), path: path), Data())
    case .regular, .other:
      (setting, names) = (.file, [])
      file = FileBytes(try OpenFile(path))
      start = try file.read(0..<min(file.size, 16))
    case .none:
      (setting, names) = (.text, [])
      (file, start) = (FileBytes(Data(), path: path), Data())
    }
  }

  /// A file's name, and its extension.
  var name: String { (path as NSString).lastPathComponent }
  public var type: String { (name as NSString).pathExtension }
}

/// Pictures whose format is known.
public struct RecognizedDataset: Sendable {
  /// What opening depends on besides the path.
  public struct Options: Sendable {
    /// For what is decompressed, and for the pictures that are decoded at the same time.
    public var memory: MemoryBudget
    /// The side length in pixels, and the random seed, of pictures that are rendered.
    public var renderedSize: Int
    public var seed: UInt64
    /// The width of those that need not be square, whose height is `renderedSize`; nil for squares.
    public var renderedWidth: Int?

    public init(
      memory: MemoryBudget = .ofMachine(), renderedSize: Int = 64, seed: UInt64 = 0,
      renderedWidth: Int? = nil
    ) {
      (self.memory, self.renderedSize, self.seed) = (memory, renderedSize, seed)
      self.renderedWidth = renderedWidth
    }
  }

  /// The parts that are there; empty for a data set that is not split.
  public let parts: Set<Split>
  private let path: String
  private let make: @Sendable (Split?, Options) throws -> any Dataset

  /// - Parameter open: Gets one of the parts, or nil if there are none.
  public init(
    _ place: DatasetPlace, parts: Set<Split> = [],
    open: @escaping @Sendable (_ part: Split?, Options) throws -> any Dataset
  ) {
    (path, self.parts, make) = (place.path, parts, open)
  }

  /// Whether there is a training and a test part.
  public var isSplit: Bool { parts.count == 2 }

  /// - Parameter split: Nil for the test part, or the only one.
  /// - Throws: `FileError` that says what was expected.
  public func open(_ split: Split? = nil, _ options: Options = Options()) throws -> any Dataset {
    guard !parts.isEmpty else { return try make(nil, options) }
    let part = split ?? (parts.contains(.test) ? .test : .training)
    guard parts.contains(part) else {
      throw FileError(.missing, path, "has no \(part == .test ? "test" : "training") part")
    }
    return try make(part, options)
  }
}

extension Sequence<DatasetFormat> {
  /// Recognises pictures by the first of these formats that they have.
  ///
  /// - Throws: `FileError` that lists the formats; a format's own error.
  public func recognize(_ path: String) throws -> RecognizedDataset {
    let place = try DatasetPlace(path)
    for format in self {
      if let found = try format.recognize(place) { return found }
    }
    switch place.setting {
    case .text: throw FileError(.missing, path, "no such file or folder")
    case .folder:
      let found = try FolderContents(path).otherFiles
      throw FileError(.missing, path, "expected \(names(in: .folder)), found \(found)")
    case .file:
      throw FileError(
        .malformed, path,
        "expected \(names(in: .file)), found \(PictureFormat(of: place.start).found)")
    }
  }

  /// The names of the formats in a setting, the most usual first: `a, b or c`.
  public func names(in setting: DatasetFormat.Setting) -> String {
    // What is more special is recognised first.
    let names = Array(compactMap { $0.names[setting] }.reversed())
    guard names.count > 1, let last = names.last else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }

  /// What to give, for help texts.
  public var usage: String {
    let texts = names(in: .text)
    return "a folder of \(names(in: .folder)); \(names(in: .file))"
      + (texts.isEmpty ? "" : "; or \(texts)")
  }
}

/// Opens pictures that are stored in files; see ``fileFormats``.
///
/// - Parameters:
///   - split: For a folder with both parts; nil for its test part, or its only one.
///   - memory: For what is decompressed, and for the pictures that are decoded at the same time.
/// - Throws: `FileError` that says what was expected.
public func openDataset(
  _ path: String, split: Split? = nil, memory: MemoryBudget = .ofMachine()
) throws -> any Dataset {
  try fileFormats.recognize(path).open(split, RecognizedDataset.Options(memory: memory))
}

/// The folder that contains a file, as an unresolved path: after a link, `..` does not lead where
/// the text suggests.
func parentFolder(of path: String) -> String {
  let folder = (path as NSString).deletingLastPathComponent
  return folder.isEmpty ? "." : folder
}

/// The lines of a small text file; empty if it does not exist.
func lines(_ path: String) -> [String] {
  guard let data = try? readFile(path) else { return [] }
  return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map {
    $0.trimmingCharacters(in: .whitespaces)
  }.filter { !$0.isEmpty }
}
