internal import Files

extension DatasetFormat {
  /// An array of floats `[N, C, H, W]`, which is used exactly as it is, or of bytes, which are
  /// pictures like others; an array of series or volumes.
  public static let npyArray = DatasetFormat(
    [.file: "a NumPy array (.npy)"], of: Set(ExampleKind.allCases)
  ) { place in
    guard place.setting == .file,
      place.start.starts(with: NumPyHeader.magic) || place.type == "npy"
    else { return nil }
    return RecognizedDataset(place) { _, options in
      try openNPY(place.file, of: place.kind, options.memory)
    }
  }

  /// An archive of arrays: examples, perhaps with labels, perhaps in two parts.
  public static let npzArchive = DatasetFormat(
    [.file: "a NumPy archive (.npz)"], of: Set(ExampleKind.allCases)
  ) { place in
    guard place.setting == .file, ZipArchive.isZip(place.start) || place.type == "npz" else {
      return nil
    }
    // What is wrong with an archive is said when it is opened.
    let parts = (try? NumPyArchive(place.file, of: place.kind))?.parts ?? []
    return RecognizedDataset(place, parts: parts) { part, options in
      try NumPyArchive(place.file, of: place.kind).open(part, options.memory)
    }
  }
}
