internal import Files
internal import Foundation

extension DatasetFormat {
  /// A single IDX file of pictures, with the labels and class names beside it.
  public static let idxFile = DatasetFormat([.file: "an IDX file"]) { place in
    guard place.setting == .file,
      isGzip(place.start) || place.start.starts(with: [0, 0]) || place.name.hasSuffix("ubyte")
    else { return nil }
    return RecognizedDataset(place) { _, options in
      try IDX.dataset(
        images: place.path, labels: labelsFile(beside: place.path),
        classNames: lines("\(parentFolder(of: place.path))/labels.txt"), memory: options.memory)
    }
  }

  /// IDX files under MNIST's names.
  public static let idxFolder = DatasetFormat([.folder: "IDX files"]) { place in
    func files(_ part: Split) -> (images: String, labels: String?)? {
      let prefix = part == .training ? "train" : "t10k"
      func find(_ what: String, _ type: String) -> String? {
        ["-", "."].flatMap { mark in
          ["", ".gz"].map { "\(prefix)-\(what)\(mark)\(type)-ubyte\($0)" }
        }.first(where: place.names.contains).map { "\(place.path)/\($0)" }
      }
      return find("images", "idx3").map { ($0, find("labels", "idx1")) }
    }
    let parts = [Split.training: files(.training), .test: files(.test)].compactMapValues(\.self)
    guard !parts.isEmpty else { return nil }
    return RecognizedDataset(
      place, parts: Set(parts.keys),
      files: parts.mapValues { [$0.images, $0.labels].compactMap(\.self) }
    ) { part, options in
      guard let files = part.flatMap({ parts[$0] }) else { preconditionFailure("no such part") }
      return try IDX.dataset(
        images: files.images, labels: files.labels, classNames: lines("\(place.path)/labels.txt"),
        memory: options.memory)
    }
  }
}

/// The IDX file of labels that belongs to a file of pictures, compressed or not.
func labelsFile(beside images: String) -> String? {
  let own = (images as NSString).lastPathComponent
  let name = own.replacing("images", with: "labels").replacing("idx3", with: "idx1")
  guard name != own else { return nil }
  let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
  return [name, plain, "\(plain).gz"].lazy.map { "\(parentFolder(of: images))/\($0)" }
    .first { kindOfFile($0) == .regular }
}
