public import Files
internal import Foundation
internal import TensorCore

/// Which part of a data set that comes in two.
public enum Split: Sendable, Hashable { case training, test }

/// Opens pictures by what is there: a folder of pictures, IDX, CIFAR or NumPy files under their
/// usual names, or a single file of any of these.
///
/// - Parameter split: Where a folder holds both parts; nil for its test part, or its only one.
/// - Throws: `FileError` that says what was looked for.
public func openDataset(
  _ path: String, split: Split? = nil
) throws(FileError) -> any Dataset {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
    throw FileError(.missing, path, "no such file or folder")
  }
  if isFolder.boolValue { return try openFolder(path, split: split) }
  return try openFile(path)
}

/// Whether a folder holds a training and a test part under their usual names.
public func hasSplits(_ path: String) -> Bool {
  let names = fileNames(path)
  return idxNames(names, .training) != nil && idxNames(names, .test) != nil
    || !cifarNames(names, .training).isEmpty && !cifarNames(names, .test).isEmpty
    || names.contains("train") && (names.contains("test") || names.contains("val"))
}

private func openFolder(_ path: String, split: Split?) throws(FileError) -> any Dataset {
  let names = fileNames(path)
  let preferred = split ?? .test
  let other: Split = preferred == .test ? .training : .test
  for part in split == nil ? [preferred, other] : [preferred] {
    if let (images, labels) = idxNames(names, part) {
      return try IDX.dataset(
        images: "\(path)/\(images)", labels: labels.map { "\(path)/\($0)" },
        classNames: lines("\(path)/labels.txt"))
    }
    let batches = cifarNames(names, part)
    if !batches.isEmpty {
      return try CIFAR.dataset(
        batches.map { "\(path)/\($0)" }, classNames: lines("\(path)/batches.meta.txt"))
    }
    let folders = part == .training ? ["train", "training"] : ["test", "val", "validation"]
    if let folder = folders.first(where: names.contains), split != nil {
      return try PictureFolder("\(path)/\(folder)")
    }
  }
  if let split, hasSplits(path) {
    throw FileError(.missing, path, "holds no \(split == .test ? "test" : "training") part")
  }
  return try PictureFolder(path)
}

private func openFile(_ path: String) throws(FileError) -> any Dataset {
  let name = URL(filePath: path).lastPathComponent
  let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
  let data = try readFile(path)
  if name.hasSuffix(".npz") || ZipArchive.isZip(data) {
    return try openNPZ(path, ZipArchive(data, file: path))
  }
  if name.hasSuffix(".npy") || data.starts(with: [0x93, 0x4E]) {
    let array = try NumPy.pictures(NumPy.array(data, file: path), file: path)
    return ArrayDataset(array, source: name)
  }
  if name.contains("idx") || name.hasSuffix("ubyte") || name.hasSuffix("ubyte.gz") {
    let labels = name.replacing("images", with: "labels").replacing("idx3", with: "idx1")
    let hasLabels =
      labels != name && FileManager.default.fileExists(atPath: "\(folder)/\(labels)")
    return try IDX.dataset(
      images: path, labels: hasLabels ? "\(folder)/\(labels)" : nil,
      classNames: lines("\(folder)/labels.txt"))
  }
  if name.hasSuffix(".bin") {
    return try CIFAR.dataset([path], classNames: lines("\(folder)/batches.meta.txt"))
  }
  let picture = PictureFolder(file: path)
  do {
    // A single picture that cannot be read leaves nothing to show.
    _ = try picture.example(at: 0)
  } catch let error as FileError {
    throw error
  } catch {
    throw FileError(.malformed, path, "\(error)")
  }
  return picture
}

/// The first array with pictures, and labels from one named `labels`, `label` or `y`.
private func openNPZ(_ path: String, _ archive: ZipArchive) throws(FileError) -> any Dataset {
  let labelNames: Set<String> = ["labels", "label", "y", "targets", "target"]
  var (images, labels): (Tensor?, [Int]?) = (nil, nil)
  for name in archive.names where name.hasSuffix(".npy") {
    let array = try NumPy.array(archive.contents(of: name), file: "\(path)/\(name)")
    if labelNames.contains(String(name.dropLast(4))) {
      labels = array.elements.map { Int($0) }
    } else if images == nil, array.shape.rank >= 3 {
      images = try NumPy.pictures(array, file: path)
    }
  }
  guard let images else {
    throw FileError(.malformed, path, "expected an array [N, C, H, W], found none")
  }
  if let labels, labels.count != images.shape[0] {
    throw FileError(
      .malformed, path, "expected \(images.shape[0]) labels, found \(labels.count)")
  }
  return ArrayDataset(
    images, labels: labels, source: URL(filePath: path).lastPathComponent)
}

private func fileNames(_ folder: String) -> Set<String> {
  Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
}

/// The pictures' and labels' files of MNIST's names.
private func idxNames(
  _ names: Set<String>, _ split: Split
) -> (images: String, labels: String?)? {
  let prefix = split == .training ? "train" : "t10k"
  func find(_ what: String) -> String? {
    ["-", "."].flatMap { mark in
      ["", ".gz"].map { "\(prefix)-\(what)".replacing("@", with: mark) + $0 }
    }
    .first(where: names.contains)
  }
  guard let images = find("images@idx3-ubyte") else { return nil }
  return (images, find("labels@idx1-ubyte"))
}

private func cifarNames(_ names: Set<String>, _ split: Split) -> [String] {
  names.filter {
    $0.hasSuffix(".bin") && $0.hasPrefix(split == .training ? "data_batch" : "test_batch")
  }.sorted()
}

/// The lines of a small text file; none where there is no such file.
private func lines(_ path: String) -> [String] {
  guard let data = try? readFile(path) else { return [] }
  return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map {
    $0.trimmingCharacters(in: .whitespaces)
  }.filter { !$0.isEmpty }
}
