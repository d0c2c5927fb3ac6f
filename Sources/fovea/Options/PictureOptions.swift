import ArgumentParser

/// Which pictures.
struct PictureOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: """
      A folder of pictures, one picture, IDX or CIFAR files, an array (.npy, .npz, .safetensors), \
      or scenes:COUNT. A checkpoint that brings pictures needs none.
      """)
  var images: String?

  @Option(help: "At most so many pictures, evenly from all.")
  var limit: Int?

  @Option(help: "Decides every chance.")
  var seed: UInt64 = 0

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1, not \(limit)") }
  }
}
