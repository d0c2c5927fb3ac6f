/// A dictionary of limited size: a new entry takes the place of the least recently used one.
///
/// For values that take far longer to make than a look at every entry: then an ordered dictionary,
/// in which each use would move an entry, has nothing to gain.
///
/// - Complexity: O(1) to find a value, O(capacity) to insert one into a full dictionary.
package struct RecentlyUsed<Key: Hashable, Value> {
  private let capacity: Int
  private var entries: [Key: (value: Value, lastUse: Int)] = [:]
  private var uses = 0

  /// - Precondition: The capacity is positive.
  package init(capacity: Int) {
    precondition(capacity > 0, "a capacity of \(capacity)")
    self.capacity = capacity
  }

  /// The value, which is now the most recently used one.
  package mutating func use(_ key: Key) -> Value? {
    guard let index = entries.index(forKey: key) else { return nil }
    uses += 1
    entries.values[index].lastUse = uses
    return entries.values[index].value
  }

  /// - Returns: The value that had to go.
  package mutating func insert(_ value: Value, for key: Key) -> Value? {
    uses += 1
    if let replaced = entries.updateValue((value, uses), forKey: key) { return replaced.value }
    guard entries.count > capacity,
      let oldest = entries.indices.min(by: { entries[$0].value.lastUse < entries[$1].value.lastUse }
      )
    else { return nil }
    return entries.remove(at: oldest).value.value
  }
}
