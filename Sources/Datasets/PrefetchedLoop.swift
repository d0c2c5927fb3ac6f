internal import Files

/// Computes values one after the other and calls `body` with each; while it works on one, the next
/// is computed on another thread. Two values are in memory at a time.
///
/// - Throws: What `make` or `body` throws first; the rest is not computed.
package func forEachPrefetched<Value: Sendable>(
  _ count: Int, _ make: @escaping @Sendable (_ position: Int) throws -> Value,
  _ body: (Value) throws -> Void
) throws {
  func start(_ position: Int) -> Prefetch<Value, any Error>? {
    position < count ? Prefetch { try make(position) } : nil
  }
  var next = start(0)
  for position in 0..<count {
    guard let current = try next?.take() else { return }
    next = start(position + 1)
    try body(current)
  }
}
