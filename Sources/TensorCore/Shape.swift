/// The extents of a tensor, outermost first. Images are `[N, C, H, W]`.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
  public let extents: [Int]

  public init(_ extents: [Int]) {
    precondition(extents.allSatisfy { $0 >= 0 }, "negative extent in \(extents)")
    self.extents = extents
  }

  public init(arrayLiteral elements: Int...) { self.init(elements) }

  public var rank: Int { extents.count }
  public var elementCount: Int { extents.reduce(1, *) }
  public var description: String { "\(extents)" }
  public subscript(axis: Int) -> Int { extents[axis] }

  /// The extents after the first two: `[H, W]` of `[N, C, H, W]`.
  public var spatial: [Int] { Array(extents.dropFirst(2)) }

  /// The same shape with a different first extent.
  public func withCount(_ count: Int) -> Shape { Shape([count] + extents.dropFirst()) }
}
