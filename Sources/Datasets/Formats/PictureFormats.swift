internal import Files
internal import Images

extension DatasetFormat {
  /// A single PNG or JPEG.
  public static let picture = DatasetFormat([.file: "a picture (PNG, JPEG)"]) { place in
    guard place.setting == .file,
      ExampleKind.picture.fileTypes.contains(place.type.lowercased())
        || [.png, .jpeg].contains(PictureFormat(of: place.start))
    else { return nil }
    return RecognizedDataset(place) { _, options in
      // If a single picture cannot be read, nothing is left to show.
      try PictureFile(place.path, memory: options.memory).opened().checkPixels()
      return try ExampleFolder(file: place.path, memory: options.memory)
    }
  }

  /// A single CSV or WAV file.
  public static let series = DatasetFormat([.file: "a series (CSV, WAV)"], of: [.series]) { place in
    guard place.setting == .file, SeriesFile.extensions.contains(place.type.lowercased()) else {
      return nil
    }
    return RecognizedDataset(place) { _, options in
      try ExampleFolder(
        file: place.path, of: .series, input: options.input, memory: options.memory)
    }
  }

  /// Pictures in a folder and its subfolders, which are the classes if there are several.
  public static let pictureFolder = folder(of: .picture)
  public static let seriesFolder = folder(of: .series)
  public static let volumeFolder = folder(of: .volume)

  private static func folder(of kind: ExampleKind) -> DatasetFormat {
    DatasetFormat([.folder: kind.filesName], of: [kind]) { place in
      guard place.setting == .folder else { return nil }
      let contents = try FolderContents(place.path, of: kind)
      guard !contents.examples.isEmpty else { return nil }
      return RecognizedDataset(place) { _, options in
        let folder = try AnnotatedFolder(contents, memory: options.memory)
        return try ExampleFolder(
          folder, classes: .init(of: [folder]), input: options.input, memory: options.memory)
      }
    }
  }

  /// Two folders of examples that are the two parts of one data set.
  public static let splitFolders = DatasetFormat(
    [.folder: "folders train and test"], of: Set(ExampleKind.allCases)
  ) { place in
    func find(_ usual: [String]) -> String? {
      usual.first { place.names.contains($0) && kindOfFile("\(place.path)/\($0)") == .folder }
        .map { "\(place.path)/\($0)" }
    }
    guard let training = find(["train", "training"]),
      let test = find(["test", "val", "validation"])
    else { return nil }
    return RecognizedDataset(
      place, parts: [.training, .test], files: [.training: [training], .test: [test]]
    ) { part, options in
      let folders = try [training, test].map {
        try AnnotatedFolder(
          FolderContents($0, of: place.kind), partOf: place.path, memory: options.memory)
      }
      let chosen = folders[part == .training ? 0 : 1]
      guard !chosen.examples.isEmpty else {
        throw FileError(
          .missing, chosen.path,
          "expected \(place.kind.filesName), found \(chosen.otherFiles)")
      }
      // A class may have no example in one of the parts, but keeps its number.
      return try ExampleFolder(
        chosen, classes: .init(of: folders), input: options.input, memory: options.memory)
    }
  }
}
