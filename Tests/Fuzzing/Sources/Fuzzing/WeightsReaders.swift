import Checkpoints
import Files
import Foundation
import TensorCore

/// Readers of weights, of checkpoints by whatever format their bytes show, and of class names.
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
    let file = try PyTorchFile(FileBytes(data, path: "fuzzed.pth"))
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
