import Analysis
import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Learned beside handcrafted filters` {
  private func network(_ filters: Tensor, input: [Int]? = nil) throws -> Network {
    let shape = input ?? [filters.shape[1], 32, 32]
    var sketch = NetworkSketch(Shape(shape), seed: 1)
    try sketch.add(
      "conv",
      Convolution(window: [filters.shape[2], filters.shape[3]], moves: WindowGeometry()),
      parameters: [("w", filters)])
    try sketch.add("relu", Activation.relu)
    try sketch.convolution("deep", filters: 2, Convolution(3))
    return try sketch.network()
  }

  private func run(_ filters: Tensor, units: [Int] = []) throws -> HandcraftedFinding {
    try HandcraftedAnalysis(seed: 3).run(on: network(filters), layer: "conv", units: units)
  }

  // MARK: Matches

  @Test(arguments: [2, 3, 4, 5, 7, 8, 11])
  func `kernels of the bank are their own match`(side: Int) throws {
    let matching = HandcraftedMatching(height: side, width: side)
    #expect(matching.bank.count >= 5)
    for (index, kernel) in matching.bank.enumerated() {
      for factor in [Float(2), -0.3] {
        let filter = (kernel.weights * factor).reshaped(to: [1, side, side])
        let match = try #require(matching.match(of: filter))
        #expect(abs(match.share - 1) < 1e-6)
        #expect(match.kernel == index, "\(kernel.name) is \(matching.bank[match.kernel].name)")
        #expect(match.rowShift == 0 && match.columnShift == 0)
        #expect((match.correlation < 0) == (factor < 0))
        // The weight is of the kernel as it is, for the filter with a norm of 1.
        let norm = Double(filter.norm)
        #expect(abs(match.weights[0] * norm - Double(factor)) < 1e-5)
      }
    }
  }

  @Test func `kernels are found where they are`() throws {
    let side = 11
    let bank = HandcraftedKernel.bank(side: side)
    let index = try #require(bank.firstIndex { $0.name.hasPrefix("laplacian:") })
    let weights = bank[index].weights.elements
    let matching = HandcraftedMatching(height: side, width: side)
    for (down, right) in [(2, -1), (0, 1), (-2, -2)] {
      var moved = [Float](repeating: 0, count: side * side)
      for row in 0..<side {
        for column in 0..<side {
          let (from, other) = (row - down, column - right)
          guard (0..<side).contains(from), (0..<side).contains(other) else { continue }
          moved[row * side + column] = weights[from * side + other]
        }
      }
      let match = try #require(matching.match(of: Tensor(shape: [1, side, side], moved)))
      #expect(match.kernel == index && match.rowShift == down && match.columnShift == right)
      #expect(abs(match.correlation - 1) < 1e-6)
    }
  }

  /// The definition, in loops: the best of all kernels and shifts, by the cosine with the kernel
  /// times the best weight for each channel.
  @Test(arguments: [[1, 5, 5], [3, 5, 5], [4, 7, 7], [2, 3, 3]])
  func `are the nearest by the cosine`(extents: [Int]) throws {
    let filter = Tensor.random(Shape(extents), seed: extents[0])
    let (count, side) = (extents[0], extents[1])
    let shift = side / 5
    let values = filter.elements.map(Double.init)
    let total = values.reduce(0) { $0 + $1 * $1 }
    var best = 0.0
    for kernel in HandcraftedKernel.bank(side: side) {
      let weights = kernel.weights.elements.map(Double.init)
      let whole = weights.reduce(0) { $0 + $1 * $1 }
      for down in -shift...shift {
        for right in -shift...shift {
          var (square, products) = (0.0, [Double](repeating: 0, count: count))
          for row in 0..<side {
            for column in 0..<side {
              let (from, other) = (row - down, column - right)
              guard (0..<side).contains(from), (0..<side).contains(other) else { continue }
              let weight = weights[from * side + other]
              square += weight * weight
              for channel in 0..<count {
                products[channel] += weight * values[(channel * side + row) * side + column]
              }
            }
          }
          guard square >= 0.75 * whole else { continue }
          best = max(best, products.reduce(0) { $0 + $1 * $1 } / square / total)
        }
      }
    }
    let match = try #require(HandcraftedMatching(height: side, width: side).match(of: filter))
    #expect(abs(match.share - best) < 1e-6)
  }

  @Test func `filters without numbers match nothing`() {
    let matching = HandcraftedMatching(height: 5, width: 5)
    #expect(matching.match(of: Tensor(shape: [2, 5, 5], repeating: 0)) == nil)
    #expect(matching.match(of: Tensor(shape: [1, 5, 5], repeating: .nan)) == nil)
    #expect(matching.match(of: Tensor(shape: [1, 5, 5], repeating: 1e38)) != nil)
  }

  @Test func `constant filters are boxes`() throws {
    for side in [3, 5, 8] {
      let matching = HandcraftedMatching(height: side, width: side)
      let match = try #require(matching.match(of: Tensor(shape: [1, side, side], repeating: -2)))
      #expect(matching.bank[match.kernel].name == "box:\(side)")
      #expect(abs(match.correlation + 1) < 1e-6)
    }
  }

  // MARK: Colours

  @Test(arguments: [
    ([1.0, 1, 1], FilterColor.Kind.grey), ([0.6, 1, 0.9], .grey), ([-0.6, -1, -0.9], .grey),
    ([1, -1, 0], .opponent), ([1, 0.5, -0.3], .opponent), ([-0.5, -0.6, 1], .opponent),
    ([0, 0, 1], .tinted), ([1, 0.3, 0.2], .tinted), ([1, 0.9, -0.1], .tinted),
  ])
  func `have a colour axis`(axis: [Double], kind: FilterColor.Kind) throws {
    let pattern = Tensor.random([1, 5, 5], seed: 4).elements
    let filter = Tensor(
      shape: [3, 5, 5], axis.flatMap { weight in pattern.map { Float(weight) * $0 } })
    let color = try #require(FilterColor(of: filter))
    let norm = axis.map { $0 * $0 }.reduce(0, +).squareRoot()
    let sign = (axis.max { abs($0) < abs($1) } ?? 0) < 0 ? -1.0 : 1
    for (found, expected) in zip(color.axis, axis) {
      #expect(abs(found - sign * expected / norm) < 1e-5)
    }
    #expect(color.kind == kind)
    #expect(abs(color.productShare - 1) < 1e-5)
    let sum = axis.reduce(0, +)
    #expect(abs(color.greyShare - sum * sum / (3 * norm * norm)) < 1e-5)
  }

  @Test func `the colour axis holds more than any other`() throws {
    let filter = Tensor.random([3, 7, 7], seed: 8)
    let color = try #require(FilterColor(of: filter))
    #expect(abs(color.axis.map { $0 * $0 }.reduce(0, +) - 1) < 1e-9)
    let values = filter.elements.map(Double.init)
    func share(_ axis: [Double]) -> Double {
      let total = values.reduce(0) { $0 + $1 * $1 }
      let norm = axis.map { $0 * $0 }.reduce(0, +)
      return (0..<49).reduce(0) { sum, place in
        let along = (0..<3).reduce(0) { $0 + axis[$1] * values[$1 * 49 + place] }
        return sum + along * along
      } / norm / total
    }
    #expect(abs(share(color.axis) - color.productShare) < 1e-9)
    #expect(abs(share([1, 1, 1]) - color.greyShare) < 1e-9)
    for seed in 0..<50 {
      let other = Tensor.random([3], seed: seed).elements.map(Double.init)
      #expect(share(other) <= color.productShare + 1e-9)
    }
  }

  // MARK: Layers

  /// Gabor functions of colours, beside noise.
  private func learned(count: Int, noise: Float = 0.1, seed: Int = 1) -> Tensor {
    var generator = SeededGenerator(seed: UInt64(seed), path: 2)
    return Tensor(
      concatenatingRows: (0..<count).map { index in
        let function = GaborFunction(
          theta: .pi * Double(index) / Double(count), frequency: generator.uniform(0.12...0.25),
          sigma: 2.2, phase: generator.uniform(0...3))
        let values = function.values(height: 9, width: 9)
        return Tensor(
          shape: [1, 3, 9, 9],
          [1, -0.5, 0.2].flatMap { weight in
            values.map { Float(weight * $0) + noise * generator.normal() * 0.3 }
          })
      })
  }

  @Test func `Gabor functions are explained by far better than random filters`() throws {
    let finding = try run(learned(count: 12))
    #expect(finding.compared.map(\.unit) == Array(0..<12))
    #expect(finding.verdict == .mostly)
    let fits = try #require(finding.fits)
    #expect(fits.median > 0.9 && fits.randomMedian < 0.5)
    #expect(fits.learned.count == 12 && fits.random.count >= 64)
    #expect(fits.aboveRandom == 12)
    #expect(fits.learned == fits.learned.sorted())
    // A kernel is a product of a pattern and a colour, as the function is, without free parameters.
    #expect(finding.matches.median > finding.matches.randomMedian)
    for filter in finding.compared {
      let fit = try #require(filter.fit)
      let color = try #require(filter.color)
      #expect(color.kind == .opponent)
      #expect(fit.share <= color.productShare + 1e-9)
      #expect(filter.match.share <= color.productShare + 1e-9)
      #expect(
        abs(
          (fit.function.orientation - 90 + 15 * Double(filter.unit))
            .remainder(dividingBy: 180)) < 8)
      #expect(filter.nearest.shape == [3, 9, 9] && filter.fitted?.shape == [3, 9, 9])
      // What is drawn explains what is said.
      let own = finding.filters.rows(filter.unit..<(filter.unit + 1)).elements
      let fitted = try #require(filter.fitted).elements
      for (values, share) in [(fitted, fit.share), (filter.nearest.elements, filter.match.share)] {
        let rest = zip(own, values).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        #expect(abs(1 - rest / (filter.norm * filter.norm) - share) < 1e-4)
      }
    }
    #expect(finding.kernelCounts.map(\.count).reduce(0, +) == 12)
  }

  @Test func `a filter of nearly one pixel is a point, and no function is fitted`() throws {
    // A pixel of two colours in the middle, one in a corner, one with noise, and one with too much.
    var values = [Float](repeating: 0, count: 5 * 3 * 49)
    func set(_ unit: Int, _ channel: Int, _ place: Int, _ value: Float) {
      values[unit * 147 + channel * 49 + place] = value
    }
    set(0, 0, 24, 1)
    set(0, 2, 24, -2)
    set(1, 1, 0, -3)
    for unit in 2...3 {
      set(unit, 0, 17, 1)
      // The pixel holds 1 / (1 + noise) of the sum of squares: 91 % and 87 %.
      for place in [10, 30] { set(unit, 0, place, Float((unit == 2 ? 0.05 : 0.075).squareRoot())) }
    }
    let gabor = GaborFunction(theta: 1, frequency: 0.2, sigma: 2).values(height: 7, width: 7)
    for (place, value) in gabor.enumerated() { set(4, 0, place, Float(value)) }
    let finding = try run(Tensor(shape: [5, 3, 7, 7], values))
    #expect(finding.points == [0, 1, 2])
    for filter in finding.compared {
      #expect((filter.fit == nil) == filter.isPoint)
      #expect(filter.fitted?.shape == [3, 7, 7])
    }
    // The identity is its kernel, and a point keeps its pixel alone.
    let middle = finding.compared[0]
    #expect(finding.bank[middle.match.kernel].name.hasPrefix("identity"))
    #expect(abs(abs(middle.match.correlation) - 1) < 1e-6)
    expectClose(
      try #require(middle.fitted).elements, values[..<147].map(Double.init), absolute: 1e-6)
    expectClose(
      try #require(finding.compared[2].fitted).elements,
      (0..<147).map { $0 == 17 ? 1 : 0 }, absolute: 1e-6)
    // They are in neither of the distributions.
    let fits = try #require(finding.fits)
    #expect(fits.learned.count == 2)
    #expect(finding.matches.learned.count == 5)
    #expect(fits.random.count * 5 == finding.matches.random.count * 2)
  }

  @Test func `points alone are compared with no function`() throws {
    var values = [Float](repeating: 0, count: 2 * 25)
    (values[12], values[25 + 7]) = (2, -1)
    let finding = try run(Tensor(shape: [2, 1, 5, 5], values))
    #expect(finding.points == [0, 1] && finding.verdict == nil)
    #expect(finding.fits?.learned.isEmpty == true)
    // Small windows have points, too.
    #expect(try run(Tensor(shape: [1, 1, 3, 3], [0, 0, 0, 0, 5, 0, 0, 0, 0])).points == [0])
  }

  @Test(.slow) func `noise is like handcrafted filters no more than other noise is`() throws {
    let finding = try run(.random([40, 1, 7, 7], seed: 5))
    let fits = try #require(finding.fits)
    #expect(finding.verdict == .no, "\(fits.aboveRandom) of 40")
    #expect(abs(fits.median - fits.randomMedian) < 0.1)
    #expect(finding.compared.allSatisfy { $0.color == nil })
  }

  @Test func `small windows are matched, but no function is fitted`() throws {
    let finding = try run(.random([6, 3, 3, 3], seed: 5))
    #expect(finding.fits == nil && finding.compared.allSatisfy { $0.fit == nil })
    #expect(finding.compared.count == 6 && finding.greatestShift == 0)
    #expect(finding.matches.random.count >= 64)
    #expect(finding.isColour)
    // One side is enough.
    #expect(try run(.random([2, 1, 3, 9], seed: 5)).fits == nil)
  }

  @Test(.slow, arguments: [1, 2, 3, 4])
  func `of any number of channels`(channels: Int) throws {
    let finding = try run(.random([3, channels, 5, 6], seed: 5))
    #expect(finding.compared.count == 3 && finding.isColour == (channels == 3))
    for filter in finding.compared {
      #expect(filter.color?.axis.count == (channels > 1 ? channels : nil))
      #expect(filter.fit?.weights.count == channels)
      #expect(filter.spectrum.shape == [31, 31])
    }
  }

  @Test(.slow) func `filters without numbers are left out and told`() throws {
    var filters = learned(count: 5).elements
    let size = 3 * 81
    for index in size..<(2 * size) { filters[index] = 0 }
    filters[3 * size + 7] = .nan
    let finding = try run(Tensor(shape: [5, 3, 9, 9], filters))
    #expect(finding.dead == [1] && finding.nonFinite == [3])
    #expect(finding.compared.map(\.unit) == [0, 2, 4])
    let none = try run(Tensor(shape: [2, 1, 5, 5], repeating: 0))
    #expect(none.compared.isEmpty && none.verdict == nil && none.matches.random.isEmpty)
    let constant = try run(Tensor(shape: [2, 1, 5, 5], repeating: 1))
    #expect(constant.compared.count == 2)
    #expect(constant.compared.allSatisfy { $0.fit?.preferredFrequency == 0 })
    // Constant pixels in another order are the same, so it is no better than random.
    #expect(constant.verdict == .no)
  }

  @Test(.slow) func `are those that are asked for, by their numbers`() throws {
    let finding = try run(learned(count: 6), units: [4, 1])
    #expect(finding.compared.map(\.unit) == [1, 4])
    // The same filter gives the same numbers, whichever others are asked for.
    let all = try run(learned(count: 6))
    #expect(all.compared[4].fit == finding.compared[1].fit)
    #expect(all.compared[4].match == finding.compared[1].match)
  }

  @Test func `too many are cut down to those of greatest norm`() throws {
    let filters = Tensor.random([300, 1, 2, 2], seed: 2)
    let finding = try run(filters)
    #expect(finding.compared.count == HandcraftedAnalysis.mostFilters && finding.leftOut > 0)
    #expect(finding.compared.count + finding.leftOut + finding.dead.count == 300)
    #expect(finding.compared.map(\.unit) == finding.compared.map(\.unit).sorted())
  }

  @Test(.slow) func `random filters depend on the seed alone`() throws {
    let network = try network(learned(count: 3))
    func random(_ seed: UInt64) throws -> [Double] {
      try HandcraftedAnalysis(seed: seed).run(on: network, layer: "conv").fits?.random ?? []
    }
    #expect(try random(1) == random(1))
    #expect(try random(1) != random(2))
  }

  @Test(.slow) func `the spectrum of a wave is greatest at its frequency`() throws {
    // 8 of 31 cycles per pixel along x, 4 along y: a column and a row of the spectrum.
    let (u, v) = (8.0 / 31, 4.0 / 31)
    let filters = Tensor(
      shape: [1, 1, 31, 31],
      (0..<961).map { Float(cos(2 * .pi * (u * Double($0 % 31) + v * Double($0 / 31)))) })
    let finding = try HandcraftedAnalysis(seed: 0).run(
      on: network(filters, input: [1, 40, 40]), layer: "conv")
    let spectrum = try #require(finding.compared.first).spectrum.elements
    let order = spectrum.indices.sorted { spectrum[$0] > spectrum[$1] }
    #expect(Set(order.prefix(2)) == [(15 + 4) * 31 + 15 + 8, (15 - 4) * 31 + 15 - 8])
    #expect(abs(spectrum[order[0]] - 961 / 2) < 0.1)
    #expect(spectrum[order[2]] < 0.1)
    let fit = try #require(finding.compared.first?.fit)
    #expect(abs(fit.preferredFrequency - (u * u + v * v).squareRoot()) < 0.01)
  }

  @Test func `layers that do not see the picture are refused in one line`() throws {
    let network = try network(.random([4, 3, 5, 5], seed: 1))
    func message(_ layer: String, _ network: Network) -> String {
      do {
        _ = try HandcraftedAnalysis(seed: 0).run(on: network, layer: layer)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(
      message("deep", network).hasPrefix(
        "layer 'deep' has no filters that see the picture itself"))
    #expect(
      message("relu", network).hasPrefix(
        "layer 'relu' has no filters that see the picture itself"))
    #expect(message("conf", network).hasPrefix("no layer 'conf'"))
    #expect(
      message("conv", try self.network(.random([4, 3, 1, 1], seed: 1)))
        == "the filters of layer 'conv' are of 1×1 pixels, which have no shape to compare")
    #expect(
      message("conv", try self.network(.random([1, 1, 65, 3], seed: 1), input: [1, 70, 70]))
        == "the filters of layer 'conv' are of 65×3 pixels; handcrafted ones are compared up to "
        + "64×64")
    for text in [message("deep", network), message("conf", network)] {
      #expect(!text.contains("\n") && text.contains("'conv'"))
    }
  }
}
