internal import Foundation

extension SeededGenerator {
  /// A sample from the standard normal distribution (Box and Muller, 1958).
  public mutating func normal() -> Float {
    let radius = (-2 * Foundation.log(1 - uniform(0...0x1.fffffffffffffp-1))).squareRoot()
    return Float(radius * Foundation.cos(2 * Double.pi * uniform(0...1)))
  }
}
