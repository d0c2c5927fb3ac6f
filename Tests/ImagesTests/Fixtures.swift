import Files
import Foundation
import Images
import TestSupport

/// The path of a file in `Fixtures`, created by `make.py`.
func fixture(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
}

/// Runs `body` with a path that no other test uses; the file is removed afterwards.
func withTemporaryFile<R>(_ name: String, _ body: (String) throws -> R) throws -> R {
  try withTemporaryFolder { try body("\($0)/\(name)") }
}

/// The largest difference between the bytes of two pictures of the same size.
func largestDifference(_ a: Image, _ b: Image) -> Int {
  guard a.width == b.width, a.height == b.height else { return .max }
  return zip(a.pixels, b.pixels).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
}

/// Pseudorandom numbers that are the same every time.
struct Noise: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
  }
}
