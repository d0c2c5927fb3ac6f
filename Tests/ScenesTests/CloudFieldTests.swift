import Foundation
import Images
import Scenes
import Testing

@Suite struct `Clouds` {
  @Test func `amplitude falls with the reciprocal of the frequency`() {
    let side = 128
    var amplitudes: [Double] = Array(repeating: 0, count: 5)
    for seed in 1...6 as ClosedRange<UInt32> {
      let field = CloudField(side: side, seed: seed)
      for values in [field.first, field.second] { add(spectrum(of: values.map(Double.init), side)) }
    }
    func add(_ spectrum: [Double]) {
      for i in amplitudes.indices { amplitudes[i] += spectrum[i] }
    }
    let slope = slope(of: amplitudes)
    #expect((-1.12 ... -0.88).contains(slope), "\(slope)")
  }

  @Test func `the picture keeps that spectrum`() throws {
    let side = 128
    var amplitudes: [Double] = Array(repeating: 0, count: 5)
    for seed in 1...6 as ClosedRange<UInt32> {
      var scene = backgroundOnly(SceneFactors(.mug))
      scene.background = .clouds
      scene.backgroundSeed = seed
      let image = try renderScene(scene, width: side, height: side)
      let spectrum = spectrum(of: (0..<side * side).map { luma(image, $0) }, side)
      for i in amplitudes.indices { amplitudes[i] += spectrum[i] }
    }
    let slope = slope(of: amplitudes)
    #expect((-1.3 ... -0.7).contains(slope), "\(slope)")
  }

  @Test func `has mean 0 and deviation about 1`() {
    for seed in 1...8 as ClosedRange<UInt32> {
      let field = CloudField(side: 64, seed: seed)
      for values in [field.first, field.second] {
        let mean = values.reduce(0, +) / Float(values.count)
        let square = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
        #expect(abs(mean) < 1e-4)
        #expect((0.5...1.6).contains(square.squareRoot()), "\(square.squareRoot())")
      }
    }
  }

  @Test func `a finer field has the same coarse structure`() {
    let coarse = spectrum(of: CloudField(side: 32, seed: 7).first.map(Double.init), 32)
    let fine = spectrum(of: CloudField(side: 128, seed: 7).first.map(Double.init), 128)
    for i in 0..<3 { #expect(abs(coarse[i] / fine[i] - 1) < 1e-3) }
  }

  /// The mean amplitude at the frequencies 2, 4, 8, … over eight directions, by slow sums.
  private func spectrum(of values: [Double], _ side: Int) -> [Double] {
    (1...5).map { octave in
      let f = Double(1 << octave)
      var amplitude = 0.0
      for direction in 0..<8 {
        let angle = Double(direction) * .pi / 8
        let (u, v) = ((f * cos(angle)).rounded(), (f * sin(angle)).rounded())
        var (re, im) = (0.0, 0.0)
        for y in 0..<side {
          for x in 0..<side {
            let phase = 2 * Double.pi * (u * Double(x) + v * Double(y)) / Double(side)
            re += values[y * side + x] * cos(phase)
            im += values[y * side + x] * sin(phase)
          }
        }
        amplitude += (re * re + im * im).squareRoot() / Double(side * side)
      }
      return amplitude / 8
    }
  }

  /// The slope of the line through log₂ amplitude over log₂ frequency.
  private func slope(of amplitudes: [Double]) -> Double {
    let points = amplitudes.enumerated().map { (Double($0), log2($1)) }
    let meanX = points.reduce(0) { $0 + $1.0 } / Double(points.count)
    let meanY = points.reduce(0) { $0 + $1.1 } / Double(points.count)
    let covariance = points.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    return covariance / points.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
  }
}
