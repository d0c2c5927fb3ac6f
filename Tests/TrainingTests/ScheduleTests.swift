import Testing
import Training

@Suite struct Schedules {
  private func rates(_ schedule: Schedule, steps: Int, perEpoch: Int, epochs: Int) -> [Double] {
    (0..<steps).map {
      schedule.learningRate(step: $0, stepsPerEpoch: perEpoch, epochs: epochs, peak: 1)
    }
  }

  private func expectClose(_ found: [Double], _ expected: [Double]) {
    #expect(found.count == expected.count)
    #expect(
      zip(found, expected).allSatisfy { abs($0 - $1) < 1e-7 }, "\(found) and \(expected)")
  }

  @Test func `a constant rate stays`() {
    #expect(rates(Schedule(), steps: 3, perEpoch: 1, epochs: 3) == [1, 1, 1])
  }

  @Test func `steps fall after their milestones, as PyTorch's MultiStepLR`() {
    expectClose(
      rates(Schedule(name: .step, milestones: [3, 6]), steps: 10, perEpoch: 1, epochs: 10),
      [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01])
    expectClose(
      rates(Schedule(name: .step, milestones: [1], gamma: 0.5), steps: 4, perEpoch: 2, epochs: 2),
      [1, 1, 0.5, 0.5])
  }

  @Test func `the cosine is PyTorch's CosineAnnealingLR`() {
    expectClose(
      rates(Schedule(name: .cosine, minimum: 0.1), steps: 10, perEpoch: 1, epochs: 10),
      [
        1, 0.977_975_4, 0.914_057_6, 0.814_503_4, 0.689_057_6, 0.55, 0.410_942_4, 0.285_496_6,
        0.185_942_4, 0.122_024_6,
      ])
  }

  @Test func `the warm-up rises step by step and the cosine follows it`() {
    expectClose(
      rates(Schedule(warmupEpochs: 1.5), steps: 8, perEpoch: 2, epochs: 4),
      [1.0 / 3, 2.0 / 3, 1, 1, 1, 1, 1, 1])
    // Two steps of warm-up, then half a cosine over the remaining four.
    expectClose(
      rates(Schedule(name: .cosine, warmupEpochs: 1), steps: 6, perEpoch: 2, epochs: 3),
      [0.5, 1, 1, (1 + 0.5.squareRoot()) / 2, 0.5, (1 - 0.5.squareRoot()) / 2])
  }

  @Test func `a plateau is left as by PyTorch's ReduceLROnPlateau`() {
    // The output of `Fixtures/pytorch.py` for these losses.
    let losses =
      [1, 0.9, 0.91, 0.9, 0.8999, 0.95, 0.5, 0.5, 0.6, 0.5, 0.5, 0.5, 0.5, 0.4, 0.5]
      + [0.5, 0.5, 0.5]
    let schedule = Schedule(name: .plateau, gamma: 0.5, minimum: 0.2, patience: 2)
    var plateau = Plateau()
    var rates: [Double] = []
    for loss in losses {
      rates.append(
        schedule.learningRate(step: 7, stepsPerEpoch: 1, epochs: 30, peak: 1, plateau: plateau))
      plateau.observe(loss, patience: schedule.patience)
    }
    #expect(
      rates == [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2])
  }

  @Test func `a loss that is not a number is no improvement`() {
    var plateau = Plateau()
    for loss in [1, Double.nan, .nan] { plateau.observe(loss, patience: 1) }
    #expect(plateau.reductions == 1)
  }
}
