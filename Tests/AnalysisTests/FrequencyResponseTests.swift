import Analysis
import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Frequency responses` {
  @Test(arguments: [(1, 1), (2, 1), (9, 1), (16, 3), (31, 2)])
  func `are those of a slow restatement`(taps: Int, dilation: Int) {
    let filter = Tensor.random([taps], seed: taps).elements
    let response = FrequencyResponse(of: filter, dilation: dilation, count: 33)
    #expect(response.frequencies.first == 0 && response.frequencies.last == 0.5)
    // The filter itself, with zeros between its taps, against waves of each frequency.
    var samples = [Double](repeating: 0, count: (taps - 1) * dilation + 1)
    for (place, tap) in filter.enumerated() { samples[place * dilation] = Double(tap) }
    let expected = response.frequencies.map { frequency in
      var (real, imaginary) = (0.0, 0.0)
      for (place, sample) in samples.enumerated() {
        real += sample * cos(2 * .pi * frequency * Double(place))
        imaginary += sample * sin(2 * .pi * frequency * Double(place))
      }
      return (real * real + imaginary * imaginary).squareRoot()
    }
    expectClose(response.magnitudes.map { Float($0) }, expected, relative: 1e-5, absolute: 1e-5)
  }

  @Test func `of known filters are known`() {
    // A single tap passes everything.
    #expect(
      FrequencyResponse(of: [0, -2, 0]).magnitudes.allSatisfy { abs($0 - 2) < 1e-12 })
    // A mean of five is a Dirichlet kernel, zero at a fifth of the sampling rate.
    let mean = FrequencyResponse(of: [Float](repeating: 0.2, count: 5), count: 101)
    #expect(abs(mean.magnitudes[0] - 1) < 1e-6 && mean.peak == 0)
    #expect(mean.magnitudes[40] < 1e-6)
    // Alternating signs answer best to half the sampling rate, a difference not at all to 0.
    let alternating = FrequencyResponse(of: [1, -1, 1, -1])
    #expect(alternating.peak == 0.5 && alternating.magnitudes[0] < 1e-12)
    // Taps two samples apart cannot tell 0 from half the sampling rate.
    let dilated = FrequencyResponse(of: [1, 1, 1], dilation: 2)
    #expect(abs(dilated.magnitudes[0] - 3) < 1e-9)
    #expect(abs((dilated.magnitudes.last ?? 0) - 3) < 1e-9)
  }

  @Test func `of nothing have no peak`() {
    #expect(FrequencyResponse(of: [0, 0]).peak == nil)
    #expect(FrequencyResponse(of: [1, .nan]).peak == nil)
    #expect(FrequencyResponse(of: []).magnitudes.allSatisfy { $0 == 0 })
  }

  @Test func `are found of layers that read series`() throws {
    var sketch = NetworkSketch([2, 40], seed: 1)
    let dilated = Convolution(
      window: [5],
      moves: WindowGeometry(stride: [1], dilation: [2], paddingBefore: [4], paddingAfter: [4]))
    try sketch.convolution("conv1", filters: 3, dilated)
    try sketch.add("relu1", Activation.relu)
    try sketch.convolution("conv2", filters: 4, dilated)
    let network = try sketch.network()
    let first = try FilterAnalysis().run(on: network, layer: "conv1")
    #expect(first.isFirst && first.dilation == [2] && !first.isColour)
    #expect(first.filters.shape == [3, 2, 5])
    let responses = try #require(first.frequencyResponses(of: [2, 0]))
    let taps = first.filters.rows(2..<3).elements
    #expect(responses.map(\.count) == [2, 2])
    #expect(responses[0][1] == FrequencyResponse(of: Array(taps[5...]), dilation: 2))
    let second = try FilterAnalysis().run(on: network, layer: "conv2")
    #expect(!second.isFirst && second.frequencyResponses(of: [0]) == nil)
  }
}
