/// A drawable that is made anew for a narrower place, such as with smaller pictures.
public struct Flowing: Composite {
  public let parts: [Part]
  public let size: Size
  private let make: @Sendable (Double) -> any Drawable

  /// - Parameters:
  ///   - natural: The drawable where there is room for it.
  ///   - make: The same for a width.
  public init(_ natural: any Drawable, narrowed make: @escaping @Sendable (Double) -> any Drawable)
  {
    parts = [Part(natural, at: Point(0, 0))]
    size = natural.size
    self.make = make
  }
}

extension Flowing: Reflowing {
  func reflowed(toWidth width: Double) -> any Drawable { size.width > width ? make(width) : self }
}
