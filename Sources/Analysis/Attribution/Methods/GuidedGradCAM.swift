public import Networks
internal import TensorCore

/// Selvaraju et al. (2017), section 3.2: guided backpropagation times Grad-CAM, resized to the
/// picture: the detail of the one where the other is positive.
public struct GuidedGradCAM: ClassActivationMethod {
  /// Nil for the last layer with spatial extent.
  public var layer: String?

  public init() {}

  public var name: String { "guided-grad-cam" }
  public var citation: String { "Selvaraju et al. 2017" }
  public func explanation(of score: String) -> String {
    "Guided backpropagation of the \(score), times Grad-CAM resized to the "
      + "picture"
  }
  public var isSigned: Bool { true }

  public func caveat(about network: Network) -> String? {
    GuidedBackpropagationMethod().caveat(about: network)
  }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    var cam = GradCAM()
    cam.layer = layer
    let coarse = cam.attribute(scores, of: batch)
    let guided = batch.propagate(scores, by: .guidedBackpropagation)
    return Attribution(
      maps: guided.multiplied(byMaps: coarse.maps), layerMaps: coarse.layerMaps,
      remark: coarse.remark)
  }
}

extension Tensor {
  /// `[N, C, H, W]` times the same `[N, 1, H, W]` for all channels.
  fileprivate func multiplied(byMaps maps: Tensor) -> Tensor {
    let (channels, area) = (shape[1], shape.spatial.reduce(1, *))
    let (own, maps) = (arranged(as: .rowMajor), maps.arranged(as: .rowMajor))
    return own.withUnsafeElements { x in
      maps.withUnsafeElements { m in
        Tensor(shape: shape) { target in
          for index in 0..<target.count {
            target[index] = x[index] * m[index / (channels * area) * area + index % area]
          }
        }
      }
    }
  }
}
