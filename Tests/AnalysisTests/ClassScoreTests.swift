import Analysis
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Classes` {
  @Test func `short names end at the first comma, unless others begin alike`() {
    let names = ClassNames(["tench, Tinca tinca", "dog, small", "dog, large", "cat"], count: 5)
    #expect(
      (0..<5).map(names.shortName) == ["tench", "dog, small", "dog, large", "cat", "class 4"])
  }

  private let names = ClassNames(["cat", "dog, hound", "dodo", "7"], count: 9)

  private func problem(_ wanted: String, _ names: ClassNames) -> String {
    do { return "\(try names.index(of: wanted))" } catch { return "\(error)" }
  }

  @Test func `go by name, by synonym, by index`() throws {
    #expect(try names.index(of: "cat") == 0)
    #expect(try names.index(of: "CAT") == 0)
    #expect(try names.index(of: "dog, hound") == 1)
    #expect(try names.index(of: "hound") == 1)
    #expect(try names.index(of: "2") == 2)
    #expect(try names.index(of: "8") == 8)
    // A name that is also a number is taken as a name first.
    #expect(try names.index(of: "7") == 3)
    #expect(names[1] == "dog, hound")
    #expect(names[8] == "class 8")
  }

  @Test func `that are not there are named with the nearest`() {
    #expect(problem("9", names) == "no class 9: the network has 9, from 0 on")
    #expect(problem("-1", names) == "no class -1: the network has 9, from 0 on")
    #expect(problem("cot", names) == "no class 'cot'; did you mean 'cat'?")
    #expect(
      problem("hippopotamus", names)
        == "no class 'hippopotamus'; there are 'cat', 'dog, hound', 'dodo', '7'")
    #expect(
      problem("cat", ClassNames([], count: 3))
        == "no class 'cat': the checkpoint names no classes, give an index below 3")
  }

  @Test func `beyond the network's scores have no name`() {
    let few = ClassNames(["a", "bee", "sea"], count: 2)
    #expect(problem("sea", few) == "no class 'sea'; did you mean 'a', 'bee'?")
  }
}

@Suite struct `Predictions` {
  @Test func `order classes by their score, of equals the first`() {
    let scores = Tensor(shape: [2, 4], [1, 3, -2, 3, 100, 0, 0, 101])
    let predictions = Prediction.all(from: scores, by: .softmax)
    #expect(predictions.map { $0.candidates.map(\.index) } == [[1, 3, 0, 2], [3, 0, 1, 2]])
    #expect(predictions[0].candidates.map(\.score) == [3, 3, 1, -2])
    let total = [3, 3, 1, -2].map { exp2($0 * 1.4426950408889634) }.reduce(0, +)
    expectClose(
      predictions[0].candidates.compactMap(\.probability),
      [3, 3, 1, -2].map { exp2($0 * 1.4426950408889634) / total }, relative: 1e-5)
    for prediction in predictions {
      #expect(abs(prediction.candidates.reduce(0) { $0 + ($1.probability ?? .nan) } - 1) < 1e-5)
    }
    #expect(predictions[1][0]?.score == 100)
    #expect(predictions[1][4] == nil)
  }

  private func exp2(_ x: Double) -> Double {
    // 2ˣ, with a series for the fraction, without Foundation.
    let whole = x.rounded(.down)
    var (term, sum) = (1.0, 1.0)
    for n in 1..<30 {
      term *= (x - whole) * 0.6931471805599453 / Double(n)
      sum += term
    }
    return Double(sign: .plus, exponent: Int(whole), significand: sum)
  }
}
