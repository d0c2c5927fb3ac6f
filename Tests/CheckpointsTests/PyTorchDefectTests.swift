import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct `PyTorch files that are refused` {
  /// The reason without the file's name.
  private func reason(_ data: Data) -> String? { error(data)?.reason }

  private func error(_ data: Data) -> FileError? {
    do {
      let file = try PyTorchFile(FileBytes(data, path: "x"))
      for entry in file.entries { _ = try file.tensor(entry.name) }
      return nil
    } catch {
      return error
    }
  }

  private static let instead =
    "which is neither built nor run here; save one in Python: "
    + "torch.save(model.state_dict(), \"weights.pth\")"

  @Test(arguments: [
    ("whole-module.pth", "a pickled \"__main__.Net\", \(instead)"),
    ("whole-module-older.pth", "a pickled \"__main__.Net\", \(instead)"),
    ("inner-module.pth", "a pickled \"torch.nn.modules.conv.Conv2d\", \(instead)"),
    ("command.pth", "a pickled \"posix.system\", \(instead)"),
    ("command-older.pth", "a pickled \"posix.system\", \(instead)"),
    ("one-tensor.pth", "a single tensor"),
    ("no-weights.pth", "a dictionary without tensors; its keys: \"epoch\", \"loss\""),
  ])
  func `what is no state dict is named`(name: String, found: String) throws {
    let error = #expect(throws: FileError.self) { try PyTorchFile(fixture(name)) }
    #expect(error?.reason == "expected a state dict, found \(found)")
    #expect(error?.kind == .malformed)
    #expect(error?.file == fixture(name))
  }

  @Test(arguments: [
    (
      "two.pth",
      "expected one state dict, found several, under \"discriminator\", \"generator\"; "
        + "save one of them by itself"
    ),
    (
      "quantized.pth",
      "expected plain tensors, found \"weight\" made by torch._utils._rebuild_qtensor"
    ),
    (
      "sparse.pth",
      "expected plain tensors, found \"weight\" made by torch._utils._rebuild_sparse_tensor"
    ),
    (
      "complex.pth",
      "tensor \"weight\": expected real numbers, found elements of ComplexFloatStorage"
    ),
  ])
  func `tensors that are no plain ones are named`(name: String, reason: String) throws {
    let error = #expect(throws: FileError.self) { try PyTorchFile(fixture(name)) }
    #expect(error?.reason == reason)
  }

  @Test(.slow, arguments: ["views.pth", "views-older.pth", "training-older.pth"])
  func `a file cut short anywhere is an error`(name: String) throws {
    let whole = try Data(contentsOf: URL(filePath: fixture(name)))
    // Some bytes at the end of the older format contain no element that a tensor uses.
    for count in 0..<(whole.count - 1) {
      #expect(reason(whole.prefix(count)) != nil, "\(count) bytes")
    }
  }

  @Test(arguments: ["types.pth", "views-older.pth", "training.pth", "whole-module.pth"])
  func `changed bytes give an error or numbers, never a trap`(name: String) throws {
    let whole = try Data(contentsOf: URL(filePath: fixture(name)))
    var changes = Mutations(seed: 11)
    var reads = DamagedReads()
    for _ in 0..<400 {
      reads.attempt {
        if let error = error(changes.changed(whole)) { throw error }
      }
    }
    // A whole module is refused, damaged or not.
    if error(whole) == nil { reads.expectBoth() }
  }

  // MARK: Hostile pickles

  /// A file in the newer format with a handwritten pickle and four bytes of storage "0".
  private func archive(_ pickle: [UInt8], storage: Data = Data(count: 4)) -> Data {
    SyntheticZip([.init("a/data.pkl", Data(pickle)), .init("a/data/0", storage)]).data
  }

  private func text(_ text: String) -> [UInt8] {
    [0x8C, UInt8(text.utf8.count)] + Array(text.utf8)
  }

  private func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  /// `{"w": tensor}`, with the tensor's offset, sizes and strides in a storage of `count` elements.
  private func tensor(
    _ offset: Int32, _ sizes: [Int32], _ strides: [Int32], of count: Int32 = 1
  ) -> [UInt8] {
    func number(_ value: Int32) -> [UInt8] { [0x4A] + littleEndian(Int(value), 4) }
    func tuple(_ values: [Int32]) -> [UInt8] { [0x28] + values.flatMap(number) + [0x74] }
    let storage =
      [0x28] + text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu")
      + number(count) + [0x74, 0x51]
    return [0x80, 2, 0x7D] + text("w") + global("torch._utils", "_rebuild_tensor_v2") + [0x28]
      + storage + number(offset) + tuple(sizes) + tuple(strides) + [0x89, 0x4E, 0x74, 0x52, 0x73]
      + [0x2E]
  }

  @Test func `views beyond their storage are refused`() {
    #expect(reason(archive(tensor(0, [1], [1]))) == nil)
    #expect(
      reason(archive(tensor(0, [2], [1])))
        == "tensor \"w\": expected elements within the 1 of storage \"0\", found 0..<2")
    #expect(
      reason(archive(tensor(3, [1], [1])))
        == "tensor \"w\": expected elements within the 1 of storage \"0\", found 3..<4")
    #expect(
      reason(archive(tensor(0, [1], [1]), storage: Data()))
        == "tensor \"w\": expected elements within the 0 of storage \"0\", found 0..<1")
    #expect(
      reason(archive(tensor(0, [-1], [1])))
        == "expected sizes and strides of a tensor, found [-1] and [1] from 0 on "
        + "in the pickle before byte 108")
    #expect(reason(archive(tensor(-1, [1], [1])))?.contains("from -1 on") == true)
    #expect(reason(archive(tensor(0, [1, 1], [1])))?.contains("[1, 1] and [1]") == true)
  }

  @Test func `a tensor that repeats one element without end is refused`() {
    #expect(
      reason(archive(tensor(0, [1 << 14, 1 << 14], [0, 0])))
        == "tensor \"w\": sizes [16384, 16384] need far more elements than the file contains")
    let most: Int32 = 1 << 30
    #expect(
      reason(archive(tensor(0, [most, most, most], [0, 0, 0])))?
        .hasPrefix("expected sizes and strides of a tensor") == true)
    #expect(
      reason(archive(tensor(0, [most, most, most, 0], [1, 1, 1, 1])))?
        .hasPrefix("expected sizes and strides of a tensor") == true)
  }

  @Test(.slow) func `deep nesting is read without recursion`() {
    let depth = 500_000
    for nested in [
      [UInt8](repeating: 0x5D, count: depth) + [UInt8](repeating: 0x61, count: depth - 1),
      [UInt8](repeating: 0x28, count: depth) + [UInt8](repeating: 0x74, count: depth),
      [UInt8](repeating: 0x29, count: 1) + [UInt8](repeating: 0x85, count: depth),
    ] {
      #expect(
        reason(archive([0x80, 2] + nested + [0x2E])) == "expected a state dict, found a list")
    }
  }

  @Test(.slow) func `a memo that doubles at every step stays small`() {
    // Each list contains the previous one twice: 2^100000 elements if they were expanded.
    var pickle: [UInt8] = [0x80, 2, 0x5D]
    for _ in 0..<100_000 { pickle += [0x71, 0, 0x5D, 0x68, 0, 0x61, 0x68, 0, 0x61] }
    #expect(reason(archive(pickle + [0x2E])) == "expected a state dict, found a list")
    // The same long list is turned into a dictionary again and again.
    let pair: [UInt8] = [0x4E, 0x4E, 0x86]
    pickle = [0x80, 2, 0x28] + (0..<100_000).flatMap { _ in pair } + [0x6C, 0x85, 0x71, 0]
    pickle += global("collections", "OrderedDict") + [0x71, 1]
    for _ in 0..<1000 { pickle += [0x68, 1, 0x68, 0, 0x52, 0x30] }
    #expect(
      reason(archive(pickle + [0x4E, 0x2E]))
        == "expected a pickle of at most 2097152 instructions")
  }

  @Test(
    arguments: [
      (
        [0x8B, 0xFF, 0xFF, 0xFF, 0x7F],
        "expected 2147483647 more bytes of the pickle at byte 7, found 1"
      ),
      (
        [0x58, 0xFF, 0xFF, 0xFF, 0xFF],
        "expected 4294967295 more bytes of the pickle at byte 7, found 1"
      ),
      (
        [0x8D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        "expected 9223372036854775807 more bytes of the pickle at byte 11, found 1"
      ),
      (
        [0x96, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        "expected 9223372036854775807 more bytes of the pickle at byte 11, found 1"
      ),
      ([0x52], "expected 2 values on the stack, found fewer in the pickle before byte 3"),
      ([0x74], "expected a mark on the stack, found none in the pickle before byte 3"),
      (
        [0x28, 0x30, 0x30], "expected a value on the stack, found none in the pickle before byte 5"
      ),
      ([0x68, 9], "expected value 9 in the memo, found none in the pickle before byte 4"),
      ([0xFF], "expected an instruction of a pickle, found byte 255 in the pickle before byte 3"),
      (
        [0x82, 1], "expected an instruction of a pickle, found byte 130 in the pickle before byte 3"
      ),
      ([0x80, 9], "expected a pickle of protocol 5 at most, found 9 in the pickle before byte 4"),
      ([0x4E, 0x29, 0x52], "expected a function, found None in the pickle before byte 5"),
      (
        [0x5D, 0x4E, 0x4E, 0x73], "expected a dictionary, found a list in the pickle before byte 6"
      ),
      ([0x29, 0x51], "expected the name of a storage, found a list in the pickle before byte 4"),
      (
        [0x50, 0x30, 0x0A],
        "expected a pickle of protocol 2 or later, found one of protocol 0 "
          + "in the pickle before byte 3"
      ),
    ] as [([UInt8], String)])
  func `damaged pickles are refused`(pickle: [UInt8], expected: String) {
    #expect(reason(archive([0x80, 2] + pickle + [0x2E])) == expected)
  }

  @Test(arguments: [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("builtins", "eval"),
    ("builtins", "exec"), ("__builtin__", "getattr"), ("subprocess", "Popen"),
    ("torch.storage", "_load_from_bytes"), ("torch", "load"), ("torch", "nn.Storage"),
    ("torch.hub", "load"), ("numpy", "load"), ("numpy.testing._private.utils", "runstring"),
  ])
  func `functions are named, never run`(module: String, name: String) {
    let call = global(module, name) + text("echo") + [0x85, 0x52]
    #expect(
      reason(archive([0x80, 2] + call + [0x2E]))
        == "expected a state dict, found a pickled \"\(module).\(name)\", \(Self.instead)")
    let modern = text(module) + text(name) + [0x93] + text("echo") + [0x85, 0x81]
    #expect(
      reason(archive([0x80, 4] + modern + [0x2E]))
        == "expected a state dict, found a pickled \"\(module).\(name)\", \(Self.instead)")
    let older = [0x28] + text("echo") + Array("i\(module)\n\(name)\n".utf8)
    #expect(
      reason(archive([0x80, 2] + older + [0x2E]))
        == "expected a state dict, found a pickled \"\(module).\(name)\", \(Self.instead)")
  }

  @Test func `tensors within tensors nest no calls`() {
    let function = global("torch._tensor", "_rebuild_from_type_v2") + [0x71, 0]
    var pickle: [UInt8] = [0x80, 2] + function + [0x30, 0x29]
    for _ in 0..<100_000 {
      // (function, None, previous)
      pickle += [0x71, 1, 0x30, 0x68, 0, 0x4E, 0x68, 1, 0x87]
    }
    pickle += [0x71, 1, 0x30, 0x68, 0, 0x68, 1, 0x52, 0x2E]
    #expect(
      reason(archive(pickle))
        == "expected a state dict, found torch._tensor._rebuild_from_type_v2")
  }

  // MARK: Hostile archives

  @Test func `a deflated storage that is far larger than the file is refused`() {
    // A directory that claims 2 GiB.
    var entry = SyntheticZip.Entry("a/data/0", Data(count: 40))
    entry.method = 8
    entry.claimedSize = 1 << 31
    let pickle = SyntheticZip.Entry("a/data.pkl", Data(tensor(0, [1], [1])))
    #expect(
      reason(SyntheticZip([pickle, entry]).data)?
        .hasPrefix("expected at most 1678") == true)
  }

  @Test(arguments: [0, 1]) func `a changed byte is an error that names the file`(of damaged: Int) {
    var entries = [
      SyntheticZip.Entry("a/data.pkl", Data(tensor(0, [1], [1]))),
      SyntheticZip.Entry("a/data/0", Data([0, 0, 0x80, 0x3F])),
    ]
    #expect(reason(SyntheticZip(entries).data) == nil)
    let truth = crc32(of: entries[damaged].content)
    entries[damaged].claimedChecksum = truth ^ 1
    #expect(
      error(SyntheticZip(entries).data)?.description
        == "x/\(entries[damaged].name): expected content with the checksum "
        + "\(digits(truth ^ 1)), found \(digits(truth))")
    // As written after torch.serialization.set_crc32_options(False).
    entries[damaged].claimedChecksum = 0
    #expect(reason(SyntheticZip(entries).data) == nil)
  }

  @Test func `a tensor that is part of a storage is held against the whole storage's checksum`() {
    let pickle = SyntheticZip.Entry("a/data.pkl", Data(tensor(1, [1], [1], of: 2)))
    var storage = SyntheticZip.Entry("a/data/0", Data([0, 0, 0x80, 0x3F, 0, 0, 0, 0]))
    #expect(reason(SyntheticZip([pickle, storage]).data) == nil)
    storage.claimedChecksum = 1
    #expect(
      reason(SyntheticZip([pickle, storage]).data)
        == "expected content with the checksum 00000001, found \(digits(crc32(of: storage.content)))"
    )
  }

  private func digits(_ checksum: UInt32) -> String { String(format: "%08x", checksum) }

  @Test func `files of an archive that share bytes or a name are refused`() {
    let pickle = SyntheticZip.Entry("a/data.pkl", Data(tensor(0, [1], [1])))
    var entry = SyntheticZip.Entry("a/data/0", Data(count: 4))
    entry.claimedHeader = 10
    #expect(
      reason(SyntheticZip([pickle, entry]).data)
        == "files 'a/data.pkl' and 'a/data/0' overlap in the archive")
    #expect(
      reason(SyntheticZip([pickle, pickle]).data)
        == "the archive's directory lists 'a/data.pkl' twice")
  }

  @Test func `an archive without a pickle or a storage is refused`() {
    #expect(
      reason(SyntheticZip([.init("a/b", Data())]).data)
        == "expected a file data.pkl in the archive, found none")
    #expect(
      reason(SyntheticZip([.init("a/data.pkl", Data(tensor(0, [1], [1])))]).data)
        == "no such file in the archive")
  }

  @Test func `storages with their highest byte first are refused`() {
    let files = [
      SyntheticZip.Entry("a/data.pkl", Data(tensor(0, [1], [1]))),
      SyntheticZip.Entry("a/data/0", Data(count: 4)),
      SyntheticZip.Entry("a/byteorder", Data("big".utf8)),
    ]
    #expect(
      reason(SyntheticZip(files).data) == "expected little-endian storages, found \"big\"")
  }
}
