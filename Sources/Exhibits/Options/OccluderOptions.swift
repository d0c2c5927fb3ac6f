public import ArgumentParser

/// The square that hides parts of pictures.
public struct OccluderOptions: ParsableArguments {
  @Option(
    help: """
      Side of the square that hides a part of a picture, in pixels of the network's input; by \
      default 50 at an input of 224, in proportion to its shorter side.
      """)
  public var size: Int?

  @Option(
    help: """
      Colour of what hides a part: grey (128, before preprocessing), black, white, R,G,B (0 to 255 \
      each), or mean, the input's zero; by default grey, or mean for inputs that are not pictures.
      """)
  public var color: OccluderColor?

  public init() {}

  public func validate() throws { try checkCount(size, of: "--size") }
}
