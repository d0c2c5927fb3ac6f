import Drawing
import Files
import Foundation
import Galleries
import Images
import TestSupport
import Testing

@Suite struct `Writing a gallery` {
  @Test(arguments: [GalleryWriter.Mode.replacingAnew, .adding])
  func `leaves figures, record and page, and nothing else`(mode: GalleryWriter.Mode) throws {
    let folder = try TemporaryFolder()
    let gallery = try writer(folder, mode)
    try gallery.add(figure(.filters, layer: "conv1"), name: "conv1", facts: facts)
    try gallery.add(
      figure(.saliency), name: "A cat.png", facts: facts, arrays: Data("numbers".utf8))
    let paths = try gallery.finish()
    let out = "\(folder.path)/out"
    #expect(
      paths == [
        "\(out)/filters-conv1.png", "\(out)/saliency-a-cat.png.png",
        "\(out)/saliency-a-cat.png.safetensors", "\(out)/gallery.json", "\(out)/index.html",
      ])
    #expect(
      try folder.fileNames()
        == withThumbnails([
          "out/filters-conv1.png", "out/gallery.json", "out/index.html",
          "out/saliency-a-cat.png.png", "out/saliency-a-cat.png.safetensors",
        ]))
    let record = try Manifest(contentsOf: "\(out)/gallery.json").figures[1]
    #expect(record.arrays == "saliency-a-cat.png.safetensors")
    let image = try Image(contentsOf: "\(out)/\(record.file)")
    #expect((image.width, image.height) == (record.width, record.height))
  }

  @Test func `names are safe, short and used once`() throws {
    let folder = try TemporaryFolder()
    let gallery = try writer(folder, .adding)
    let names = [
      "conv1", "conv1", "conv1-2", "CONV1", "../../etc/passwd", "", "a/b\\c:d*e?", "Straße ⟂",
      ".hidden", "a..b", String(repeating: "x", count: 400), "con\u{0}v",
    ]
    for name in names { try gallery.add(figure(), name: name, facts: facts) }
    let files = try gallery.finish().map { ($0 as NSString).lastPathComponent }
      .filter { $0.hasSuffix(".png") }
    #expect(
      files == [
        "filters-conv1.png", "filters-conv1-2.png", "filters-conv1-2-2.png", "filters-conv1-3.png",
        "filters-etc-passwd.png", "filters.png", "filters-a-b-c-d-e.png", "filters-stra-e.png",
        "filters-hidden.png", "filters-a.b.png",
        "filters-\(String(repeating: "x", count: 87))-7b0bd700ce06.png", "filters-con-v.png",
      ])
  }

  @Test func `very long names that only end differently are not the same file in two runs`() throws
  {
    let folder = try TemporaryFolder()
    let start = String(repeating: "block.", count: 2000)
    for end in ["1", "2"] {
      let gallery = try writer(folder, .adding)
      try gallery.add(figure(), name: start + end, facts: facts)
      _ = try gallery.finish()
    }
    let figures = try Manifest(contentsOf: "\(folder.path)/out/gallery.json").figures
    #expect(Set(figures.map(\.file)).count == 2)
  }

  @Test func `a picture carries its facts`() throws {
    let folder = try TemporaryFolder()
    let gallery = try writer(folder, .adding)
    try gallery.add(
      figure(.filters, "Füße", layer: "conv1"), name: "conv1",
      facts: FigureFacts(
        source: "cats", options: ["units": "1,2", "limit": "5"], seed: 7, command: "fovea filters"))
    let chunks = try Image.textChunks(of: try gallery.finish()[0])
    #expect(
      chunks.map { "\($0.key): \($0.value)" } == [
        "Title: Füße", "Description: It says Füße.", "Software: fovea 1", "kind: filters",
        "layer: conv1", "units: 1,2", "source: cats", "options: limit=5 units=1,2", "seed: 7",
        "scale: none", "command: fovea filters", "checkpoint: net.safetensors",
        "sha256: \(checkpoint.sha256)",
      ])
  }

  @Test(.slow) func `two runs write the same bytes`() throws {
    func run() throws -> [String: Data] {
      let folder = try TemporaryFolder()
      let gallery = try writer(folder, .replacingAnew)
      for index in 0..<40 {
        try gallery.add(figure(.features, "\(index)"), name: "a", facts: facts)
      }
      _ = try gallery.finish()
      return try folder.files("out")
    }
    #expect(try run() == run())
  }

  @Test(.slow) func `records follow the order of adding, however long drawing takes`() throws {
    let folder = try TemporaryFolder()
    let gallery = try writer(folder, .adding)
    for index in 0..<30 {
      let size = Size(width: index % 3 == 0 ? 3000 : 20, height: 1000)
      let slow = CaptionedFigure(
        title: "\(index)", subtitle: "", caption: "", scale: "",
        body: Picture(Image(width: 1, height: 1, pixels: [1, 2, 3, 255]), size: size))
      try gallery.add(TestFigure(kind: .filters, figure: slow), name: "\(index)", facts: facts)
    }
    _ = try gallery.finish()
    let manifest = try Manifest(contentsOf: "\(folder.path)/out/gallery.json")
    #expect(manifest.figures.map(\.title) == (0..<30).map(String.init))
  }
}

