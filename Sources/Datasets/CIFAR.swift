internal import Files
internal import Foundation

/// The binary files of CIFAR-10: one byte of label, then 32×32 bytes of red, green and blue
/// (Krizhevsky 2009).
public enum CIFAR {
  static let side = 32
  static let recordSize = 1 + 3 * side * side
  static let classCount = 10

  /// - Throws: `FileError` where the file is not whole records, or a label is above 9.
  static func dataset(
    _ paths: [String], classNames: [String], memory: MemoryBudget
  ) throws(FileError) -> BytePictures {
    var all = Data()
    for path in paths {
      let data = try readFile(path)
      guard !data.isEmpty, data.count % recordSize == 0 else {
        throw FileError(
          .malformed, path,
          "expected records of \(recordSize) bytes, found \(data.count) bytes, which leave "
            + "\(data.count % recordSize) over")
      }
      for start in stride(from: 0, to: data.count, by: recordSize) {
        let label = data[data.startIndex + start]
        guard label < classCount else {
          throw FileError(
            .malformed, path,
            "expected a label below \(classCount) in record \(start / recordSize), found \(label)")
        }
      }
      // One file is read where it lies; several are put together.
      if paths.count == 1 {
        all = data
      } else {
        try memory.check(all.count + data.count, path, "the pictures up to this file")
        all.append(data)
      }
    }
    let count = all.count / recordSize
    let labels = (0..<count).map { Int(all[all.startIndex + $0 * recordSize]) }
    let source = paths.count == 1 ? URL(filePath: paths[0]).lastPathComponent : "CIFAR-10"
    return BytePictures(
      all, order: .planesOfRGB, width: side, height: side, stride: recordSize, start: 1,
      count: count, labels: labels,
      classNames: classNames.count == classCount
        ? classNames : (0..<classCount).map(String.init), source: source)
  }
}
