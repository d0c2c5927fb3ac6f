package import Files
internal import Foundation

/// The changes to a gallery's folder when prepared files are put in place.
package struct Installation: Codable {
  /// Files of the prepared folder, including the record.
  let files: [String]
  /// Files of the gallery that are removed.
  let obsolete: [String]

  /// Kept in the prepared folder while its files are moved one by one: the next run uses it to
  /// complete the installation.
  private static let journalName = ".fovea-commit"
  private static let asideName = ".fovea-earlier"

  init(files: [String], obsolete: [String]) {
    (self.files, self.obsolete) = (files, obsolete)
  }

  /// What was being put in place when a run was killed; nil if the run had not reached that point.
  package init?(begunIn staging: String) {
    guard let data = try? readFile("\(staging)/\(Self.journalName)"),
      let journal = try? JSONDecoder().decode(Installation.self, from: data)
    else { return nil }
    self = journal
  }

  /// Replaces the gallery's folder with a prepared one or, if that is not possible, moves its files
  /// into the gallery's, both `deferred`. The prepared folder is then gone.
  ///
  /// Whenever the process ends, the gallery is the earlier one or the new one; if files are
  /// moved one by one, this holds once the next run has started.
  ///
  /// - Returns: Whether it is done: false if another run has created the folder in the meantime.
  /// - Throws: `FileError`; the gallery is then unchanged.
  func install(_ staging: StagingFolder, as folder: GalleryFolder) throws(FileError) -> Bool {
    if !folder.exists, staging.isBeside {
      guard rename(staging.path, folder.resolved) == 0 else {
        if errno == ENOTEMPTY || errno == EEXIST { return false }
        throw unwritable(folder)
      }
      staging.release()
      StagingFolder.removeKey(in: folder.resolved)
      return true
    }
    if staging.isBeside, folder.foreign.isEmpty, !StagingName.isUsed(inside: folder.resolved),
      linkKept(of: folder, into: staging), exchange(staging.path, folder.resolved)
    {
      StagingFolder.removeKey(in: folder.resolved)
      returnStrangers(from: staging.path, to: folder)
    } else {
      try write(to: staging, for: folder)
      do {
        try apply(from: staging.path, to: folder.resolved, called: folder.path)
      } catch {
        // If not everything could be moved back, the next run completes the installation.
        if !withdraw(from: staging.path) { staging.keep() }
        throw error
      }
    }
    staging.remove()
    return true
  }

  // MARK: All at once

  /// Gives the prepared folder the gallery's other files, so that it can take its place.
  private func linkKept(of folder: GalleryFolder, into staging: StagingFolder) -> Bool {
    let changed = Set(files + obsolete)
    let kept = (folder.manifest?.files ?? []).filter { name in
      !changed.contains(name) && kindOfFile("\(folder.resolved)/\(name)") == .regular
    }
    var status = stat()
    if stat(folder.resolved, &status) == 0 { chmod(staging.path, status.st_mode & 0o7777) }
    for (done, name) in kept.enumerated()
    where link("\(folder.resolved)/\(name)", "\(staging.path)/\(name)") != 0 {
      // No links on this file system; files linked so far would be taken for prepared ones.
      for name in kept[..<done] { unlink("\(staging.path)/\(name)") }
      return false
    }
    return true
  }

  /// Moves back files that somebody has put into the earlier gallery's folder since it was read.
  private func returnStrangers(from earlier: String, to folder: GalleryFolder) {
    let known = Set(folder.manifest?.files ?? [])
    let names = (try? FileManager.default.contentsOfDirectory(atPath: earlier)) ?? []
    for name in names where !known.contains(name) && !GalleryFolder.isPassing(name) {
      let place = "\(folder.resolved)/\(name)"
      if case .none = kindOfFile(place) { rename("\(earlier)/\(name)", place) }
    }
  }

  // MARK: File by file

  /// Writes the journal: from here on, the next run completes the installation.
  private func write(to staging: StagingFolder, for folder: GalleryFolder) throws(FileError) {
    do {
      try makeFolder(folder.resolved)
      try writeFile(try JSONEncoder().encode(self), to: "\(staging.path)/\(Self.journalName)")
    } catch let error as FileError {
      throw FileError(.unwritable, folder.path, error.reason)
    } catch {
      throw FileError(.unwritable, folder.path, "\(error)")
    }
  }

  /// Moves earlier files aside and prepared ones in, skipping what is already done.
  ///
  /// - Parameter name: The gallery's folder in errors.
  /// - Throws: `FileError`; this call has then moved its files back, and the next run tries again.
  package func apply(
    from staging: String, to gallery: String, called name: String
  ) throws(FileError) {
    let aside = "\(staging)/\(Self.asideName)"
    do {
      try makeFolder(aside)
    } catch {
      throw FileError(error.kind, name, error.reason)
    }
    var moved: [(from: String, to: String)] = []
    func move(_ file: String, from: String, to: String) throws(FileError) {
      let (from, to) = ("\(from)/\(file)", "\(to)/\(file)")
      guard exists(from) else { return }
      guard rename(from, to) == 0 else {
        let reason = words(for: errno)
        for (from, to) in moved.reversed() { rename(to, from) }
        throw FileError(.unwritable, "\(name)/\(file)", "cannot be written: \(reason)")
      }
      moved.append((from, to))
    }
    let kept = Set(files)
    for file in obsolete where !kept.contains(file) {
      try move(file, from: gallery, to: aside)
    }
    for file in files where exists("\(staging)/\(file)") {
      try move(file, from: gallery, to: aside)
      try move(file, from: staging, to: gallery)
    }
  }

  /// Withdraws the installation from the next run if none of it has been done.
  ///
  /// - Returns: Whether none of it has been done.
  private func withdraw(from staging: String) -> Bool {
    let aside = try? FileManager.default.contentsOfDirectory(atPath: "\(staging)/\(Self.asideName)")
    guard aside?.isEmpty ?? true, files.allSatisfy({ exists("\(staging)/\($0)") }) else {
      return false
    }
    Self.forget(in: staging)
    return true
  }

  /// Leaves nothing for the next run to complete.
  package static func forget(in staging: String) {
    unlink("\(staging)/\(journalName)")
    try? FileManager.default.removeItem(atPath: "\(staging)/\(asideName)")
  }
}

/// Whether something has this name, even if it is a link.
private func exists(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0
}

private func unwritable(_ folder: GalleryFolder) -> FileError {
  FileError(.unwritable, folder.path, "cannot be replaced: \(words(for: errno))")
}

/// Exchanges two folders atomically, if the file system supports it.
private func exchange(_ first: String, _ second: String) -> Bool {
  #if canImport(Darwin)
  renamex_np(first, second, UInt32(RENAME_SWAP)) == 0
  #else
  // Swift does not import glibc's `renameat2`, and older versions do not have it.
  guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "renameat2") else {
    return false
  }
  typealias Rename =
    @convention(c) (
      Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32
  // RENAME_EXCHANGE from linux/fs.h.
  let exchanging: UInt32 = 1 << 1
  return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, first, AT_FDCWD, second, exchanging) == 0
  #endif
}