@Suite struct `Replacing a gallery` {
  @Test func `takes away the earlier figures`() throws {
    let folder = try TemporaryFolder()
    let first = try writer(folder, .replacingAnew)
    try first.add(figure(), name: "old", facts: facts, arrays: Data("old".utf8))
    _ = try first.finish()
    let second = try writer(folder, .replacingAnew)
    try second.add(figure(), name: "new", facts: facts)
    #expect(try folder.fileNames("out").contains("filters-old.png"))
    _ = try second.finish()
    #expect(
      try folder.fileNames()
        == withThumbnails(["out/filters-new.png", "out/gallery.json", "out/index.html"]))
  }

  @Test func `through a symbolic link keeps the link`() throws {
    let folder = try TemporaryFolder()
    try makeFolder("\(folder.path)/real")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/out", withDestinationPath: "\(folder.path)/real")
    let gallery = try writer(folder, .replacingAnew)
    try gallery.add(figure(), name: "a", facts: facts)
    _ = try gallery.finish()
    #expect(
      try folder.fileNames("real")
        == withThumbnails(["filters-a.png", "gallery.json", "index.html"]))
    let target = try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder.path)/out")
    #expect(target == "\(folder.path)/real")
  }

  @Test(arguments: [("dangling", "real/new/g"), ("link/../g", "real/g")])
  func `through links writes where they lead`(path: String, place: String) throws {
    let folder = try TemporaryFolder()
    try makeFolder("\(folder.path)/real/deep")
    for (link, target) in [("dangling", "real/new/g"), ("link", "real/deep")] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder.path)/\(link)", withDestinationPath: target)
    }
    for mode in [GalleryWriter.Mode.replacingAnew, .adding] {
      let gallery = try writer(folder, mode, name: path)
      try gallery.add(figure(), name: "a", facts: facts)
      #expect(try gallery.finish().allSatisfy { kindOfFile($0) == .regular })
      #expect(
        try folder.fileNames(place)
          == withThumbnails(["filters-a.png", "gallery.json", "index.html"]))
    }
  }

  @Test func `takes up what an interrupted run has finished`() throws {
    let folder = try TemporaryFolder()
    func mode(_ configuration: String = "a") -> GalleryWriter.Mode {
      .replacing(configuration: configuration, resumes: true)
    }
    let interrupted = try writer(folder, mode())
    try interrupted.add(figure(.filters, "first"), name: "1", facts: facts)
    try interrupted.add(figure(.filters, "third"), name: "3", facts: facts)
    interrupted.abandon()
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/out"))

    let resumed = try writer(folder, mode())
    #expect(resumed.hasFinished(.filters, "1") && resumed.hasFinished(.filters, "1"))
    #expect(!resumed.hasFinished(.filters, "2"))
    #expect(resumed.resumes(.filters, "1"))
    #expect(!resumed.resumes(.filters, "2"))
    try resumed.add(figure(.filters, "second"), name: "2", facts: facts)
    #expect(resumed.resumes(.filters, "3"))
    #expect(!resumed.resumes(.filters, "3"))
    _ = try resumed.finish()
    let manifest = try Manifest(contentsOf: "\(folder.path)/out/gallery.json")
    #expect(manifest.figures.map(\.title) == ["first", "second", "third"])
    #expect(try folder.fileNames().allSatisfy { $0.hasPrefix("out/") })
  }

  @Test func `resumes nothing of other options or another checkpoint`() throws {
    let folder = try TemporaryFolder()
    func interrupted() throws {
      let run = try writer(folder, .replacing(configuration: "a", resumes: true))
      try run.add(figure(), name: "1", facts: facts)
      run.abandon()
    }
    try interrupted()
    let other = Manifest.Checkpoint(name: "net", sha256: String(repeating: "0", count: 64))
    let cases: [(String, Manifest.Checkpoint, Bool)] = [
      ("b", checkpoint, true), ("a", other, true), ("a", checkpoint, false),
    ]
    for (configuration, checkpoint, resumes) in cases {
      try interrupted()
      let run = try writer(
        folder, .replacing(configuration: configuration, resumes: resumes), checkpoint: checkpoint)
      #expect(!run.resumes(.filters, "1"))
      run.abandon()
      // It has drawn nothing that could replace what the other one has finished.
      #expect(
        try folder.fileNames()
          == withThumbnails([
            ".out.fovea-new/.fovea-key", ".out.fovea-new/filters-1.png",
            ".out.fovea-new/gallery.json",
          ]))
    }
    let run = try writer(folder, .replacing(configuration: "b", resumes: false))
    try run.add(figure(), name: "2", facts: facts)
    _ = try run.finish()
    #expect(
      try folder.fileNames()
        == withThumbnails(["out/filters-2.png", "out/gallery.json", "out/index.html"]))
  }

  @Test func `keeps what is finished through several interruptions`() throws {
    let folder = try TemporaryFolder()
    let mode = GalleryWriter.Mode.replacing(configuration: "a", resumes: true)
    for (name, kept) in [("1", 1), ("2", 2), ("3", 3)] {
      // Each draws one more figure before it asks which ones exist.
      let run = try writer(folder, mode)
      try run.add(figure(.filters, name), name: name, facts: facts)
      run.abandon()
      #expect(run.keptFigures == kept)
    }
    let run = try writer(folder, mode)
    for name in ["1", "2", "3"] { #expect(run.resumes(.filters, name)) }
    _ = try run.finish()
    #expect(
      try folder.fileNames("out")
        == withThumbnails([
          "filters-1.png", "filters-2.png", "filters-3.png", "gallery.json", "index.html",
        ]))
  }

  @Test(arguments: [false, true])
  func `keeps what is finished where it fails`(hasEarlier: Bool) throws {
    let folder = try TemporaryFolder()
    func mode(resumes: Bool) -> GalleryWriter.Mode {
      .replacing(configuration: "a", resumes: resumes)
    }
    if hasEarlier {
      let earlier = try writer(folder, .adding)
      try earlier.add(figure(), name: "earlier", facts: facts)
      _ = try earlier.finish()
    }
    let before = try folder.files("out")
    let failing = try writer(folder, mode(resumes: false))
    try failing.add(figure(), name: "1", facts: facts)
    failing.settle()
    #expect(throws: DrawingError.self) {
      try failing.add(impossibleFigure(), name: "2", facts: facts)
      _ = try failing.finish()
    }
    #expect(failing.keptFigures == 1)
    #expect(try folder.files("out") == before)
    let resuming = try writer(folder, mode(resumes: true))
    #expect(resuming.resumes(.filters, "1"))
    _ = try resuming.finish()
    #expect(
      try folder.fileNames()
        == withThumbnails(["out/filters-1.png", "out/gallery.json", "out/index.html"]))
  }

  @Test func `never takes an earlier gallery for what a run has finished`() throws {
    let folder = try TemporaryFolder()
    let mode = GalleryWriter.Mode.replacing(configuration: "a", resumes: true)
    let first = try writer(folder, mode)
    try first.add(figure(), name: "1", facts: facts)
    _ = try first.finish()
    // As after a kill between the exchange of the two folders and the removal of the old one.
    try FileManager.default.copyItem(
      atPath: "\(folder.path)/out", toPath: "\(folder.path)/.out.fovea-new")
    let second = try writer(folder, mode)
    #expect(!second.resumes(.filters, "1"))
    #expect(!second.ignoresOtherRun)
  }

  @Test func `compares the key of a run as a whole`() throws {
    let folder = try TemporaryFolder()
    let run = try writer(folder, .replacing(configuration: "a\nb", resumes: true))
    try run.add(figure(), name: "1", facts: facts)
    run.abandon()
    #expect(run.keptFigures == 1)
    let key = try readFile("\(folder.path)/.out.fovea-new/.fovea-key")
    #expect(String(decoding: key, as: UTF8.self).hasSuffix("\na\nb"))
    let other = try writer(folder, .replacing(configuration: "a\nc", resumes: true))
    #expect(other.ignoresOtherRun && !other.resumes(.filters, "1"))
  }

  @Test func `a resumed gallery holds only what its run asked for`() throws {
    let folder = try TemporaryFolder()
    let earlier = try writer(folder, .replacing(configuration: "", resumes: false))
    try earlier.add(figure(), name: "stray", facts: facts)
    earlier.abandon()
    let run = try writer(folder, .replacing(configuration: "", resumes: true))
    try run.add(figure(), name: "wanted", facts: facts)
    _ = try run.finish()
    #expect(
      try folder.fileNames("out")
        == withThumbnails(["filters-wanted.png", "gallery.json", "index.html"]))
  }

  @Test(.slow) func `two runs into one folder do not meet`() throws {
    let folder = try TemporaryFolder()
    let first = try writer(folder, .replacingAnew)
    for mode in [GalleryWriter.Mode.replacingAnew, .adding] {
      #expect(
        throws: FileError(
          .unwritable, "\(folder.path)/out",
          "another run (process \(ProcessInfo.processInfo.processIdentifier)) is writing here; "
            + "wait for it, or use another --output")
      ) { try writer(folder, mode) }
    }
    try first.add(figure(), name: "a", facts: facts)
    #expect(try first.finish().count == 3)
  }
}

