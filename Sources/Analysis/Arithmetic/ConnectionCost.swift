/// What a layer takes that is fully connected, locally connected, or a convolution, for the same
/// pictures and windows.
///
/// A locally connected layer has a window for each of its units, as a convolution, but shares no
/// weights: the comparison is that of LeCun, "Generalization and network design strategies", 1989.
public struct ConnectionCost: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case fullyConnected = "fully connected"
    case locallyConnected = "locally connected"
    case convolutional
  }

  public let kind: Kind
  /// Numbers in the output.
  public let units: Int
  /// Connections of a unit: the weights that it reads.
  public let connections: Int
  /// Different weights, without biases.
  public let weights: Int
  public let biases: Int
  /// For one picture; padding counts as if it were multiplied.
  public let multiplyAdds: Int

  /// All three kinds.
  ///
  /// - Parameters:
  ///   - arithmetic: A convolution of one channel.
  ///   - channels: Of the input.
  ///   - filters: Of the convolution, each with its own map.
  ///   - units: Of the layers without shared weights; nil for as many as the convolution has.
  /// - Throws: `SelectionError` if a number is not positive or a count overflows.
  public static func all(
    _ arithmetic: WindowArithmetic, channels: Int, filters: Int, units: Int? = nil
  ) throws(SelectionError) -> [ConnectionCost] {
    for (name, number) in [("channels", channels), ("filters", filters), ("units", units ?? 1)] {
      guard number > 0 else { throw SelectionError("--\(name) must be at least 1, not \(number)") }
    }
    func product(_ factors: Int...) throws(SelectionError) -> Int {
      var result = 1
      for factor in factors {
        let (next, overflow) = result.multipliedReportingOverflow(by: factor)
        guard !overflow else {
          throw SelectionError("a layer with more than \(Int.max) weights or multiply-adds")
        }
        result = next
      }
      return result
    }
    let (input, output, window) = (arithmetic.input, arithmetic.output, arithmetic.window)
    let maps = try product(filters, output[0], output[1])
    let free = units ?? maps
    let patch = try product(channels, window[0], window[1])
    let whole = try product(channels, input[0], input[1])
    return [
      ConnectionCost(
        kind: .fullyConnected, units: free, connections: whole, weights: try product(free, whole),
        biases: free, multiplyAdds: try product(free, whole)),
      ConnectionCost(
        kind: .locallyConnected, units: free, connections: patch,
        weights: try product(free, patch), biases: free, multiplyAdds: try product(free, patch)),
      ConnectionCost(
        kind: .convolutional, units: maps, connections: patch,
        weights: try product(filters, patch), biases: filters,
        multiplyAdds: try product(maps, patch)),
    ]
  }
}
