import Drawing
import Files
import Foundation
import Galleries
import Images
import TestSupport
import Testing

@Suite struct `A folder that is no gallery` {
  private static let modes = [GalleryWriter.Mode.replacingAnew, .adding]

  @Test(arguments: modes) func `is refused`(mode: GalleryWriter.Mode) throws {
    let folder = try TemporaryFolder()
    for name in ["b.txt", "a.png", "c.png", "d/e.txt"] {
      try folder.write("mine", "out/\(name)")
    }
    #expect(
      throws: FileError(
        .unwritable, "\(folder.path)/out",
        "holds files that belong to no gallery (a.png, b.txt, c.png and 1 more); use another "
          + "--output, or --force to write beside them")
    ) { try writer(folder, mode) }
    #expect(try folder.fileNames() == ["out/a.png", "out/b.txt", "out/c.png", "out/d/e.txt"])
  }

  @Test(arguments: modes) func `keeps its files with force`(mode: GalleryWriter.Mode) throws {
    let folder = try TemporaryFolder()
    try folder.write("mine", "out/notes.txt")
    try folder.write("mine", "out/d/e.txt")
    for name in ["a", "b"] {
      let gallery = try writer(folder, mode, force: true)
      try gallery.add(figure(), name: name, facts: facts)
      _ = try gallery.finish()
    }
    let figures =
      mode == .adding ? ["filters-a.png", "filters-b.png"] : ["filters-b.png"]
    #expect(
      try folder.fileNames("out")
        == withThumbnails(["d/e.txt"] + figures + ["gallery.json", "index.html", "notes.txt"]))
    #expect(try folder.files("out")["notes.txt"] == Data("mine".utf8))
    #expect(throws: FileError.self) { try writer(folder, mode) }
  }

  @Test func `a file that came in meanwhile is not lost`() throws {
    let folder = try TemporaryFolder()
    let first = try writer(folder, .replacingAnew)
    try first.add(figure(), name: "a", facts: facts)
    _ = try first.finish()
    let second = try writer(folder, .replacingAnew)
    try second.add(figure(), name: "b", facts: facts)
    try folder.write("mine", "out/notes.txt")
    #expect(throws: FileError.self) { try second.finish() }
    #expect(
      try folder.fileNames("out")
        == withThumbnails(["filters-a.png", "gallery.json", "index.html", "notes.txt"]))
  }

  @Test func `an empty folder and one of Finder's are fine`() throws {
    let folder = try TemporaryFolder()
    try makeFolder("\(folder.path)/out")
    _ = try writer(folder, .adding)
    try folder.write("", "out/.DS_Store")
    _ = try writer(folder, .replacingAnew)
  }

  @Test(arguments: [
    ("{", "no JSON"), ("[]", "another type at ''"), ("{\"program\": \"fovea\"}", "no 'version'"),
    ("", "no JSON"),
  ])
  func `a broken record is named`(text: String, defect: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(text, "out/gallery.json")
    #expect(
      throws: FileError(
        .malformed, "\(folder.path)/out/gallery.json",
        "expected a gallery's record, found \(defect); use another --output, or --force")
    ) { try writer(folder, .adding) }
    let forced = try writer(folder, .replacingAnew, force: true)
    try forced.add(figure(), name: "a", facts: facts)
    _ = try forced.finish()
    #expect(
      try folder.fileNames("out")
        == withThumbnails(["filters-a.png", "gallery.json", "index.html"]))
  }

  @Test(arguments: ["../../victim", "/etc/victim", ".hidden", "a/b", ""])
  func `a record cannot name files elsewhere`(file: String) throws {
    let folder = try TemporaryFolder()
    let first = try writer(folder, .adding)
    try first.add(figure(), name: "a", facts: facts)
    _ = try first.finish()
    let path = "\(folder.path)/out/gallery.json"
    let text = String(decoding: try readFile(path), as: UTF8.self)
    try folder.write(text.replacing("filters-a.png", with: file), "out/gallery.json")
    #expect(
      throws: FileError(
        .malformed, path, "expected the names of files in its folder, found '\(file)'")
    ) { try Manifest(contentsOf: path) }
  }

  @Test func `a file of that name is refused`() throws {
    let folder = try TemporaryFolder()
    try folder.write("mine", "out")
    #expect(
      throws: FileError(
        .unwritable, "\(folder.path)/out", "expected a folder, found a file of that name")
    ) { try writer(folder, .adding, force: true) }
    #expect(throws: FileError.self) { try writer(folder, .replacingAnew, name: "out/inside") }
    #expect(try folder.files()["out"] == Data("mine".utf8))
  }
}

