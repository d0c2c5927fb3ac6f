public import Networks
public import TensorCore

/// A way to explain a score at the pixels.
///
/// A method is a value: its parameters are properties with the source's defaults, and running it
/// changes neither the network nor the method. Each method has a file of its own in `Methods`, and
/// a line in `attributionMethods`.
public protocol AttributionMethod: Sendable {
  /// As it is typed.
  var name: String { get }
  /// Author and year, for captions.
  var citation: String { get }
  /// What the maps are: the beginning of a sentence, before the citation.
  ///
  /// - Parameter score: What is explained, such as `class score before softmax`.
  func explanation(of score: String) -> String
  /// Whether the sign has a meaning: what speaks for the score, and what against it. Maps without
  /// are magnitudes.
  var isSigned: Bool { get }
  /// What can be chosen.
  static var parameters: [MethodParameter<Self>] { get }

  /// What the forward run that all methods share must keep for this one.
  ///
  /// - Precondition: `check(_:)` found nothing.
  func keep(in network: Network) -> Keep

  /// What the largest run of the method keeps, its own runs included: for planning memory.
  func largestKeep(in network: Network) -> Keep

  /// What the method holds beside that run, in bytes: for planning memory.
  func workBytes(pictures: Int, in network: Network) -> Int

  /// Refuses, before any work starts, parameters that the network does not have.
  func check(_ network: Network) throws(SelectionError)

  /// Why the method says less than usual of a network, in a full sentence; nil if it does not.
  func caveat(about network: Network) -> String?

  /// - Parameter scores: One for each picture of the batch.
  func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution
}

extension AttributionMethod {
  public static var parameters: [MethodParameter<Self>] { [] }
  public func keep(in network: Network) -> Keep { .forGradient() }
  public func largestKeep(in network: Network) -> Keep { keep(in: network) }
  public func workBytes(pictures: Int, in network: Network) -> Int { 0 }
  public func check(_ network: Network) throws(SelectionError) {}
  public func caveat(about network: Network) -> String? { nil }
}

/// What a method found, for each picture of a batch.
public struct Attribution: Sendable {
  /// `[N, C, H, W]` at the pixels, or `[N, 1, H, W]` if the method does not tell channels apart.
  public let maps: Tensor
  /// The maps of a layer before they were resized to the picture, `[N, 1, h, w]`; nil for
  /// methods that work at the pixels.
  public let layerMaps: Tensor?
  /// How far each picture's attributions add up to what they should; nil if they need not.
  public let checks: [AttributionCheck]?
  /// What the method chose by itself, in a full sentence; empty if it chose nothing.
  public let remark: String

  public init(
    maps: Tensor, layerMaps: Tensor? = nil, checks: [AttributionCheck]? = nil, remark: String = ""
  ) {
    (self.maps, self.layerMaps) = (maps, layerMaps)
    (self.checks, self.remark) = (checks, remark)
  }
}

/// Whether the attributions of one picture add up to what they explain.
public struct AttributionCheck: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// Sundararajan et al. (2017), section 3: the score less that of the baseline.
    case completeness
    /// Bach et al. (2015), equation 2: the score.
    case conservation
  }

  public let kind: Kind
  /// Of all attributions.
  public let sum: Double
  /// What it should be.
  public let expected: Double

  public init(kind: Kind, sum: Double, expected: Double) {
    (self.kind, self.sum, self.expected) = (kind, sum, expected)
  }

  /// `sum − expected`.
  public var gap: Double { sum - expected }
}
