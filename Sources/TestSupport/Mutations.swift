public import Foundation
internal import TensorCore

/// Damaged copies of a file, the same for the same seed: bytes changed to values that often break
/// readers, parts removed or duplicated, the end truncated.
public struct Mutations {
  private var generator: SeededGenerator

  public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  public mutating func changed(_ file: Data) -> Data {
    var bytes = [UInt8](file)
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes.removeSubrange(place...)
      case 1:
        bytes.removeSubrange(place..<min(place + 1 + place % 9, bytes.count))
      case 2: bytes.insert(contentsOf: bytes[place..<min(place + 8, bytes.count)], at: place)
      case 3: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      default:
        let interesting: [UInt8] = [
          0, 1, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &generator),
        ]
        for target in place..<min(place + [1, 1, 2, 4][place % 4], bytes.count) {
          bytes[target] = interesting.randomElement(using: &generator) ?? 0
        }
      }
    }
    return Data(bytes)
  }
}
