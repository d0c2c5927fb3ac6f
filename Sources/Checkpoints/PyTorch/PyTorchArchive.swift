internal import Files
internal import Foundation
internal import Synchronization

/// Opens a file of PyTorch 1.6 or later.
///
///     NAME/data.pkl    the pickle, which names storages
///     NAME/data/0 …    one file per storage, usually uncompressed
///     NAME/byteorder   "little" or "big"; absent in early files, which are little-endian
func openArchive(_ source: FileBytes) throws(FileError) -> OpenedStateDictionary {
  let archive = try ZipArchive(source)
  guard let folder = pickleFolder(in: archive) else {
    throw FileError(.malformed, source.path, "expected a file data.pkl in the archive, found none")
  }
  if archive.size(of: folder + "byteorder") != nil {
    let order = try archive.contents(
      of: folder + "byteorder", limit: 16, check: .sizeAndGivenChecksum)
    guard order == Data("little".utf8) else {
      throw FileError(
        .malformed, source.path,
        "expected little-endian storages, found \(quoted(String(decoding: order, as: UTF8.self)))")
    }
  }
  // Names and shapes; a hundred times as much as in the largest networks.
  let longest = 1 << 26
  let pickle = try archive.contents(
    of: folder + "data.pkl", limit: longest, check: .sizeAndGivenChecksum)
  var machine = PickleMachine(PickleBytes(FileBytes(pickle, path: source.path)))
  let root = try machine.run()
  let dictionary = try StateDictionary(in: root, of: machine.heap, path: source.path)
  return OpenedStateDictionary(
    dictionary: dictionary,
    storages: try ArchivedStorages(
      archive, source, keys: Set(dictionary.tensors.values.map(\.storage.key)),
      folder: folder + "data/"))
}

/// The folder of the archive's pickle, with a slash; nil if there is none.
func pickleFolder(in archive: ZipArchive) -> String? {
  let pickle = "data.pkl"
  let name = archive.names.filter { $0 == pickle || $0.hasSuffix("/" + pickle) }
    .min { $0.utf8.count < $1.utf8.count }
  return name.map { String($0.dropLast(pickle.count)) }
}

/// Storages as files of an archive: stored ones are read in place, and their checksum is verified
/// the first time; deflated ones are decompressed once.
private final class ArchivedStorages: StorageReader {
  /// The most bytes that deflated storages may have per byte of the file, in addition to a fixed
  /// allowance: weights hardly compress, so more is an attempt to exhaust the memory.
  private static let (mostForByte, mostForAny) = (16, 1 << 24)

  private let source: FileBytes
  private let archive: ZipArchive
  private let folder: String
  /// The stored ones whose checksum has been verified.
  private let checked = Mutex<Set<String>>([])
  private let ranges: [String: Range<Int>]
  private let unpacked: [String: Data]

  init(
    _ archive: ZipArchive, _ source: FileBytes, keys: Set<String>, folder: String
  ) throws(FileError) {
    self.source = source
    self.archive = archive
    self.folder = folder
    var (ranges, unpacked): ([String: Range<Int>], [String: Data]) = ([:], [:])
    var rest = Self.mostForByte * source.size + Self.mostForAny
    for key in keys.sorted() {
      if let range = try archive.storedRange(of: folder + key) {
        ranges[key] = range
      } else {
        let data = try archive.contents(
          of: folder + key, limit: rest, check: .sizeAndGivenChecksum)
        rest -= data.count
        unpacked[key] = data
      }
    }
    self.ranges = ranges
    self.unpacked = unpacked
  }

  func size(of key: String) -> Int { ranges[key]?.count ?? unpacked[key]?.count ?? 0 }

  func read(
    _ bytes: Range<Int>, of key: String, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    if let range = ranges[key] {
      try source.read(from: range.lowerBound + bytes.lowerBound, into: buffer)
      guard !checked.withLock({ $0.contains(key) }) else { return }
      try archive.checkChecksum(of: folder + key, UnsafeRawBufferPointer(buffer), from: bytes)
      checked.withLock { _ = $0.insert(key) }
    } else if let data = unpacked[key] {
      data.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[bytes])) }
    }
  }
}
