internal import Files
internal import Foundation

/// What a path after `--output` says that it is to be.
public enum OutputName {
  /// The end of a path that can only be that of a file; nil for what exists, and for
  /// a folder: a name without such an end, or one that ends with a slash.
  static func fileExtension(of path: String) -> String? {
    guard !path.hasSuffix("/") else { return nil }
    let end = (path as NSString).pathExtension.lowercased()
    guard files.contains(end) else { return nil }
    // What exists is what it is.
    if case .none = kindOfFile(path) { return end }
    return nil
  }

  /// Pictures, films, documents, tables, arrays, networks and archives. Other ends, as in `v1.2` and
  /// `run.old`, are a folder's.
  private static let files: Set<String> = [
    "apng", "avi", "avif", "bin", "bmp", "bz2", "csv", "dat", "doc", "docx", "eps", "exr", "gif",
    "gz", "h5", "hdf5", "heic", "htm", "html", "ico", "jp2", "jpe", "jpeg", "jpg", "json", "log",
    "md", "mkv", "mov", "mp4", "mpeg", "mpg", "npy", "npz", "odg", "odt", "onnx", "pbm", "pdf",
    "pgm", "pkl", "png", "pnm", "ppm", "ps", "psd", "pt", "pth", "rtf", "safetensors", "svg",
    "tar", "tex", "tga", "tgz", "tif", "tiff", "tsv", "txt", "webm", "webp", "xls", "xlsx", "xml",
    "xz", "yaml", "yml", "zip",
  ]

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
