internal import Networks

/// Chattopadhay et al. (2018), equations 5, 7 and 19: as Grad-CAM, with weights that count each
/// position's positive gradient `g` by `g² / (2 g² + ΣA · g³)`, so that several objects of a class
/// count as much as one.
///
/// The paper's score is the exponential of the network's; its factor is the same at all positions
/// of a picture, so it is left out. Maps that are not rectified can have a negative sum, and a
/// position then a negative weight; if the denominator is zero, it has none.
public struct GradCAMPlusPlus: ClassActivationMethod {
  /// Nil for the last layer with spatial extent.
  public var layer: String?

  public init() {}

  public var name: String { "grad-cam++" }
  public var citation: String { "Chattopadhay et al. 2018" }
  public func explanation(of score: String) -> String {
    "The positive part of a weighted sum of a layer's maps, resized to the picture: each map's "
      + "weight comes from the positive gradients of the \(score) with respect "
      + "to it, which count more if the sum of the map is smaller"
  }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    batch.classActivation(of: layer, scores) { map in
      let total = map.activations.reduce(0) { $0 + Double($1) }
      let weight = map.gradients.reduce(0.0) { weight, gradient in
        let g = Double(gradient)
        // g² cancels.
        let denominator = 2 + total * g
        return g > 0 && denominator != 0 ? weight + g / denominator : weight
      }
      return map.activations.map { weight * Double($0) }
    }
  }
}
