internal import Files
internal import Images

extension DatasetFormat {
  /// A single PNG or JPEG.
  public static let picture = DatasetFormat([.file: "a picture (PNG, JPEG)"]) { place in
    guard place.setting == .file,
      PictureFolder.extensions.contains(place.type.lowercased())
        || [.png, .jpeg].contains(PictureFormat(of: place.start))
    else { return nil }
    return RecognizedDataset(place) { _, options in
      // If a single picture cannot be read, nothing is left to show.
      try PictureFile(place.path, memory: options.memory).opened().checkPixels()
      return PictureFolder(file: place.path, memory: options.memory)
    }
  }

  /// Pictures in a folder and its subfolders, which are the classes if there are several.
  public static let pictureFolder = DatasetFormat([.folder: "pictures (PNG, JPEG)"]) { place in
    guard place.setting == .folder else { return nil }
    let contents = try FolderContents(place.path)
    guard !contents.pictures.isEmpty else { return nil }
    return RecognizedDataset(place) { _, options in
      let folder = try AnnotatedFolder(contents, memory: options.memory)
      return PictureFolder(folder, classes: .init(of: [folder]), memory: options.memory)
    }
  }

  /// Two folders of pictures that are the two parts of one data set.
  public static let splitFolders = DatasetFormat([.folder: "folders train and test"]) { place in
    func find(_ usual: [String]) -> String? {
      usual.first { place.names.contains($0) && kindOfFile("\(place.path)/\($0)") == .folder }
        .map { "\(place.path)/\($0)" }
    }
    guard let training = find(["train", "training"]),
      let test = find(["test", "val", "validation"])
    else { return nil }
    return RecognizedDataset(place, parts: [.training, .test]) { part, options in
      let folders = try [training, test].map {
        try AnnotatedFolder(FolderContents($0), partOf: place.path, memory: options.memory)
      }
      let chosen = folders[part == .training ? 0 : 1]
      guard !chosen.pictures.isEmpty else {
        throw FileError(
          .missing, chosen.path, "expected pictures (PNG, JPEG), found \(chosen.otherFiles)")
      }
      // A class may have no picture in one of the parts, but keeps its number.
      return PictureFolder(chosen, classes: .init(of: folders), memory: options.memory)
    }
  }
}
