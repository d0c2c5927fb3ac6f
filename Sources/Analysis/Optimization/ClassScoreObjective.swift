public import Networks
internal import TensorCore

/// The score of a class, before a final softmax or sigmoid: S_c of Simonyan, Vedaldi and Zisserman
/// (2014), section 2.
public struct ClassScoreObjective: Objective {
  /// One for each picture.
  public let classes: [Int]
  private let node: String

  public init(_ classes: [Int], of network: Network) {
    (self.classes, node) = (classes, network.graph.scoreName)
  }

  public var nodes: [String] { [node] }

  public func values(in recording: Recording) -> [Float] {
    let scores = recording.scores
    let values = scores.elements
    return classes.indices.map { values[$0 * scores.shape[1] + classes[$0]] }
  }

  public func signals(in recording: Recording) -> [NodeSignal] {
    [NodeSignal(node: node, signal: recording.oneHotScores(of: classes))]
  }
}
