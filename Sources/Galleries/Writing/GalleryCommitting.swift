internal import Files
internal import Foundation
internal import Synchronization

extension GalleryWriter {
  /// Puts the prepared gallery in place of the earlier one.
  func replace(with manifest: Manifest) throws {
    try writeManifest(manifest)
    try write(Data(galleryPage(of: manifest, kinds: kinds).utf8), as: manifest.pageName)
    removeUnlisted(manifest)
    let current = try GalleryFolder(folder.path, force: force)
    if !force { try current.refuseForeign() }
    let earlier = current.manifest?.files ?? []
    let installation = Installation(
      files: manifest.files, obsolete: earlier.filter { !manifest.files.contains($0) })
    guard try put(installation, into: current) else {
      throw FileError(.unwritable, folder.path, "another program has made this folder meanwhile")
    }
  }

  /// Joins the prepared figures with those of the earlier gallery.
  func add(_ new: Manifest) throws {
    var isDone = false
    while !isDone {
      // Runs that add to one gallery take turns.
      let turn = try FileLock.turn(at: folder.resolved, called: folder.path)
      isDone = try join(new)
      withExtendedLifetime(turn) {}
    }
  }

  private func join(_ new: Manifest) throws -> Bool {
    let current = try GalleryFolder(folder.path, force: force)
    if !force { try current.refuseOther(than: new.checkpoint) }
    let isSame = current.manifest?.checkpoint.sha256 == new.checkpoint.sha256
    var joined = new
    if isSame, let earlier = current.manifest {
      joined.layers = new.layers ?? earlier.layers
      joined.scores = new.scores ?? earlier.scores
      // Adding figures does not check the network on all pictures again.
      joined.accuracy = new.accuracy ?? earlier.accuracy
      joined.warnings = new.warnings ?? earlier.warnings
    }
    joined.figures = isSame ? current.manifest?.figures ?? [] : []
    for figure in new.figures {
      if let place = joined.figures.firstIndex(where: { $0.file == figure.file }) {
        joined.figures[place] = figure
      } else {
        joined.figures.append(figure)
      }
    }
    try writeManifest(joined)
    try write(Data(galleryPage(of: joined, kinds: kinds).utf8), as: joined.pageName)
    let kept = Set(joined.files)
    let installation = Installation(
      files: new.files,
      obsolete: (current.manifest?.files ?? []).filter { !kept.contains($0) })
    return try put(installation, into: current)
  }

  private func put(
    _ installation: Installation, into current: GalleryFolder
  ) throws(FileError) -> Bool {
    try Interruption.deferred { () throws(FileError) in
      let isDone = try installation.install(staging, as: current)
      isInPlace.withLock { $0 = isDone }
      return isDone
    }
  }

  /// Removes what the resumed run has drawn and this one did not ask for. The key stays: until the
  /// gallery is in place, its figures can be resumed.
  private func removeUnlisted(_ manifest: Manifest) {
    let listed = Set(manifest.files + [StagingFolder.keyName])
    let names = (try? FileManager.default.contentsOfDirectory(atPath: staging.path)) ?? []
    for name in names where !listed.contains(name) {
      try? FileManager.default.removeItem(atPath: "\(staging.path)/\(name)")
    }
  }
}
