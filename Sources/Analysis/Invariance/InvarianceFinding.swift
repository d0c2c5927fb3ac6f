/// How features and class probabilities change while pictures are transformed.
public struct InvarianceFinding: Sendable {
  /// The features of one layer; each list has one row per picture and one number per amount.
  public struct Layer: Sendable {
    public let name: String
    /// `‖f(Tx) − f(x)‖ / ‖f(x)‖`: 0 if the features do not change.
    public internal(set) var distances: [[Double]] = []
    /// `1 − cos(f(Tx), f(x))`.
    public internal(set) var cosineDistances: [[Double]] = []
    /// `‖f(Tx) − T f(x)‖ / ‖T f(x)‖` where both exist: 0 if the maps move with the picture; nil for
    /// a layer without maps.
    public internal(set) var movedDistances: [[Double]]?
    /// How far apart features of different pictures are: the root mean square distance of all
    /// pairs, divided by the root mean square norm; nil for fewer than two pictures.
    public internal(set) var spread: Double?
  }

  public let sweep: TransformationSweep
  public let layers: [Layer]
  /// The data set's index of each picture.
  public let pictures: [Int]
  /// The class whose probability is measured, of each picture; empty if there are no probabilities.
  public let classes: [Int]
  /// Of each picture's class, one number per amount; empty if there are none.
  public let probabilities: [[Double]]

  /// - Parameter values: One row per picture.
  /// - Returns: The mean of the finite values at each amount; NaN if there are none.
  public static func mean(of values: [[Double]]) -> [Double] {
    (0..<(values.first?.count ?? 0)).map { amount in mean(values.map { $0[amount] }) }
  }

  /// Whether there is any distance to show.
  public var isEmpty: Bool {
    !layers.contains { $0.distances.contains { $0.contains(where: \.isFinite) } }
  }

  /// The mean over all pictures and all amounts but the one that changes nothing.
  ///
  /// - Parameter values: One row per picture.
  public func overall(_ values: [[Double]]) -> Double {
    let changing = sweep.amounts.indices.filter {
      abs(sweep.amounts[$0] - sweep.transformation.identity) > roundingError
    }
    return Self.mean(values.flatMap { row in changing.map { row[$0] } })
  }

  private static func mean(_ values: [Double]) -> Double {
    let finite = values.filter(\.isFinite)
    return finite.reduce(0, +) / Double(finite.count)
  }
}

/// Whether features withstand a transformation, as one word.
///
/// A distance is compared with how far apart the features of different pictures are, because that
/// is what the network has to tell apart.
public enum InvarianceVerdict: String, Sendable, Hashable {
  case yes
  case partly = "in part"
  case no

  /// Up to this share of the distance between pictures, features count as unchanged.
  public static let greatestOfYes = 0.25
  /// From this share on, a transformed picture is as good as another one.
  public static let leastOfNo = 0.75

  /// - Parameters:
  ///   - distance: The mean over a sweep.
  ///   - spread: The distance between different pictures.
  /// - Returns: Nil if they cannot be compared.
  public init?(_ distance: Double, spread: Double?) {
    guard let spread, spread > 0, distance.isFinite else { return nil }
    switch distance / spread {
    case ...Self.greatestOfYes: self = .yes
    case Self.leastOfNo...: self = .no
    default: self = .partly
    }
  }
}
