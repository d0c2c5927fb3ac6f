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
    site.gradient(activate(consume signal, .rectifier))
  }
}

/// Zeiler and Fergus (2014), section 2.1: rectify the signal, ignore the forward activation.
public struct DeconvnetReLU: BackwardRule {
  public init() {}

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    [activate(consume signal, .rectifier)]
  }
}
