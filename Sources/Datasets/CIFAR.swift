internal import Files
internal import Foundation

/// The binary files of CIFAR-10: one byte for the label, then 32×32 bytes each of red, green and
/// blue (Krizhevsky 2009).
public enum CIFAR {
  static let side = 32
  static let recordSize = 1 + 3 * side * side
  static let classCount = 10

  /// - Throws: `FileError` if the file does not consist of whole records, or a label is above 9.
  static func dataset(
    _ paths: [String], classNames: [String]
  ) throws(FileError) -> BytePictures {
    var parts: [BytePictures.Part] = []
    var labels: [Int] = []
    for path in paths {
      let file = FileBytes(try OpenFile(path))
      guard file.size > 0, file.size % recordSize == 0 else {
        throw FileError(
          .malformed, path,
          "expected records of \(recordSize) bytes, found \(file.size) bytes, with a "
            + "remainder of \(file.size % recordSize)")
      }
      let count = file.size / recordSize
      parts.append(.init(bytes: file, start: 1, count: count))
      for record in 0..<count {
        let start = record * recordSize
        let label = Int(try file.read(start..<(start + 1))[0])
        guard label < classCount else {
          throw FileError(
            .malformed, path,
            "expected a label below \(classCount) in record \(record), found \(label)")
        }
        labels.append(label)
      }
    }
    let source = paths.count == 1 ? (paths[0] as NSString).lastPathComponent : "CIFAR-10"
    return BytePictures(
      parts, order: .planesOfRGB, width: side, height: side, stride: recordSize, labels: labels,
      classNames: classNames.count == classCount
        ? classNames : (0..<classCount).map(String.init), source: source)
  }
}
