internal import Foundation
internal import Kernels
public import Networks
internal import TensorCore

/// What a network's graph itself does to its pictures before its first layer.
public struct OwnPreprocessing: Sendable, Hashable {
  /// The values that pictures should have.
  public enum Range: Sendable, Hashable {
    /// 0…255.
    case pixels
    /// 0…1.
    case unit
  }

  /// In order, such as `subtracts 104, 117, 123` and `divides by 255`.
  public let steps: [String]
  /// Nil if the numbers do not tell.
  public let range: Range?
}

extension Network {
  /// The arithmetic with constants at the beginning of the graph, as exporters write it for a model
  /// that preprocesses its own pictures; nil if there is none.
  ///
  /// Axes may be transposed before, between and after.
  public var ownPreprocessing: OwnPreprocessing? {
    var (current, steps) = (Graph.inputName, [String]())
    var map = AffineMap()
    while let node = soleConsumer(of: current) {
      if let arithmetic = node.operation as? Arithmetic {
        guard let step = step(arithmetic.function, node, from: current, &map) else { break }
        steps.append(step)
      } else if !(node.operation is Transpose) {
        break
      }
      current = node.name
    }
    return steps.isEmpty ? nil : OwnPreprocessing(steps: steps, range: map.range)
  }

  private func soleConsumer(of name: String) -> Graph.Node? {
    let consumers = graph.consumers(of: name)
    return consumers.count == 1 ? consumers[0] : nil
  }

  /// - Returns: Nil if it is not arithmetic with one number, or with one for each channel.
  private func step(
    _ function: ArithmeticFunction, _ node: Graph.Node, from input: String, _ map: inout AffineMap
  ) -> String? {
    guard node.inputs.count == 2, let position = node.inputs.firstIndex(of: input),
      let other = graph[node.inputs[1 - position]], other.operation is Constant,
      let numbers = parameters[other.parameters[0]]?.elements, (1...4).contains(numbers.count),
      numbers.allSatisfy(\.isFinite)
    else { return nil }
    let mean = Double(numbers.reduce(0, +)) / Double(numbers.count)
    let words = numbers.map { String(format: "%.4g", $0) }.joined(separator: ", ")
    switch function {
    case .add:
      map.offset += mean
      return "adds \(words)"
    case .subtract where position == 0:
      map.offset -= mean
      return "subtracts \(words)"
    case .multiply:
      map.scale(by: mean)
      return "multiplies by \(words)"
    case .divide where position == 0:
      map.scale(by: 1 / mean)
      return "divides by \(words)"
    default: return nil
    }
  }
}

/// `factor · x + offset`, the mean over the channels.
private struct AffineMap {
  var factor = 1.0
  var offset = 0.0

  mutating func scale(by number: Double) {
    factor *= number
    offset *= number
  }

  /// The values for which the result has the size that networks are trained on: a standard
  /// deviation near 1, or mean-free pixels as Caffe has them.
  var range: OwnPreprocessing.Range? {
    // Pixels have a standard deviation of about 60, and means near 110.
    if abs(factor) <= 1.0 / 16 || abs(offset / factor) >= 16 { return .pixels }
    return abs(factor) >= 0.5 && (factor, offset) != (1, 0) ? .unit : nil
  }
}