@Suite struct `A failure` {
  @Test(arguments: [GalleryWriter.Mode.replacingAnew, .adding])
  func `of drawing leaves the earlier gallery as it was`(mode: GalleryWriter.Mode) throws {
    let folder = try TemporaryFolder()
    let first = try writer(folder, .adding)
    try first.add(figure(), name: "a", facts: facts)
    _ = try first.finish()
    let earlier = try folder.files("out")

    let second = try writer(folder, mode)
    #expect(throws: DrawingError.self) {
      try second.add(figure(.filters, "new"), name: "a", facts: facts)
      try second.add(impossibleFigure(), name: "b", facts: facts)
      for index in 0..<8 { try second.add(figure(), name: "\(index)", facts: facts) }
      _ = try second.finish()
    }
    #expect(try folder.files("out") == earlier)
  }

  @Test(arguments: [GalleryWriter.Mode.replacingAnew, .adding])
  func `leaves nothing where nothing was`(mode: GalleryWriter.Mode) throws {
    let folder = try TemporaryFolder()
    let gallery = try writer(folder, mode)
    #expect(throws: DrawingError.self) {
      try gallery.add(impossibleFigure(), name: "b", facts: facts)
      _ = try gallery.finish()
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func `an abandoned run leaves the earlier gallery`() throws {
    let folder = try TemporaryFolder()
    let first = try writer(folder, .adding)
    try first.add(figure(), name: "a", facts: facts)
    _ = try first.finish()
    let earlier = try folder.files("out")
    let second = try writer(folder, .replacingAnew)
    try second.add(figure(), name: "b", facts: facts)
    second.abandon()
    #expect(try folder.files("out") == earlier)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
  func `a full disk leaves the earlier gallery as it was`() throws {
    let folder = try TemporaryFolder()
    let disk = try SmallDisk("\(folder.path)/disk", kilobytes: 160)
    defer { disk.unmount() }
    // The gallery is the root of the disk, then a folder on it.
    for (name, mode) in [
      ("disk", GalleryWriter.Mode.adding), ("disk", .replacingAnew), ("disk/out", .adding),
      ("disk/out", .replacingAnew),
    ] {
      if !FileManager.default.fileExists(atPath: "\(folder.path)/\(name)/gallery.json") {
        let first = try writer(folder, .adding, force: true, name: name)
        try first.add(figure(), name: "a", facts: facts)
        _ = try first.finish()
      }
      // An enumeration stops at other disks, so it starts on this one.
      let earlier = try folder.files("disk")
      #expect(!earlier.isEmpty)
      let gallery = try writer(folder, mode, force: true, name: name)
      let noise = CaptionedFigure(
        title: "Noise", subtitle: "", caption: "Noise.", scale: "none",
        body: Picture(Image.noise(400, 400)))
      let path = "\(folder.path)/\(name)/features-big.png"
      #expect(
        throws: FileError(.unwritable, path, "cannot be written: No space left on device")
      ) {
        try gallery.add(TestFigure(kind: .features, figure: noise), name: "big", facts: facts)
        _ = try gallery.finish()
      }
      #expect(try folder.files("disk") == earlier, "\(name), \(mode)")
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
  func `a read-only disk is said to be one`() throws {
    let folder = try TemporaryFolder()
    let disk = try SmallDisk("\(folder.path)/disk", kilobytes: 160)
    defer { disk.unmount() }
    let first = try writer(folder, .adding, name: "disk/out")
    try first.add(figure(), name: "a", facts: facts)
    _ = try first.finish()
    try disk.makeReadOnly()
    let earlier = try folder.files("disk")
    for mode in [GalleryWriter.Mode.adding, .replacingAnew] {
      #expect(
        throws: FileError(
          .unwritable, "\(folder.path)/disk/out",
          "the folder cannot be created: Read-only file system")
      ) { try writer(folder, mode, name: "disk/out") }
    }
    #expect(try folder.files("disk") == earlier)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
  func `a folder that is a disk of its own is replaced file by file`() throws {
    let folder = try TemporaryFolder()
    let disk = try SmallDisk("\(folder.path)/disk", kilobytes: 400)
    defer { disk.unmount() }
    for name in ["a", "b"] {
      let gallery = try writer(folder, .replacingAnew, name: "disk")
      try gallery.add(figure(), name: name, facts: facts)
      _ = try gallery.finish()
    }
    #expect(
      try folder.fileNames("disk")
        == withThumbnails(["filters-b.png", "gallery.json", "index.html"]))
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
  func `a folder that is mounted from the same disk is replaced file by file`() throws {
    let folder = try TemporaryFolder()
    try makeFolder("\(folder.path)/elsewhere")
    let disk = try SmallDisk("\(folder.path)/out", showing: "\(folder.path)/elsewhere")
    defer { disk.unmount() }
    for mode in [GalleryWriter.Mode.replacingAnew, .adding, .replacingAnew] {
      let gallery = try writer(folder, mode)
      try gallery.add(figure(), name: "a", facts: facts)
      _ = try gallery.finish()
      #expect(
        try folder.fileNames("elsewhere")
          == withThumbnails(["filters-a.png", "gallery.json", "index.html"]))
    }
  }
}
