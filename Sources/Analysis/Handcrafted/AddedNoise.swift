internal import Foundation
public import TensorCore

/// Random changes of a picture whose levels are from 0 to 255.
public enum AddedNoise: Sendable, Hashable {
  /// A normal deviate is added to each value, and the sum clipped to 0…255.
  case gaussian(sigma: Double)
  /// A share of the values becomes 0 or 255, each half of the time.
  case saltAndPepper(share: Double)

  /// - Parameter text: `gaussian:20`, with the standard deviation in grey levels, or
  ///   `salt-and-pepper:0.05`, with the share of changed values.
  /// - Throws: `SelectionError`.
  public init(_ text: String) throws(SelectionError) {
    var arguments = try FilterArguments(text)
    switch arguments.name {
    case "gaussian":
      self = .gaussian(sigma: try arguments.number("sigma", from: 0, to: 1000) ?? 20)
      try arguments.end(["sigma"])
    case "salt-and-pepper":
      self = .saltAndPepper(share: try arguments.number("share", from: 0, to: 1) ?? 0.05)
      try arguments.end(["share"])
    default:
      throw SelectionError(
        "no noise '\(arguments.name)'"
          + suggestion(for: arguments.name, among: ["gaussian", "salt-and-pepper"]))
    }
  }

  /// As typed.
  public var name: String {
    switch self {
    case .gaussian(let sigma): "gaussian:\(shortText(sigma))"
    case .saltAndPepper(let share): "salt-and-pepper:\(shortText(share))"
    }
  }

  /// - Returns: A picture of the same shape.
  public func added(to picture: Tensor, seed: UInt64) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    let picture = picture.arranged(as: .rowMajor)
    switch self {
    case .gaussian(let sigma):
      return picture.map { min(max($0 + Float(sigma) * generator.normal(), 0), 255) }
    case .saltAndPepper(let share):
      return picture.map {
        let chance = Double(generator.uniform())
        return chance < share / 2 ? 0 : chance < share ? 255 : $0
      }
    }
  }
}

/// How much a picture differs from another of the same size.
public struct PictureError: Sendable, Hashable {
  /// The square root of the mean squared difference, in grey levels.
  public let rmse: Double

  /// - Precondition: The shapes are equal.
  public init(of picture: Tensor, from reference: Tensor) {
    precondition(picture.shape == reference.shape, "\(picture.shape) and \(reference.shape)")
    let sum = zip(picture.elements, reference.elements).reduce(0.0) {
      let difference = Double($1.0) - Double($1.1)
      return $0 + difference * difference
    }
    rmse = (sum / Double(max(picture.count, 1))).squareRoot()
  }

  /// The peak signal-to-noise ratio, `20 log₁₀(255 / RMSE)`, in decibels; infinite if there is no
  /// difference.
  public var psnr: Double { 20 * log10(255 / rmse) }
}
