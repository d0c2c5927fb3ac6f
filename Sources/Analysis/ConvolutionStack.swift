internal import Kernels
public import Networks
internal import TensorCore

/// Convolutions of stride 1 in a row, and the single convolution of large filters that sees as much
/// as they do: two of 3×3 stand for one of 5×5, with 18/25 of its weights (Simonyan and Zisserman
/// 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition", section 2.3).
///
/// The single convolution would compute the same linear functions, and more, if nothing stood
/// between the small ones; near the picture's border only if they did not pad.
public struct ConvolutionStack: Sendable, Hashable {
  /// One of the convolutions.
  public struct Filter: Sendable, Hashable {
    public let layer: String
    /// Rows and columns.
    public let window: [Int]
    /// Rows and columns.
    public let dilation: [Int]
    public let groups: Int
    public let inputs: Int
    public let outputs: Int

    /// - Parameters:
    ///   - layer: The name of the convolution.
    ///   - window: Rows and columns.
    ///   - dilation: Rows and columns.
    ///   - groups: 1 if every output reads every input.
    ///   - inputs: The number of channels that it reads.
    ///   - outputs: The number of its filters.
    public init(
      layer: String, window: [Int], dilation: [Int] = [1, 1], groups: Int = 1, inputs: Int,
      outputs: Int
    ) {
      (self.layer, self.window, self.dilation) = (layer, window, dilation)
      (self.groups, self.inputs, self.outputs) = (groups, inputs, outputs)
    }

    /// The number of weights, without biases.
    public var weights: Int { window.reduce(inputs / max(groups, 1) * outputs, *) }
  }

  /// In the order in which they run.
  public let filters: [Filter]

  /// - Parameter filters: In the order in which they run; one at least.
  public init(_ filters: [Filter]) { self.filters = filters }

  /// The rows and columns of the single filter: `1 + Σ dilation · (window − 1)` positions of the
  /// maps that the first convolution reads, in steps of ``dilation``.
  public var window: [Int] {
    let dilation = dilation
    return (0..<2).map { axis in
      1
        + filters.reduce(0) {
          $0 + $1.dilation[axis] * ($1.window[axis] - 1) / dilation[axis]
        }
    }
  }

  /// The distance between the single filter's taps: the greatest that all of the filters are
  /// multiples of.
  public var dilation: [Int] {
    (0..<2).map { axis in
      max(
        1,
        filters.filter { $0.window[axis] > 1 }
          .reduce(0) { greatestCommonDivisor($0, $1.dilation[axis]) })
    }
  }

  /// The most groups in which the single convolution contains what the stack computes.
  public var groups: Int { filters.reduce(0) { greatestCommonDivisor($0, $1.groups) } }

  /// The weights of all filters, without biases.
  public var weights: Int { filters.reduce(0) { $0 + $1.weights } }

  /// The weights of the single convolution of the same inputs and outputs, without biases.
  public var singleWeights: Int {
    guard let first = filters.first, let last = filters.last else { return 0 }
    return Filter(
      layer: "", window: window, groups: groups, inputs: first.inputs, outputs: last.outputs
    ).weights
  }

  /// The weights of the filters per pair of an input and an output, and those of the single filter:
  /// 18 and 25 for two of 3×3. Their ratio is the share of weights if all convolutions have as many
  /// channels; nil if any of them has groups.
  public var taps: (stack: Int, single: Int)? {
    guard filters.allSatisfy({ $0.groups == 1 }) else { return nil }
    return (filters.reduce(0) { $0 + $1.window.reduce(1, *) }, window.reduce(1, *))
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}

extension Network {
  /// The stacks of two or more filters larger than 1×1, in the order in which they run.
  ///
  /// Each convolution has stride 1 and is the only reader of the one before it, past activations,
  /// dropout and normalizations of single positions; a shortcut, a pooling, a branch and a
  /// normalization over whole maps end a stack. Convolutions of 1×1 belong to it if they are
  /// between larger ones.
  public func convolutionStacks() -> [ConvolutionStack] {
    var taken: Set<String> = []
    return graph.nodes.compactMap { node in
      guard !taken.contains(node.name), stackable(node) != nil else { return nil }
      var run: [ConvolutionStack.Filter] = []
      var current: Graph.Node? = node
      while let next = current, let filter = stackable(next) {
        taken.insert(next.name)
        run.append(filter)
        current = convolution(after: next.name)
      }
      func isLarge(_ filter: ConvolutionStack.Filter) -> Bool { filter.window != [1, 1] }
      guard let first = run.firstIndex(where: isLarge), let last = run.lastIndex(where: isLarge),
        first < last
      else { return nil }
      return ConvolutionStack(Array(run[first...last]))
    }
  }

  private func stackable(_ node: Graph.Node) -> ConvolutionStack.Filter? {
    guard let convolution = node.operation as? Convolution, convolution.moves.stride == [1, 1],
      let input = node.inputs.first.flatMap({ shapes[$0] }), input.rank == 4,
      let output = shapes[node.name], output.rank == 4, dependsOnPictures(node.name)
    else { return nil }
    return ConvolutionStack.Filter(
      layer: node.name, window: convolution.window, dilation: convolution.moves.dilation,
      groups: convolution.groups, inputs: input[1], outputs: output[1])
  }

  /// The convolution that is the only reader of another one, past what changes single positions.
  private func convolution(after name: String) -> Graph.Node? {
    var current = name
    while let next = reader(of: current) {
      if next.operation is Convolution { return next }
      switch role(of: next) {
      case .activation, .carrier: break
      case .normalization where !(next.operation is GroupNormalization): break
      default: return nil
      }
      guard shapes[next.name]?.rank == 4, shapes[next.name]?[1] == shapes[name]?[1] else {
        return nil
      }
      current = next.name
    }
    return nil
  }
}
