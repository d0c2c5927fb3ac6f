internal import Foundation
public import Testing

extension Trait where Self == ConditionTrait {
  /// For tests that take longer than most: `scripts/test --fast` leaves them out, and they say so.
  ///
  /// A condition rather than a tag, since Swift 6.3 cannot leave out tests by their tags.
  public static var slow: Self {
    .disabled(if: isQuickRun, "slow: left out by scripts/test --fast")
  }
}

private let isQuickRun = ProcessInfo.processInfo.environment["FOVEA_FAST"] != nil
