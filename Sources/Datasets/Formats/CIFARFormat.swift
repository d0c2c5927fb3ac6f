extension DatasetFormat {
  /// A single file of CIFAR-10's records, with the class names beside it.
  public static let cifarFile = DatasetFormat([.file: "a CIFAR file (.bin)"]) { place in
    guard place.setting == .file, place.type == "bin" else { return nil }
    return RecognizedDataset(place) { _, _ in
      try CIFAR.dataset(
        [place.path], classNames: lines("\(parentFolder(of: place.path))/batches.meta.txt"))
    }
  }

  /// CIFAR-10's files under their usual names.
  public static let cifarFolder = DatasetFormat([.folder: "CIFAR files"]) { place in
    func files(_ part: Split) -> [String] {
      let prefix = part == .training ? "data_batch" : "test_batch"
      return place.names.filter { $0.hasSuffix(".bin") && $0.hasPrefix(prefix) }.sorted()
        .map { "\(place.path)/\($0)" }
    }
    let parts = [Split.training: files(.training), .test: files(.test)].filter { !$1.isEmpty }
    guard !parts.isEmpty else { return nil }
    return RecognizedDataset(place, parts: Set(parts.keys), files: parts) { part, _ in
      try CIFAR.dataset(
        part.flatMap { parts[$0] } ?? [],
        classNames: lines("\(place.path)/batches.meta.txt"))
    }
  }
}
