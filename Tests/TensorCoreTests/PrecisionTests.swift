import TensorCore
import TestSupport
import Testing

@Suite struct `Numbers stored as bfloat16` {
  /// By its definition: the closest of the two neighbours with 8 significant bits, of which the one
  /// with an even last bit is taken if both are as close.
  private func slow(_ value: Float) -> Float {
    guard value.isFinite, value != 0 else { return value }
    let spacing = Float(sign: .plus, exponent: max(value.exponent, -126) - 7, significand: 1)
    let steps = Double(value) / Double(spacing)
    return Float(steps.rounded(.toNearestOrEven) * Double(spacing))
  }

  @Test func `are the nearest`() {
    var generator = SeededGenerator(seed: 1)
    var values: [Float] = [
      0, -0.0, 1, 1.00390625, 1.01171875, -1.00390626, 3.3895314e38, 0x1p-126, 0x1p-130, 0x1p-134,
      .infinity, -.infinity, .leastNonzeroMagnitude,
    ]
    for _ in 0..<2000 {
      let exponent = Int(generator.uniform() * 250) - 125
      values.append(
        Float(sign: .plus, exponent: exponent, significand: generator.uniform() * 4 - 2))
    }
    let tensor = Tensor(shape: [values.count], values)
    let rounded = tensor.converted(to: .bfloat16)
    #expect(rounded.precision == .bfloat16 && tensor.precision == .float32)
    #expect(rounded.elements == values.map(slow))
    // Nothing is left to round.
    #expect(rounded.converted(to: .float32).converted(to: .bfloat16).elements == rounded.elements)
  }

  @Test func `become infinite beyond the largest, and stay NaN`() {
    let most = Float.greatestFiniteMagnitude
    let quiet = Float(bitPattern: 0x7F80_0001)
    let rounded = Tensor(shape: [4], [most, -most, .nan, quiet]).converted(to: .bfloat16)
    #expect(rounded.elements[0] == .infinity && rounded.elements[1] == -.infinity)
    #expect(rounded.elements[2].isNaN && rounded.elements[3].isNaN)
    #expect(!rounded.isFinite && rounded.nonFiniteCount == 4)
  }

  @Test func `are read, copied and changed like others`() {
    let rounded = Tensor.random([3, 4, 5, 2], seed: 3).converted(to: .bfloat16)
    let values = rounded.elements
    var changed = rounded
    changed.withUnsafeMutableElements { $0[7] = 0.123456 }
    #expect(rounded.elements == values)
    // What is written keeps its digits.
    #expect(changed.elements[7] == 0.123456 && changed.precision == .float32)
    #expect(rounded.arranged(as: .channelsLast).elements == values)
    #expect(rounded.reshaped(to: [12, 10]).elements == values)
    #expect(rounded.rows(1..<2).elements == Array(values[40..<80]))
    #expect(Tensor(concatenatingRows: [rounded, rounded]).elements == values + values)
    #expect(Tensor(shape: [0], []).converted(to: .bfloat16).elements == [])
  }

  @Test func `of many elements are converted on all cores`() {
    let many = Tensor.random([300_001], seed: 4)
    let rounded = many.converted(to: .bfloat16)
    expectClose(rounded.elements, many.elements.map(Double.init), relative: 0x1p-8)
    #expect(rounded.elements == many.elements.map(slow))
  }
}
