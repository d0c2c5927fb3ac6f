import Testing
import Training

@Suite struct `Early stopping` {
  private func history(_ losses: [Double], accuracies: [Double]? = nil) -> TrainingHistory {
    var history = TrainingHistory(validation: .heldOut)
    // The network before training is better than all, and does not count.
    history.epochs = [epoch(0, 0, 1)]
    for (index, loss) in losses.enumerated() {
      history.epochs.append(epoch(index + 1, loss, accuracies?[index] ?? 0.5))
    }
    return history
  }

  private func epoch(_ number: Int, _ loss: Double, _ accuracy: Double) -> TrainingHistory.Epoch {
    .init(
      epoch: number, loss: 1, accuracy: 0.5, validationLoss: loss, validationAccuracy: accuracy,
      learningRate: 0.1)
  }

  @Test func `the best epoch is the first of the lowest loss`() {
    let stopping = EarlyStopping(patience: 2)
    let losses = [3.0, 2, 2.5, 2, 1.5]
    #expect(stopping.best(in: history(losses)) == 5)
    #expect(stopping.best(in: history(Array(losses.prefix(4)))) == 2)
    #expect(!stopping.stops(after: history(Array(losses.prefix(3)))))
    #expect(stopping.stops(after: history(Array(losses.prefix(4)))))
    #expect(stopping.best(in: history([])) == nil)
  }

  @Test func `accuracy and a least gain can decide`() {
    let byAccuracy = EarlyStopping(patience: 2, measure: .accuracy)
    #expect(byAccuracy.best(in: history([1, 2, 3], accuracies: [0.1, 0.3, 0.2])) == 2)
    let demanding = EarlyStopping(patience: 3, minimumGain: 0.5)
    #expect(demanding.best(in: history([3, 2.7, 2.4])) == 3)
    #expect(demanding.best(in: history([3, 2.7, 2.6])) == 1)
  }

  @Test func `without patience nothing stops`() {
    let never = EarlyStopping()
    #expect(never.best(in: history([1, 2, 3])) == nil)
    #expect(!never.stops(after: history([1, 2, 3])))
  }
}
