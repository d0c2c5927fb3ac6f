public import Files
internal import Foundation
internal import Images

/// One of the two parts of a data set that is split.
public enum Split: Sendable, Hashable { case training, test }

/// A way of storing pictures, series or volumes: how a place is recognised as one, and how it is opened.
///
/// ``fileFormats`` lists them; whoever knows others adds them to the list.
public struct DatasetFormat: Sendable {
  /// Where a format is found: in a folder, in a single file, or in a text that is no path.
  public enum Setting: Sendable, Hashable { case folder, file, text }

  /// What help and errors call it, for each setting that it is recognised in: `IDX files` in a
  /// folder, `an IDX file` for a single one.
  public let names: [Setting: String]
  /// What it stores.
  public let kinds: Set<ExampleKind>
  private let recognized: @Sendable (DatasetPlace) throws -> RecognizedDataset?

  /// - Parameters:
  ///   - kinds: It is asked about no other examples.
  ///   - recognize: Returns nil for other formats; throws if a place is of this format but cannot be
  ///     opened.
  public init(
    _ names: [Setting: String], of kinds: Set<ExampleKind> = [.picture],
    recognize: @escaping @Sendable (DatasetPlace) throws -> RecognizedDataset?
  ) {
    (self.names, self.kinds, recognized) = (names, kinds, recognize)
  }

  func recognize(_ place: DatasetPlace) throws -> RecognizedDataset? { try recognized(place) }
}

/// What a format can tell itself by: a path, and what is there.
public struct DatasetPlace: Sendable {
  /// As given by the user.
  public let path: String
  public let setting: DatasetFormat.Setting
  /// What is wanted from it.
  public let kind: ExampleKind
  /// The names in a folder.
  let names: Set<String>
  /// A file, and its first 16 bytes.
  let file: FileBytes
  let start: Data

  /// - Throws: `FileError` if there is something that cannot be read.
  init(_ path: String, of kind: ExampleKind) throws(FileError) {
    (self.path, self.kind) = (path, kind)
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

/// Examples whose format is known.
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
    /// The shape of a network's input, to which series and volumes in files of their own are cut or
    /// padded; nil if the network is made for them, so that they keep their own.
    public var input: [Int]?

    public init(
      memory: MemoryBudget = .ofMachine(), renderedSize: Int = 64, seed: UInt64 = 0,
      renderedWidth: Int? = nil, input: [Int]? = nil
    ) {
      (self.memory, self.renderedSize, self.seed) = (memory, renderedSize, seed)
      (self.renderedWidth, self.input) = (renderedWidth, input)
    }
  }

  /// The parts that are there; empty for a data set that is not split.
  public let parts: Set<Split>
  private let files: [Split: [String]]
  private let path: String
  private let make: @Sendable (Split?, Options) throws -> any Dataset

  /// - Parameters:
  ///   - files: The paths of the files or folders of each part, if they are separate.
  ///   - open: Gets one of the parts, or nil if there are none.
  public init(
    _ place: DatasetPlace, parts: Set<Split> = [], files: [Split: [String]] = [:],
    open: @escaping @Sendable (_ part: Split?, Options) throws -> any Dataset
  ) {
    (path, self.parts, self.files, make) = (place.path, parts, files, open)
  }

  /// Whether there is a training and a test part.
  public var isSplit: Bool { parts.count == 2 }

  /// The part that contains a file or folder; nil if none does, or if the parts are not separate.
  public func part(containing path: String) -> Split? {
    files.first { $0.value.contains { isInside(path, $0) } }?.key
  }

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
  /// Recognises examples by the first of these formats that they have.
  ///
  /// - Parameter kind: What is wanted: which one an array has is nothing that it says itself.
  /// - Throws: `FileError` that lists the formats; a format's own error.
  public func recognize(
    _ path: String, of kind: ExampleKind = .picture
  ) throws -> RecognizedDataset {
    let place = try DatasetPlace(path, of: kind)
    for format in self where format.kinds.contains(kind) {
      if let found = try format.recognize(place) { return found }
    }
    func names(_ setting: DatasetFormat.Setting) -> String {
      filter { $0.kinds.contains(kind) }.names(in: setting)
    }
    switch place.setting {
    case .text:
      for other in ExampleKind.allCases where other != kind {
        let place = try DatasetPlace(path, of: other)
        if let found = first(where: { (try? $0.recognize(place)) != nil }), found.kinds == [other] {
          throw FileError(.malformed, path, "expected \(kind.plural), found \(other.plural)")
        }
      }
      throw FileError(.missing, path, "no such file or folder")
    case .folder:
      let found = try FolderContents(path, of: kind).otherFiles
      throw FileError(.missing, path, "expected \(names(.folder)), found \(found)")
    case .file:
      throw FileError(
        .malformed, path,
        "expected \(names(.file)), found \(PictureFormat(of: place.start).found)")
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
    let pictures = filter { $0.kinds.contains(.picture) }
    let texts = pictures.names(in: .text)
    return "a folder of \(pictures.names(in: .folder)); \(pictures.names(in: .file))"
      + (texts.isEmpty ? "" : "; or \(texts)") + usage(of: .series) + usage(of: .volume)
  }

  private func usage(of kind: ExampleKind) -> String {
    let own = filter { $0.kinds == [kind] }
    var places = ["a folder of \(own.names(in: .folder))", own.names(in: .file), "an array"]
    places.append(own.names(in: .text))
    places.removeAll { $0.isEmpty }
    return "; for networks of \(kind.plural), \(places.dropLast().joined(separator: ", ")) or "
      + places[places.count - 1]
  }
}

/// Opens examples that are stored in files; see ``fileFormats``.
///
/// - Parameters:
///   - kind: What the arrays or files are of.
///   - split: For a folder with both parts; nil for its test part, or its only one.
///   - input: See ``RecognizedDataset/Options/input``.
///   - memory: For what is decompressed, and for the pictures that are decoded at the same time.
/// - Throws: `FileError` that says what was expected.
public func openDataset(
  _ path: String, of kind: ExampleKind = .picture, split: Split? = nil, input: [Int]? = nil,
  memory: MemoryBudget = .ofMachine()
) throws -> any Dataset {
  try fileFormats.recognize(path, of: kind).open(
    split, RecognizedDataset.Options(memory: memory, input: input))
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
