internal import Dispatch
internal import Synchronization
internal import TensorCore

/// Work on other cores, with a limit on how much is pending at a time.
final class BackgroundWork: Sendable {
  private let queue = DispatchQueue(label: "fovea.galleries", attributes: .concurrent)
  private let group = DispatchGroup()
  private let places: DispatchSemaphore
  private let failure = Mutex<(any Error)?>(nil)

  /// - Parameter most: How many pieces may be in progress; `add` waits while there are as many.
  init(most: Int = ThreadCount.current) {
    places = DispatchSemaphore(value: max(1, most))
  }

  /// - Throws: The first error that the work has thrown so far.
  func add(_ work: @escaping @Sendable () throws -> Void) throws {
    places.wait()
    if let error = failure.withLock({ $0 }) {
      places.signal()
      throw error
    }
    queue.async(group: group) { [self] in
      defer { places.signal() }
      do {
        try work()
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
  }

  /// Returns once no work is in progress.
  func settle() { group.wait() }

  /// Returns once all work is done.
  ///
  /// - Throws: The first error.
  func finish() throws {
    settle()
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
