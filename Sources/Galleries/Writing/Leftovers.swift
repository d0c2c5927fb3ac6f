package import Files
internal import Foundation

/// Cleans up a gallery's folder after runs that were killed: completes a gallery that was being put
/// in place file by file, and removes hidden folders that are not in use and cannot be resumed.
///
/// - Parameter name: The gallery's folder in errors.
/// - Throws: `FileError` if a gallery cannot be completed; the next run tries again.
package func recover(_ gallery: String, called name: String) throws(FileError) {
  for path in StagingName.paths(for: gallery) {
    var lock: FileLock?
    do throws(FileLock.Problem) {
      lock = try FileLock(path, waits: false)
    } catch {
      // What is locked is in use. If there are no locks, an installation that was begun must still
      // be completed.
      guard error == .unsupported, Installation(begunIn: path) != nil else { continue }
    }
    if let lock, !lock.isHeld(at: path) { continue }
    try Interruption.deferred { () throws(FileError) in
      if let installation = Installation(begunIn: path) {
        if case .folder = kindOfFile(gallery) {
          try installation.apply(from: path, to: gallery, called: name)
          StagingFolder.removeKey(in: path)
        } else {
          // Somebody has removed the gallery, including what was already in place.
          Installation.forget(in: path)
        }
      }
      if kindOfFile("\(path)/\(StagingFolder.keyName)") == .regular { return }
      try? FileManager.default.removeItem(atPath: path)
    }
    withExtendedLifetime(lock) {}
  }
  StagingFolder.removeKey(in: gallery)
}
