import Foundation

/// The folder of data that the repository does not hold: `FOVEA_DATA`, or `shared/data` beside
/// the repository.
let sharedData: String = {
  if let folder = ProcessInfo.processInfo.environment["FOVEA_DATA"] { return folder }
  return URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "../shared/data").standardized.path
}()

func isShared(_ file: String) -> Bool {
  FileManager.default.fileExists(atPath: "\(sharedData)/\(file)")
}
