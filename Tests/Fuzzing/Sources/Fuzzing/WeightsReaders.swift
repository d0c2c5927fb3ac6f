import Checkpoints
import Files
import Foundation
import TensorCore

/// Readers of weights, of checkpoints in any format detected by their bytes, and of class names.
let weightsReaders: [String: @Sendable (Data) throws(FileError) -> Void] = [
  "checkpoint": { data throws(FileError) in
    _ = try Checkpoint.load(FileBytes(data, path: "fuzzed.safetensors"))
  },
  "class-names": { data throws(FileError) in
    for name in ["fuzzed.txt", "fuzzed.csv", "fuzzed.json"] {
      _ = try readClassNames(FileBytes(data, path: name))
    }
  },
  "pytorch": { data throws(FileError) in
    let file = try PyTorchFile(FileBytes(withoutChecksums(data), path: "fuzzed.pth"))
    for entry in file.entries { _ = try file.tensor(entry.name) }
  },
  "safetensors": { data throws(FileError) in
    let file = try SafeTensorsFile(FileBytes(data, path: "fuzzed.safetensors"))
    for entry in file.entries { _ = try file.tensor(entry.name) }
  },
  "safetensors-index": { data throws(FileError) in
    _ = try ShardedSafeTensors(FileBytes(data, path: "fuzzed.safetensors.index.json"))
  },
]

/// A zip archive as PyTorch writes it when told to omit the checksums: otherwise, nearly every
/// damaged file would be rejected because of them before anything else is read.
private func withoutChecksums(_ data: Data) -> Data {
  var data = data
  var start = data.startIndex
  while let entry = data[start...].firstRange(of: Data("PK\u{1}\u{2}".utf8)) {
    let checksum = (entry.lowerBound + 16)..<(entry.lowerBound + 20)
    if checksum.upperBound <= data.endIndex {
      data.replaceSubrange(checksum, with: Data(count: 4))
    }
    start = entry.upperBound
  }
  return data
}
