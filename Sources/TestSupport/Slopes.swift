public import Networks
public import TensorCore
public import Testing

/// Expects a network's gradients with respect to the pictures and every learned parameter to agree
/// with central differences along one random direction each.
///
/// - Parameter step: Small enough that it crosses no kink.
public func expectSlopes(
  of network: Network, at images: Tensor, mode: Mode = .inference, step: Float = 1e-2,
  within tolerance: Double = 2e-3, sourceLocation: SourceLocation = #_sourceLocation
) {
  let output = network.graph.outputName
  let recording = network.record(images, keeping: .forTraining, mode: mode)
  let signal = Tensor.random(recording[output].shape, seed: 3)
  func value(_ network: Network, _ images: Tensor) -> Double {
    network.record(images, keeping: .only([]), mode: mode)[output].dot(signal)
  }
  func check(_ gradient: Tensor, at point: Tensor, _ what: String, _ f: (Tensor) -> Double) {
    guard gradient.shape == point.shape else {
      Issue.record(
        "\(what): gradient \(gradient.shape) at \(point.shape)", sourceLocation: sourceLocation)
      return
    }
    // Within ±2, so that steps are no larger than intended.
    let direction = Tensor.random(point.shape, seed: 10).map { max(-2, min(2, $0)) }
    let slope = centralDifference(of: f, at: point, along: direction, step: step)
    let along = gradient.dot(direction)
    // The rounding error of Float sums is relative to their terms.
    let rounding = 1e-7 * f(point).magnitude / Double(step) + 1e-4
    guard abs(along - slope) <= tolerance * max(abs(slope), Double(gradient.norm)) + rounding
    else {
      Issue.record("\(what): \(along), but the slope is \(slope)", sourceLocation: sourceLocation)
      return
    }
  }
  check(recording.propagate(signal, from: output).input, at: images, "pictures") {
    value(network, $0)
  }
  for (name, gradient) in recording.parameterGradients(of: signal, from: output) {
    guard let point = network.parameters[name] else { continue }
    check(gradient, at: point, name) {
      var changed = network
      changed.parameters[name] = $0
      return value(changed, images)
    }
  }
}
