internal import Kernels
public import TensorCore

public struct PlainGradient: BackwardRule {
  public init() {}

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    site.gradient(consume signal)
  }
}

/// Springenberg et al. (2015), section 3.4: pass only positive signals through active units.
public struct GuidedReLU: BackwardRule {
  public init() {}

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    guard site.isRectifier else { return site.gradient(consume signal) }
    return site.gradient(activate(consume signal, .rectifier))
  }
}

/// Zeiler and Fergus (2014), section 2.1: rectify the signal, ignore the forward activation.
public struct DeconvnetReLU: BackwardRule {
  public init() {}

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    guard site.isRectifier else { return site.gradient(consume signal) }
    let signal = activate(consume signal, .rectifier)
    guard site.node.operation is Quantize else { return [signal] }
    // Of an input within the bounds, so that only the scale is left of the quantization.
    let inputs = site.evaluation.keptInputs
    let inside = Tensor(shape: inputs[0].shape, repeating: 0)
    return site.rerun(on: [inside, inputs[1], inputs[2]], parameters: []).gradient(signal)
  }
}
