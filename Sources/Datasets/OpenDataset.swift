public import Files
internal import Foundation
internal import Images

/// One of the two parts of a data set that is split.
public enum Split: Sendable, Hashable { case training, test }

/// Opens pictures, detecting their format: a folder of pictures, IDX, CIFAR or NumPy files under
/// their usual names, or a single file of any of these formats.
///
/// - Parameters:
///   - split: For a folder with both parts; nil for its test part, or its only one.
///   - memory: For what is decompressed, and for the pictures that are decoded at the same time.
/// - Throws: `FileError` that says what was expected.
public func openDataset(
  _ path: String, split: Split? = nil, memory: MemoryBudget = .ofMachine()
) throws(FileError) -> any Dataset {
  switch kindOfFile(path) {
  case .folder: return try openFolder(path, split: split, memory)
  case .regular, .other: return try openFile(path, memory)
  case .none: throw FileError(.missing, path, "no such file or folder")
  }
}

/// Whether a folder contains a training and a test part under their usual names.
public func hasSplits(_ path: String) -> Bool {
  guard let names = try? FolderNames(path) else { return false }
  return names.idx(.training) != nil && names.idx(.test) != nil
    || !names.cifar(.training).isEmpty && !names.cifar(.test).isEmpty
    || names.pictureFolders != nil
}

private func openFolder(
  _ path: String, split: Split?, _ memory: MemoryBudget
) throws(FileError) -> any Dataset {
  let names = try FolderNames(path)
  for part in split.map({ [$0] }) ?? [.test, .training] {
    if let (images, labels) = names.idx(part) {
      return try IDX.dataset(
        images: "\(path)/\(images)", labels: labels.map { "\(path)/\($0)" },
        classNames: lines("\(path)/labels.txt"), memory: memory)
    }
    let batches = names.cifar(part)
    if !batches.isEmpty {
      return try CIFAR.dataset(
        batches.map { "\(path)/\($0)" }, classNames: lines("\(path)/batches.meta.txt"))
    }
    if let folders = names.pictureFolders {
      let parts = ["\(path)/\(folders.training)", "\(path)/\(folders.test)"]
      // A class may have no picture in one of the parts, but keeps its number.
      let classNames = Set(
        try FolderContents(parts[0]).classNames + FolderContents(parts[1]).classNames
      ).sorted()
      return try PictureFolder(
        parts[part == .training ? 0 : 1], classNames: classNames, memory: memory)
    }
  }
  if let split, split == .test ? names.hasPart(.training) : names.hasPart(.test) {
    throw FileError(.missing, path, "has no \(split == .test ? "test" : "training") part")
  }
  return try PictureFolder(path, memory: memory)
}

private func openFile(_ path: String, _ memory: MemoryBudget) throws(FileError) -> any Dataset {
  let file = FileBytes(try OpenFile(path))
  let start = try file.read(0..<min(file.size, 16))
  let name = (path as NSString).lastPathComponent
  let type = (name as NSString).pathExtension
  let folder = parentFolder(of: path)
  // The content decides if it can; a name may say anything.
  if ZipArchive.isZip(start) || type == "npz" { return try openNPZ(file, memory) }
  if start.starts(with: NumPyHeader.magic) || type == "npy" {
    return try openNPY(file, memory)
  }
  if isGzip(start) || start.starts(with: [0, 0]) || name.hasSuffix("ubyte") {
    return try IDX.dataset(
      images: path, labels: labelsFile(beside: path), classNames: lines("\(folder)/labels.txt"),
      memory: memory)
  }
  if type == "bin" {
    return try CIFAR.dataset([path], classNames: lines("\(folder)/batches.meta.txt"))
  }
  // If a single picture cannot be read, nothing is left to show.
  try PictureFile(path, memory: memory).opened().checkPixels()
  return PictureFolder(file: path, memory: memory)
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

/// The folder that contains a file, as an unresolved path: after a link, `..` does not lead where
/// the text suggests.
func parentFolder(of path: String) -> String {
  let folder = (path as NSString).deletingLastPathComponent
  return folder.isEmpty ? "." : folder
}

/// The names in a folder, with those that belong to known data sets.
private struct FolderNames {
  private let path: String
  private let names: Set<String>

  init(_ path: String) throws(FileError) {
    self.path = path
    names = Set(try namesInFolder(path))
  }

  /// The files of pictures and labels, by MNIST's names.
  func idx(_ split: Split) -> (images: String, labels: String?)? {
    let prefix = split == .training ? "train" : "t10k"
    func find(_ what: String, _ type: String) -> String? {
      ["-", "."].flatMap { mark in
        ["", ".gz"].map { "\(prefix)-\(what)\(mark)\(type)-ubyte\($0)" }
      }.first(where: names.contains)
    }
    guard let images = find("images", "idx3") else { return nil }
    return (images, find("labels", "idx1"))
  }

  func cifar(_ split: Split) -> [String] {
    let prefix = split == .training ? "data_batch" : "test_batch"
    return names.filter { $0.hasSuffix(".bin") && $0.hasPrefix(prefix) }.sorted()
  }

  /// Two folders of pictures that are the two parts of one data set.
  var pictureFolders: (training: String, test: String)? {
    func find(_ usual: [String]) -> String? {
      usual.first { names.contains($0) && kindOfFile("\(path)/\($0)") == .folder }
    }
    guard let training = find(["train", "training"]),
      let test = find(["test", "val", "validation"])
    else { return nil }
    return (training, test)
  }

  func hasPart(_ split: Split) -> Bool { idx(split) != nil || !cifar(split).isEmpty }
}

/// The lines of a small text file; empty if it does not exist.
private func lines(_ path: String) -> [String] {
  guard let data = try? readFile(path) else { return [] }
  return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map {
    $0.trimmingCharacters(in: .whitespaces)
  }.filter { !$0.isEmpty }
}
