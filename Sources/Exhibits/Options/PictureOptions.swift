public import ArgumentParser
internal import Datasets

/// Which pictures.
public struct PictureOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: """
      The pictures: \(datasetFormats.usage). Not needed if the checkpoint's own data set is found. \
      Arrays are [N, C, H, W], or [N, H, W, C] for an ONNX file that takes its pictures so, and \
      used exactly as they are.
      """)
  public var images: String?

  @Option(
    help: ArgumentHelp(
      "A table with the columns file and label: the classes of the pictures of a folder.",
      valueName: "file.csv"))
  public var labels: String?

  @Option(help: "Use at most N pictures, spread evenly over the data set.")
  public var limit: Int?

  @Option(help: "Random seed.")
  public var seed: UInt64 = 0

  public init() {}

  /// Those that name files.
  static let fileOptions: Set<String> = ["images", "labels"]

  public func validate() throws {
    try checkCount(limit, of: "--limit")
  }
}

/// - Throws: `ValidationError` for a count below 1.
func checkCount(_ count: Int?, of option: String) throws {
  if let count, count < 1 { throw ValidationError("\(option) must be at least 1, not \(count)") }
}
