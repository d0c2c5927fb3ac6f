internal import Synchronization

/// Primitives by their descriptions and numbers of threads, created when first asked for and kept
/// while recently used.
///
/// An evicted primitive lives on for those who hold it; the next request creates another one.
package final class PrimitiveCache: Sendable {
  /// A cache with less room than a run needs finds nothing: each primitive is evicted just before
  /// its next use. Training DenseNet-201 asks for 704 primitives in turn, and for as many again for
  /// the last, smaller batch of an epoch; a whole gallery of GoogLeNet for 600. A convolution with
  /// its reorders takes about 120 KiB (oneDNN 2.6), so that a full cache takes 250 MiB at most.
  static let shared = PrimitiveCache(capacity: 2048)

  private struct Key: Hashable {
    let description: PrimitiveDescription
    let threads: Int
  }

  private let primitives: Mutex<RecentlyUsed<Key, Primitive>>

  package init(capacity: Int) { primitives = Mutex(RecentlyUsed(capacity: capacity)) }

  package func primitive(
    for description: PrimitiveDescription
  ) throws(OneDNNError) -> Primitive {
    let key = Key(description: description, threads: KernelThreads.count)
    if let found = primitives.withLock({ $0.use(key) }) { return found }
    let primitive = try Primitive(description)
    // What is evicted is destroyed after the lock is released.
    let (shared, evicted) = primitives.withLock { primitives -> (Primitive, Primitive?) in
      // Another thread may have created it in the meantime.
      if let found = primitives.use(key) { return (found, nil) }
      return (primitive, primitives.insert(primitive, for: key))
    }
    withExtendedLifetime(evicted) {}
    return shared
  }
}
