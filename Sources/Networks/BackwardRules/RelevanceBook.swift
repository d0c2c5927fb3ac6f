internal import Kernels

extension RuleBook {
  /// Layer-wise relevance propagation (Bach et al. 2015): the rules of some layers, and at all
  /// other nodes what conserves relevance.
  ///
  /// - activations, dropout, softmax and normalizations that were not fused (batch, group,
  ///   instance and layer norm, local response norm), quantization: passed back unchanged;
  /// - additions, subtractions, means, average pools and resampling: in proportion to each
  ///   summand; what a constant contributes is lost, as with a bias;
  /// - products: everything to the signal and nothing to its gate (`SignalTakesAll`), as in
  ///   hard-swish and squeeze-and-excitation; of two matrices half to each;
  /// - max pools: to the maximum, by their switches; power pools and norms in proportion;
  /// - concatenation, padding, slices and everything that only moves elements: to their source;
  /// - anything else: its gradient, which need not conserve.
  ///
  /// The rules expect batch norm fused into the layers before it (`fusingBatchNormalization`),
  /// and a recording of everything. Additions and average pools, activations, batch norm and max
  /// pools are treated as by zennit's composites; local response norm, which zennit propagates back
  /// by its gradient, and products, of which zennit gives the relevance to every factor, are not,
  /// since neither would conserve it.
  public static func relevance(
    _ layers: [Entry], stabilizer: Float = usualStabilizer
  ) -> RuleBook {
    let proportional = ProportionalRelevance(stabilizer: stabilizer)
    return RuleBook(
      layers + [
        Entry(.isDense || .isConvolution, EpsilonRelevance(epsilon: stabilizer)),
        Entry(.handsOn, PassRelevance()),
        Entry(.sums, proportional),
        Entry(.type(Arithmetic.self) { $0.function.isExtreme }, ExtremeRelevance()),
        Entry(.type(Arithmetic.self), SignalTakesAll()),
        Entry(.type(MatrixProduct.self), BilinearRelevance(stabilizer: stabilizer)),
        Entry(
          .type(Reduce.self) { $0.function == .sumOfSquares },
          ProportionalRelevance(stabilizer: stabilizer, degree: 2)),
      ])
  }
}

extension NodePredicate {
  /// Outputs that stand for their inputs one by one.
  fileprivate static let handsOn =
    type(Activation.self) || type(PReLU.self) || type(Dropout.self) || type(Softmax.self)
    || type(LogSoftmax.self) || type(BatchNormalization.self) || type(GroupNormalization.self)
    || type(InstanceNormalization.self) || type(LayerNormalization.self)
    || type(LocalResponseNormalization.self) || type(Quantize.self) || type(Dequantize.self)

  /// Outputs that are sums of contributions, or norms, of which the same holds.
  fileprivate static let sums =
    type(Arithmetic.self) { [.add, .subtract, .mean].contains($0.function) }
    || type(AveragePool.self) || type(AdaptiveAveragePool.self) || type(LpPool.self)
    || type(Resample.self) || type(GlobalPool.self) { $0.pools != .maximum }
    || type(Reduce.self) { [.mean, .sum, .l1, .l2].contains($0.function) }
}

extension ArithmeticFunction {
  fileprivate var isExtreme: Bool { self == .minimum || self == .maximum }
}
