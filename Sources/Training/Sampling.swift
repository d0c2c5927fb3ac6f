internal import TensorCore

/// Which pictures an epoch consists of.
public enum Sampling: String, Sendable, Hashable, Codable, CaseIterable {
  /// Each once, in random order.
  case shuffled
  /// As many, but the same number of each class: pictures of rare classes come several times,
  /// changed differently each time, and not all of frequent ones (class-aware sampling; Shen, Lin
  /// and Huang, "Relay Backpropagation for Effective Learning of Deep Convolutional Neural
  /// Networks", 2016, section 3.3).
  case balanced

  /// - Parameter classes: The class of each picture; nil for those without one, which a balanced
  ///   epoch leaves out.
  package func order(
    _ classes: @autoclosure () throws -> [Int?], count: Int, epoch: Int, seed: UInt64
  )
    rethrows -> [SampledPicture]
  {
    var random = SeededGenerator(seed: seed, path: RandomPath.order, epoch)
    guard self == .balanced else {
      return Array(0..<count).shuffled(using: &random).map { SampledPicture(position: $0) }
    }
    var members: [Int: [Int]] = [:]
    for (position, label) in try classes().enumerated() {
      if let label { members[label, default: []].append(position) }
    }
    guard !members.isEmpty else { return [] }
    // Classes that get one more than others, if the number is not divisible.
    let labels = members.keys.sorted().shuffled(using: &random)
    var epoch: [SampledPicture] = []
    for (place, label) in labels.enumerated() {
      let share = count / labels.count + (place < count % labels.count ? 1 : 0)
      let own = members[label] ?? []
      var turn = 0
      var left = share
      while left > 0 {
        // Every picture once before any comes again.
        epoch += own.shuffled(using: &random).prefix(left).map {
          SampledPicture(position: $0, turn: turn)
        }
        left -= own.count
        turn += 1
      }
    }
    return epoch.shuffled(using: &random)
  }
}

/// A picture of an epoch.
package struct SampledPicture: Sendable, Hashable {
  package let position: Int
  /// How often it came before in the epoch.
  package var turn = 0
}
