package import Checkpoints
internal import Datasets
package import Files
internal import Foundation
internal import TensorCore

extension CheckpointOptions {
  /// What `--constant` gives the inputs that take no pictures, by their names.
  ///
  /// - Throws: `UsageError` for an option that is no such pair; `FileError` for a bad array.
  package func inputConstants(memory: MemoryBudget) throws -> [String: InputConstant] {
    var found: [String: InputConstant] = [:]
    for text in constants {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw UsageError("--constant: expected NAME=VALUE or NAME=FILE, found '\(text)'")
      }
      guard
        found.updateValue(try constant(parts[1], for: parts[0], memory), forKey: parts[0]) == nil
      else { throw UsageError("--constant: expected '\(parts[0])' once, found it twice") }
    }
    return found
  }

  private func constant(
    _ text: String, for name: String, _ memory: MemoryBudget
  ) throws -> InputConstant {
    if let number = Float(text) {
      guard number.isFinite else {
        throw UsageError("--constant: expected a finite number for '\(name)', found '\(text)'")
      }
      return .number(number)
    }
    guard text.hasSuffix(".safetensors") else {
      return .array(
        try readArray(in: text, named: name, memory: memory), source: baseNameWithExtension(text))
    }
    let file = try SafeTensorsFile(text)
    guard let entry = file.entries.first(where: { $0.name == name }) ?? file.entries.first,
      entry.name == name || file.entries.count == 1
    else {
      throw FileError(
        .malformed, text,
        "expected a tensor '\(name)', or a single one, found \(file.entries.count)")
    }
    return .array(try file.tensor(entry.name), source: baseNameWithExtension(text))
  }
}

extension InputConstant {
  /// What tells whether it is still the same: the number, or a fingerprint of the array.
  var fact: String {
    switch self {
    case .number(let value): "\(value)"
    case .array(let array, _):
      "\(array.shape) \(fingerprint(of: array.elements.withUnsafeBytes { Data($0) }))"
    }
  }
}
