import Analysis
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct `Gabor functions` {
  /// A filter `[C, R, S]`: a Gabor function with a weight for each channel, and noise.
  private func filter(
    _ function: GaborFunction, height: Int = 11, width: Int = 11, weights: [Double] = [1],
    noise: Double = 0, seed: Int = 0
  ) -> Tensor {
    let values = function.values(height: height, width: width)
    let scale = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    var generator = SeededGenerator(seed: UInt64(seed), path: 0x6AB)
    return Tensor(
      shape: [weights.count, height, width],
      weights.flatMap { weight in
        values.map { Float(weight * $0 + noise * scale * Double(generator.normal())) }
      })
  }

  /// The difference of two angles in degrees that mean the same after a half turn.
  private func apart(_ first: Double, _ second: Double) -> Double {
    abs((first - second).remainder(dividingBy: 180))
  }

  // MARK: Conventions

  @Test func `have their formula's values`() {
    let function = GaborFunction(
      x: 0.5, y: -1, theta: 0.7, frequency: 0.2, sigma: 2, gamma: 0.6, phase: 1.1)
    let values = function.values(height: 4, width: 5)
    #expect(values.count == 20)
    for row in 0..<4 {
      for column in 0..<5 {
        let (x, y) = (Double(column) - 2 - 0.5, Double(row) - 1.5 + 1)
        let a = x * cos(0.7) + y * sin(0.7)
        let b = -x * sin(0.7) + y * cos(0.7)
        let value = exp(-(a * a + 0.36 * b * b) / 8) * cos(2 * .pi * a / 5 + 1.1)
        #expect(abs(values[row * 5 + column] - value) < 1e-12)
      }
    }
  }

  @Test func `are those of handcrafted kernels, with angles in radians`() {
    for theta in [0.0, 30, 135] {
      let kernel = HandcraftedKernel.gabor(
        .init(theta: theta, lambda: 5, sigma: 2, gamma: 0.7, psi: 40), size: (9, 9))
      let function = GaborFunction(
        theta: theta * .pi / 180, frequency: 0.2, sigma: 2, gamma: 0.7, phase: 40 * .pi / 180)
      let values = function.values(height: 9, width: 9)
      for (weight, value) in zip(kernel.weights.elements, values) {
        #expect(abs(Double(weight) - value) < 1e-6)
      }
    }
  }

  @Test func `have the orientation of their stripes, anticlockwise as one sees it`() throws {
    /// The values at a window's middle and at a place one step away, for an even wave.
    func change(_ theta: Double, right: Int, down: Int) -> Double {
      let values = GaborFunction(theta: theta, frequency: 0.25, sigma: 100)
        .values(height: 5, width: 5)
      return abs(values[12] - values[(2 + down) * 5 + 2 + right])
    }
    // Along its stripes a wave does not change.
    #expect(GaborFunction(theta: 0, frequency: 0.25, sigma: 2).orientation == 90)
    #expect(change(0, right: 0, down: 1) < 1e-3 && change(0, right: 1, down: 0) > 0.5)
    #expect(GaborFunction(theta: .pi / 2, frequency: 0.25, sigma: 2).orientation == 0)
    #expect(change(.pi / 2, right: 1, down: 0) < 1e-3 && change(.pi / 2, right: 0, down: 1) > 0.5)
    // A wave towards the lower right has stripes that rise to the right.
    let rising = GaborFunction(theta: .pi / 4, frequency: 0.25, sigma: 2)
    #expect(abs(rising.orientation - 45) < 1e-9)
    #expect(change(.pi / 4, right: 1, down: -1) < 1e-3)
    #expect(change(.pi / 4, right: 1, down: 1) > 0.5)
    let falling = GaborFunction(theta: 3 * .pi / 4, frequency: 0.25, sigma: 2)
    #expect(abs(falling.orientation - 135) < 1e-9)
    // The same after half a turn.
    let turned = GaborFunction(theta: 5 * .pi / 4, frequency: 0.25, sigma: 2)
    #expect(apart(turned.orientation, 45) < 1e-9)
    for theta in [-7.0, -.pi, 0, .pi / 2, .pi, 100] {
      let orientation = GaborFunction(theta: theta, frequency: 0.25, sigma: 2).orientation
      #expect((0..<180).contains(orientation))
    }
  }

  @Test func `kernels say the orientation of their stripes`() {
    for (theta, text) in [
      (0.0, "90°"), (22.5, "67.5°"), (45, "45°"), (90, "0°"), (112.5, "157.5°"), (135, "135°"),
    ] {
      let kernel = HandcraftedKernel.gabor(.init(theta: theta, lambda: 5, sigma: 2), size: (9, 9))
      #expect(kernel.orientedLabel == "Gabor, \(text), λ 5")
      #expect(kernel.label.hasPrefix("Gabor, θ "))
    }
    #expect(HandcraftedKernel.sobel(theta: 45).orientedLabel == "Sobel, 45°")
    #expect(HandcraftedKernel.sobelX.orientedLabel == "Sobel, x")
    #expect(HandcraftedKernel.box(rows: 3, columns: 3).orientedLabel == "box 3×3")
  }

  @Test(arguments: [7, 9, 11]) func `do not explain a spot in a corner or at an edge`(
    side: Int
  ) throws {
    for (row, column) in [(0, 0), (0, side / 2), (side - 1, side - 1), (side / 2, 0)] {
      var values = [Float](repeating: 0, count: side * side)
      values[row * side + column] = 1
      let fit = try #require(GaborFit(to: Tensor(shape: [1, side, side], values)))
      #expect(fit.share < 0.45, "\(row), \(column): \(fit.share)")
      let function = fit.function
      let quarter = 0.25 * Double(side) + 1e-9
      #expect(abs(function.x) <= quarter && abs(function.y) <= quarter)
      #expect(
        min(function.sigma, function.sigma / function.gamma) > GaborFit.leastDeviation - 1e-9)
    }
  }

  @Test func `respond most to their own frequency if they hold several stripes`() {
    let striped = GaborFunction(theta: 0.4, frequency: 0.21, sigma: 4)
    #expect(abs(striped.preferredFrequency(height: 31, width: 31) - 0.21) < 0.005)
    // An odd one of less than a stripe is the derivative of a Gaussian, of which the spectrum is
    // greatest at 1/2πσ.
    let edge = GaborFunction(theta: 0.4, frequency: 0.02, sigma: 2, phase: .pi / 2)
    #expect(abs(edge.preferredFrequency(height: 31, width: 31) - 1 / (4 * .pi)) < 0.01)
    let blob = GaborFunction(theta: 0.4, frequency: 0.02, sigma: 2)
    #expect(blob.preferredFrequency(height: 31, width: 31) == 0)
  }

  // MARK: Fits

  @Test(.slow, arguments: 0..<24)
  func `are found again from their values, with noise`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed), path: 1)
    let frequency = generator.uniform(0.12...0.3)
    let function = GaborFunction(
      x: generator.uniform(-1.5...1.5), y: generator.uniform(-1.5...1.5),
      theta: generator.uniform(0...(.pi)), frequency: frequency,
      // From one stripe to a few.
      sigma: generator.uniform(0.35...0.6) / frequency, gamma: generator.uniform(0.7...1.4),
      phase: generator.uniform((-.pi)...(.pi)))
    for noise in [0.0, 0.1] {
      let fit = try #require(
        GaborFit(to: filter(function, height: 13, width: 13, noise: noise, seed: seed)))
      let found = fit.function
      // Noise of a tenth holds a hundredth of the sum of squares.
      #expect(fit.share > (noise == 0 ? 1 - 1e-6 : 0.97))
      let slack = noise == 0 ? 0.02 : 1
      #expect(apart(found.orientation, function.orientation) < 4 * slack)
      #expect(abs(found.frequency - frequency) < 0.02 * slack)
      #expect(abs(found.x - function.x) < 0.4 * slack && abs(found.y - function.y) < 0.4 * slack)
      #expect(abs(found.sigma / function.sigma - 1) < 0.2 * slack)
      #expect(abs(found.gamma / function.gamma - 1) < 0.3 * slack)
      if noise == 0 {
        // All of it, with its sign: the values are the same.
        let values = found.values(height: 13, width: 13).map { $0 * fit.weights[0] }
        let own = function.values(height: 13, width: 13)
        let norm = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for (value, expected) in zip(values, own) {
          #expect(abs(value * norm - expected) < 2e-3)
        }
      }
      #expect((0..<Double.pi).contains(found.theta))
      #expect(found.phase > -.pi && found.phase <= .pi)
    }
  }

  @Test(.slow, arguments: 0..<12)
  func `never explain less than they start with, and never more than all`(seed: Int) throws {
    for extents in [[1, 5, 5], [3, 7, 7], [4, 6, 9], [3, 11, 11], [2, 3, 3], [1, 1, 8]] {
      let noise = Tensor.random(Shape(extents), seed: seed)
      let fit = try #require(GaborFit(to: noise))
      #expect(fit.share >= fit.startShare && fit.startShare > 0 && fit.share <= 1)
      let function = fit.function
      let (height, width) = (extents[1], extents[2])
      #expect(abs(function.x) <= 0.25 * Double(width) && abs(function.y) <= 0.25 * Double(height))
      #expect(function.frequency <= 0.5)
      let slowest = 0.5 / Double(max(height, width))
      #expect(function.frequency == 0 || function.frequency >= slowest - 1e-12)
      #expect(function.sigma > 0.79 && function.sigma < 2.01 * Double(max(height, width)))
      // The share is that of the weights: what remains has the rest of the sum of squares.
      let values = function.values(height: height, width: width)
      let norm = Double(noise.norm)
      var rest = 0.0
      for (index, weight) in noise.elements.enumerated() {
        let own = fit.weights[index / values.count] * values[index % values.count]
        rest += (Double(weight) / norm - own) * (Double(weight) / norm - own)
      }
      #expect(abs(1 - rest - fit.share) < 1e-5)
      #expect(fit.weights.max { abs($0) < abs($1) }.map { $0 >= 0 } == true)
      // Nothing is random.
      #expect(GaborFit(to: noise) == fit)
    }
  }

  /// A search over a grid of all parameters with the best two weights (of the cosine and the sine),
  /// which no fit may fall far short of.
  @Test(arguments: 0..<4)
  func `explain as much as the best of thousands of functions`(seed: Int) throws {
    let (side, noise) = (7, Tensor.random([1, 7, 7], seed: 100 + seed))
    let fit = try #require(GaborFit(to: noise))
    let own = noise.elements.map(Double.init)
    let total = own.reduce(0) { $0 + $1 * $1 }
    var best = 0.0
    for x in stride(from: -1.5, through: 1.5, by: 0.5) {
      for y in stride(from: -1.5, through: 1.5, by: 0.5) {
        for angle in stride(from: 0.0, to: 180, by: 22.5) {
          for frequency in [0.08, 0.17, 0.26, 0.35, 0.44] {
            for sigma in [0.8, 1.5, 3] {
              for phase in stride(from: 0.0, to: 180, by: 45) {
                let values = GaborFunction(
                  x: x, y: y, theta: angle * .pi / 180, frequency: frequency, sigma: sigma,
                  phase: phase * .pi / 180
                ).values(height: side, width: side)
                var (product, square) = (0.0, 0.0)
                for (value, weight) in zip(values, own) {
                  product += value * weight
                  square += value * value
                }
                if square > 1e-9 { best = max(best, product * product / square / total) }
              }
            }
          }
        }
      }
    }
    #expect(fit.share > best - 0.02, "\(fit.share) of \(best)")
  }

  @Test func `have a weight for each channel`() throws {
    let function = GaborFunction(theta: 0.5, frequency: 0.2, sigma: 2.5, phase: 0.4)
    for weights in [[0.2, -0.9, 0.4], [1.0, 1, 1, 1], [0.0, 0, -2]] {
      let fit = try #require(GaborFit(to: filter(function, weights: weights)))
      #expect(fit.share > 1 - 1e-6)
      let scale = fit.weights.map { $0 * $0 }.reduce(0, +).squareRoot()
      let norm = weights.map { $0 * $0 }.reduce(0, +).squareRoot()
      // Up to one sign for all: the greatest is positive.
      let sign = (weights.max { abs($0) < abs($1) } ?? 0) < 0 ? -1.0 : 1
      for (found, expected) in zip(fit.weights, weights) {
        #expect(abs(found / scale - sign * expected / norm) < 1e-3)
      }
    }
  }

  @Test func `of sums of two patterns hold one of them`() throws {
    // Two colours with patterns at right angles: no product of pattern and colour holds both.
    let first = filter(
      GaborFunction(theta: 0, frequency: 0.2, sigma: 2.5), weights: [1, 0, 0])
    let second = filter(
      GaborFunction(theta: .pi / 2, frequency: 0.2, sigma: 2.5), weights: [0, 0.8, 0])
    let sum = first + second
    let fit = try #require(GaborFit(to: sum))
    #expect(abs(fit.share - 1 / 1.64) < 0.01)
    let color = try #require(FilterColor(of: sum))
    #expect(fit.share <= color.productShare + 1e-9)
  }

  @Test func `of filters without numbers are none`() {
    #expect(GaborFit(to: Tensor(shape: [3, 7, 7], repeating: 0)) == nil)
    for bad in [Float.nan, .infinity, -.infinity] {
      var values = [Float](repeating: 1, count: 49)
      values[20] = bad
      #expect(GaborFit(to: Tensor(shape: [1, 7, 7], values)) == nil)
    }
    #expect(GaborFit(to: Tensor(shape: [3, 1, 1], [1, 2, 3])) == nil)
  }

  @Test func `of constant filters and blobs are Gaussians`() throws {
    let fit = try #require(GaborFit(to: Tensor(shape: [1, 7, 7], repeating: 0.3)))
    #expect(fit.share > 0.99 && fit.preferredFrequency == 0 && fit.function.frequency == 0)
    let blob = GaborFunction(x: 1, y: -0.5, theta: 0.3, frequency: 0, sigma: 1.5, gamma: 0.8)
    for weight in [1.0, -1] {
      let found = try #require(GaborFit(to: filter(blob, height: 9, width: 9, weights: [weight])))
      #expect(found.share > 1 - 1e-6 && found.preferredFrequency == 0)
      #expect(abs(found.function.x - 1) < 0.02 && abs(found.function.y + 0.5) < 0.02)
      // The sign is in the phase.
      #expect((abs(found.function.phase) < 1e-9) == (weight > 0))
      let values = found.function.values(height: 9, width: 9)
      #expect((values[4 * 9 + 5] < 0) == (weight < 0))
    }
  }

  @Test(arguments: [Float.leastNonzeroMagnitude, 1e-38, 1e-20, 1e20, 3e38])
  func `do not depend on the scale of filters`(scale: Float) throws {
    let signs = (0..<49).map { Float($0 % 7 < 3 ? scale : -scale) }
    let fit = try #require(GaborFit(to: Tensor(shape: [1, 7, 7], signs)))
    let unit = try #require(
      GaborFit(to: Tensor(shape: [1, 7, 7], signs.map { $0 > 0 ? 1 : -1 })))
    #expect(abs(fit.share - unit.share) < 1e-6)
  }
}