@Suite struct `Adding to a gallery` {
  @Test func `keeps others and replaces its own`() throws {
    let folder = try TemporaryFolder()
    let first = try writer(folder, .replacingAnew)
    try first.add(figure(.filters, "kept"), name: "conv1", facts: facts)
    try first.add(
      figure(.saliency, "old"), name: "cat", facts: facts, arrays: Data("old".utf8))
    try first.add(figure(.patches, "kept too"), name: "conv1", facts: facts)
    _ = try first.finish()
    let earlier = try folder.files("out")

    let second = try writer(folder, .adding)
    try second.add(figure(.saliency, "new"), name: "cat", facts: facts)
    try second.add(figure(.saliency, "dog"), name: "dog", facts: facts)
    let paths = try second.finish()
    #expect(
      paths.map { ($0 as NSString).lastPathComponent } == [
        "saliency-cat.png", "saliency-dog.png", "gallery.json", "index.html",
      ])
    let now = try folder.files("out")
    #expect(now["filters-conv1.png"] == earlier["filters-conv1.png"])
    #expect(now["saliency-cat.png"] != earlier["saliency-cat.png"])
    #expect(now["saliency-cat.safetensors"] == nil)
    let manifest = try Manifest(contentsOf: "\(folder.path)/out/gallery.json")
    #expect(manifest.figures.map(\.title) == ["kept", "new", "kept too", "dog"])
    #expect(try folder.fileNames().allSatisfy { $0.hasPrefix("out/") })
  }

  @Test(.slow) func `runs side by side all find their place`() async throws {
    let folder = try TemporaryFolder()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<6 {
        group.addTask {
          let gallery = try writer(folder, .adding)
          try gallery.add(figure(.features, "\(index)"), name: "\(index)", facts: facts)
          _ = try gallery.finish()
        }
      }
      try await group.waitForAll()
    }
    let manifest = try Manifest(contentsOf: "\(folder.path)/out/gallery.json")
    #expect(Set(manifest.figures.map(\.title)) == Set((0..<6).map(String.init)))
    #expect(try folder.fileNames("out").count == 6 * 2 + 2)
  }

  @Test func `leaves the folder in its place while another run prepares figures in it`() throws {
    let folder = try TemporaryFolder()
    let first = try writer(folder, .adding)
    try first.add(figure(), name: "1", facts: facts)
    _ = try first.finish()
    let number =
      try FileManager.default.attributesOfItem(atPath: "\(folder.path)/out")[
        .systemFileNumber] as? Int
    // Like a run that is still adding to the gallery.
    let hidden = "out/.fovea-adding-0123ABCD"
    try folder.write("being written", "\(hidden)/figure.png")
    let used = try FileLock("\(folder.path)/\(hidden)", waits: false)
    let second = try writer(folder, .adding)
    try second.add(figure(), name: "2", facts: facts)
    _ = try second.finish()
    #expect(
      try folder.fileNames("out")
        == [".fovea-adding-0123ABCD/figure.png"]
        + withThumbnails(["filters-1.png", "filters-2.png", "gallery.json", "index.html"]))
    #expect(
      try FileManager.default.attributesOfItem(atPath: "\(folder.path)/out")[.systemFileNumber]
        as? Int == number)
    withExtendedLifetime(used) {}
  }

  @Test func `another checkpoint's gallery is refused`() throws {
    let folder = try TemporaryFolder()
    let first = try writer(folder, .adding)
    try first.add(figure(), name: "a", facts: facts)
    _ = try first.finish()
    let other = Manifest.Checkpoint(
      name: "other.onnx", sha256: String(repeating: "cd", count: 32))
    #expect(
      throws: FileError(
        .unwritable, "\(folder.path)/out",
        "holds a gallery of net.safetensors (abababab), not of other.onnx (cdcdcdcd); use another "
          + "--output, or --force to replace it")
    ) { try writer(folder, .adding, checkpoint: other) }

    let forced = try writer(folder, .adding, checkpoint: other, force: true)
    try forced.add(figure(), name: "b", facts: facts)
    _ = try forced.finish()
    #expect(
      try folder.fileNames("out")
        == withThumbnails(["filters-b.png", "gallery.json", "index.html"]))
  }
}
