internal import Foundation

/// Real data and reference values that are not part of the project.
///
/// In the folder given by the environment variable `FOVEA_DATA`, or in `../shared/data` beside the
/// project.
public enum SharedData {
  public static let folder: String? = {
    let given = ProcessInfo.processInfo.environment["FOVEA_DATA"]
    let beside = URL(filePath: #filePath).appending(path: "../../../../shared/data").standardized
    let path = given ?? beside.path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  public static let skipMessage =
    "the shared data is absent: set FOVEA_DATA, or put it into ../shared/data"

  public static var isPresent: Bool { folder != nil }

  /// - Parameter name: Relative to the folder.
  public static func path(_ name: String) -> String { "\(folder ?? "")/\(name)" }
}
