internal import Files
internal import Foundation

/// Puts a whole prepared folder in place of another, which is then gone.
///
/// - Throws: `FileError`; the earlier folder is then where it was.
func install(_ staging: StagingFolder, as folder: GalleryFolder) throws(FileError) {
  defer { staging.release() }
  guard folder.exists else {
    guard rename(staging.path, folder.resolved) == 0 else { throw unwritable(folder) }
    return
  }
  if exchange(staging.path, folder.resolved) {
    staging.remove()
    return
  }
  // File systems without an exchange: for a moment there is no gallery, but never a broken one.
  let earlier = staging.path + earlierSuffix
  guard rename(folder.resolved, earlier) == 0 else { throw unwritable(folder) }
  guard rename(staging.path, folder.resolved) == 0 else {
    let error = unwritable(folder)
    rename(earlier, folder.resolved)
    throw error
  }
  try? FileManager.default.removeItem(atPath: earlier)
}

/// Moves prepared files into a folder among others, all or none, then removes obsolete ones.
///
/// - Throws: `FileError`; what the folder held is then as it was.
func install(
  _ names: [String], from staging: StagingFolder, into folder: GalleryFolder,
  removing obsolete: [String]
) throws(FileError) {
  let aside = "\(staging.path)/.earlier"
  do {
    try makeFolder(aside)
  } catch {
    throw FileError(.unwritable, folder.path, error.reason)
  }
  var moved: [(from: String, to: String)] = []
  func move(_ from: String, _ to: String) -> Bool {
    guard rename(from, to) == 0 else { return false }
    moved.append((from, to))
    return true
  }
  let kept = Set(names)
  let replaced = (names + obsolete.filter { !kept.contains($0) }).map {
    ("\(folder.resolved)/\($0)", "\(aside)/\($0)")
  }.filter { FileManager.default.fileExists(atPath: $0.0) }
  let steps = replaced + names.map { ("\(staging.path)/\($0)", "\(folder.resolved)/\($0)") }
  for (from, to) in steps where !move(from, to) {
    let reason = String(cString: strerror(errno))
    for (from, to) in moved.reversed() { rename(to, from) }
    throw FileError(.unwritable, to, "cannot be written: \(reason)")
  }
}

private func unwritable(_ folder: GalleryFolder) -> FileError {
  FileError(.unwritable, folder.path, "cannot be replaced: \(String(cString: strerror(errno)))")
}

/// Lets two folders change places at once, where the file system can.
private func exchange(_ first: String, _ second: String) -> Bool {
  #if canImport(Darwin)
  renamex_np(first, second, UInt32(RENAME_SWAP)) == 0
  #else
  // Swift does not see glibc's `renameat2`, and older ones have none.
  guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "renameat2") else {
    return false
  }
  typealias Rename =
    @convention(c) (
      Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32
  // RENAME_EXCHANGE of linux/fs.h.
  let exchanging: UInt32 = 1 << 1
  return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, first, AT_FDCWD, second, exchanging) == 0
  #endif
}
