internal import Files
internal import Foundation

/// What a path after `--output` says that it is to be.
public enum OutputName {
  /// Folders have names without an end, or with one that is no file's, such as `v1.2`; five letters
  /// are enough for those of pictures and documents.
  private static let lengths = 2...5

  /// The end of a path that can only be that of a file; nil for a folder: one that exists, a name
  /// without such an end, or one that ends with a slash.
  static func fileExtension(of path: String) -> String? {
    guard !path.hasSuffix("/") else { return nil }
    let end = (path as NSString).pathExtension.lowercased()
    guard lengths.contains(end.count),
      end.allSatisfy({ $0.isASCII && $0.isLetter })
        || otherFiles.contains(end)
    else { return nil }
    if case .folder = kindOfFile(path) { return nil }
    return end
  }

  /// Ends with digits.
  private static let otherFiles: Set<String> = ["jp2", "mp4", "h5", "bz2"]

  /// Why a path can be neither a figure's file nor a folder; nil if it can.
  public static func problem(with path: String) -> String? {
    guard let end = fileExtension(of: path), FigureFile.format(of: path) == nil else { return nil }
    let formats = FigureFile.formats.map { ".\($0.rawValue)" }
    return "expected a file that ends in \(formats.dropLast().joined(separator: ", ")) or "
      + "\(formats.last ?? ""), or a folder, found '\(path)', which ends in .\(end); a folder of "
      + "this name is '\(path)/'"
  }

  /// Why a path can be no folder; nil if it can.
  public static func folderProblem(with path: String) -> String? {
    fileExtension(of: path) == nil
      ? nil
      : "expected a folder, found a file's name, '\(path)'; a folder of this name is '\(path)/'"
  }
}
