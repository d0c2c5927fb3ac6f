public import Analysis
public import ArgumentParser

/// What is shown of the pictures that activate units.
public struct PatchViewOptions: ParsableArguments {
  @Option(
    help: """
      What a projection starts from: the activation, or 1. Pictures have a scale of their own; \
      --arrays shows the difference.
      """)
  public var projectFrom = ProjectionSeed.activation

  @Option(
    help: """
      What is shown of a picture: the unit's receptive field; the part with 95 % of the squared \
      gradient of its activation (effective); the whole picture with that part outlined; or \
      the field up to half the picture, and the effective part beyond (auto).
      """)
  public var crop = PatchCrop.auto

  public init() {}
}
