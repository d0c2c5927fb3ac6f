import Datasets
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct `Arrays in parts` {
  private let values = (0..<24).map { Float($0) / 7 - 1 }

  private func elements(_ dataset: any Dataset, _ index: Int) throws -> [Float] {
    guard case .array(let array) = try dataset.example(at: index).content else { return [] }
    return array.elements
  }

  @Test func `arrays that are not packed are read one picture at a time`() throws {
    try withTemporaryFolder { folder in
      // Less than one of the pictures needs.
      let memory = MemoryBudget(bytes: 40)
      try write(npy([2, 3, 2, 2], values), folder + "/a.npy")
      try write(zip([("images.npy", npy([2, 3, 2, 2], values))]), folder + "/a.npz")
      for name in ["a.npy", "a.npz"] {
        let dataset = try openDataset("\(folder)/\(name)", memory: memory)
        #expect(dataset.heldBytes == 0)
        #expect(try elements(dataset, 1) == Array(values[12...]))
        #expect(try elements(dataset, 0) == Array(values[..<12]))
      }
    }
  }

  @Test func `arrays that unpack to more than the memory are refused, with their size`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      try write(storedGzip(npy([2, 3, 2, 2], values)), path)
      #expect(
        errorText { try openDataset(path, memory: MemoryBudget(bytes: 95)) }
          == "\(path): unpacking [2, 3, 2, 2] values would need 96 bytes of memory, more than the "
          + "limit of 95 bytes; an uncompressed archive is read in parts")
    }
  }

  @Test func `a damaged archive is an error although it is read in parts`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npz"
      var archive = zip([("images.npy", npy([2, 3, 2, 2], values))])
      archive[200] ^= 1
      try write(archive, path)
      let found = errorText { try openDataset(path) } ?? "none"
      #expect(found.hasPrefix("\(path)/images.npy: expected content with the checksum "))
    }
  }
}
