internal import Foundation

/// A geometric change of a picture by one number (Zeiler and Fergus 2014, section 4).
public enum PictureTransformation: String, CaseIterable, Sendable, Hashable {
  /// Down by a number of pixels.
  case vertical
  /// To the right by a number of pixels.
  case horizontal
  /// Enlarged by a factor, about the picture's centre.
  case scale
  /// Turned counterclockwise by an angle in degrees, about the picture's centre.
  case rotation

  /// The amount that leaves a picture as it is.
  public var identity: Double { self == .scale ? 1 : 0 }

  /// The point of a picture that is seen at each point of the transformed one.
  ///
  /// - Parameters:
  ///   - amount: In pixels, as a factor or in degrees; a factor must be positive.
  ///   - height: Of the picture, in pixels.
  ///   - width: Of the picture, in pixels.
  public func mapping(by amount: Double, height: Int, width: Int) -> PlaneMapping {
    let center = PlanePoint(row: Double(height) / 2, column: Double(width) / 2)
    switch self {
    case .vertical:
      return PlaneMapping(center: center, shift: PlanePoint(row: -amount, column: 0))
    case .horizontal:
      return PlaneMapping(center: center, shift: PlanePoint(row: 0, column: -amount))
    case .scale: return PlaneMapping(center: center, cosine: 1 / amount)
    case .rotation:
      let angle = amount * .pi / 180
      return PlaneMapping(center: center, cosine: cos(angle), sine: sin(angle))
    }
  }
}

/// The amounts by which pictures are transformed.
public struct TransformationSweep: Sendable, Hashable {
  public let transformation: PictureTransformation
  /// In ascending order.
  public let amounts: [Double]

  /// - Parameters:
  ///   - transformation: What is done to the pictures.
  ///   - amounts: In ascending order.
  public init(_ transformation: PictureTransformation, amounts: [Double]) {
    (self.transformation, self.amounts) = (transformation, amounts)
  }

  /// Amounts at equal distances over a range, including both ends; for rotation, equal parts of a
  /// full turn, one fewer because its ends are the same.
  ///
  /// - Parameters:
  ///   - transformation: What is done to the pictures.
  ///   - range: From the least amount to the greatest; not used for rotation.
  ///   - steps: The number of amounts, at least 2.
  public init(_ transformation: PictureTransformation, over range: ClosedRange<Double>, steps: Int)
  {
    let parts = Double(steps - 1)
    let whole = transformation == .rotation ? 0...360 : range
    let amounts = (0..<steps).map { step in
      whole.lowerBound + (whole.upperBound - whole.lowerBound) * Double(step) / parts
    }
    self.init(
      transformation, amounts: transformation == .rotation ? amounts.dropLast() : amounts)
  }
}

/// A point in pixels from a picture's upper left corner: the centre of the first pixel is
/// (0.5, 0.5).
public struct PlanePoint: Sendable, Hashable {
  public var row, column: Double

  /// - Parameters:
  ///   - row: Downwards.
  ///   - column: To the right.
  public init(row: Double, column: Double) { (self.row, self.column) = (row, column) }
}

/// A similarity of the plane: each point of a transformed picture to its source in the original.
public struct PlaneMapping: Sendable, Hashable {
  /// Stays in its place, but for the shift.
  let center: PlanePoint
  /// Of the angle by which the source is turned clockwise, times the factor by which it is larger.
  var cosine = 1.0
  var sine = 0.0
  /// Added to the source.
  var shift = PlanePoint(row: 0, column: 0)

  /// The point of the original that is seen at a point of the transformed picture.
  public func source(of point: PlanePoint) -> PlanePoint {
    let (down, right) = (point.row - center.row, point.column - center.column)
    return PlanePoint(
      row: center.row + (sine * right + cosine * down) + shift.row,
      column: center.column + (cosine * right - sine * down) + shift.column)
  }
}
