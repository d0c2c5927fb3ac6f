internal import Files

extension DatasetFormat {
  /// An array `[N, C, H, W]` that is used exactly as it is.
  public static let npyArray = DatasetFormat([.file: "a NumPy array (.npy)"]) { place in
    guard place.setting == .file,
      place.start.starts(with: NumPyHeader.magic) || place.type == "npy"
    else { return nil }
    return RecognizedDataset(place) { _, options in try openNPY(place.file, options.memory) }
  }

  /// An archive of arrays: pictures, perhaps with labels.
  public static let npzArchive = DatasetFormat([.file: "a NumPy archive (.npz)"]) { place in
    guard place.setting == .file, ZipArchive.isZip(place.start) || place.type == "npz" else {
      return nil
    }
    return RecognizedDataset(place) { _, options in try openNPZ(place.file, options.memory) }
  }
}
