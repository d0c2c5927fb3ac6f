package import Networks
package import TensorCore

/// An exponential moving average of the weights along the steps, which is often better than the
/// last weights (Polyak and Juditsky, 1992; Szegedy et al., 2016, section 8).
///
/// After step *t*, *a ← a + (1 − d)·(w − a)* with *d = min(decay, (1 + t) / (10 + t))*, as in
/// TensorFlow's `ExponentialMovingAverage`, so that the first weights are soon forgotten. Batch
/// norm's running statistics are averaged too; what does not change has no average.
package struct WeightAverage: Sendable {
  let decay: Double
  package private(set) var tensors: [String: Tensor] = [:]

  package init(decay: Double, _ tensors: [String: Tensor] = [:]) {
    (self.decay, self.tensors) = (decay, tensors)
  }

  /// - Parameters:
  ///   - names: What the step changed; an average begins at the first weights it is given.
  ///   - step: Counted from 1.
  package mutating func update(_ names: Set<String>, of parameters: Parameters, step: Int) {
    let rest = Float(1 - min(decay, Double(1 + step) / Double(10 + step)))
    for name in names {
      guard let weights = parameters[name] else { continue }
      guard var average = tensors.removeValue(forKey: name) else {
        tensors[name] = weights
        continue
      }
      weights.arranged(as: average.layout).withUnsafeElements { weights in
        average.withUnsafeMutableElements { average in
          for index in 0..<average.count {
            average[index] += rest * (weights[index] - average[index])
          }
        }
      }
      tensors[name] = average
    }
  }

  func applied(to network: Network) -> Network {
    guard !tensors.isEmpty else { return network }
    var averaged = network
    for (name, tensor) in tensors { averaged.parameters[name] = tensor }
    return averaged
  }
}
