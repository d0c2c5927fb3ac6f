internal import Files
internal import Foundation

/// Opens a file of PyTorch before 1.6.
///
///     magic number | version | system | object | keys of the storages      a pickle each
///     count, elements | count, elements | …                         a storage for each key
func openOlder(_ source: FileBytes) throws(FileError) -> OpenedStateDictionary {
  func malformed(_ reason: String) -> FileError { FileError(.malformed, source.path, reason) }
  var machine = PickleMachine(PickleBytes(source))
  _ = try machine.run()
  let version = try machine.run()
  guard case .integer(1001) = version else {
    throw malformed("expected version 1001 of the format, found \(machine.heap.kind(version))")
  }
  _ = try machine.run()
  let root = try machine.run()
  let dictionary = try StateDictionary(in: root, of: machine.heap, path: source.path)
  let keys = try machine.run()
  guard let items = machine.heap.items(keys) else {
    throw malformed("expected the keys of the storages, found \(machine.heap.kind(keys))")
  }
  // A storage has one class, whatever refers to it.
  var sizes: [String: Int] = [:]
  for storage in machine.heap.storages {
    sizes[storage.key] = storage.type.elementSize
  }
  var ranges: [String: Range<Int>] = [:]
  var position = machine.bytes.position
  for item in items {
    guard case .text(let key) = item, let size = sizes[key] else {
      throw malformed("expected the key of a storage, found \(machine.heap.kind(item))")
    }
    let start = position + 8
    let count = try source.read(position..<start).reversed()
      .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard count <= UInt64((source.size - start) / size) else {
      throw malformed(
        "expected \(count) elements of storage \(quoted(key)) at byte \(start), "
          + "found \(source.size - start) bytes")
    }
    position = start + Int(count) * size
    guard ranges.updateValue(start..<position, forKey: key) == nil else {
      throw malformed("expected every storage once, found \(quoted(key)) twice")
    }
  }
  return OpenedStateDictionary(
    dictionary: dictionary, storages: ConsecutiveStorages(source: source, ranges: ranges))
}

/// Consecutive storages at the end of a file.
private struct ConsecutiveStorages: StorageReader {
  let source: FileBytes
  let ranges: [String: Range<Int>]

  func size(of key: String) throws(FileError) -> Int {
    guard let range = ranges[key] else {
      throw FileError(.malformed, source.path, "lacks storage \(quoted(key))")
    }
    return range.count
  }

  func read(
    _ bytes: Range<Int>, of key: String, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    guard let range = ranges[key] else { return }
    try source.read(from: range.lowerBound + bytes.lowerBound, into: buffer)
  }
}
