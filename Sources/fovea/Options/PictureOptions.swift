import ArgumentParser

/// Which pictures.
struct PictureOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: """
      A folder of pictures, one picture, IDX or CIFAR files, an array (.npy, .npz, .safetensors), \
      or scenes:COUNT. Not needed for a checkpoint with pictures of its own.
      """)
  var images: String?

  @Option(help: "Use at most N pictures, spread evenly over the data set.")
  var limit: Int?

  @Option(help: "Random seed.")
  var seed: UInt64 = 0

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, not \(limit)") }
  }
}
