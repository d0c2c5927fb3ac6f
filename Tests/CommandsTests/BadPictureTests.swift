import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Bad pictures` {
    /// If the only picture is bad, nothing is left to show.
    private func expect(
      _ message: String, status: Int32 = 65, for file: Data, named name: String,
      location: SourceLocation = #_sourceLocation
    ) throws {
      let folder = try Sample.folder()
      try folder.write(file, name)
      try folder.expect(
        "\(name): \(message)", status: status,
        from: "features", "model.safetensors", "--images", name, "-o", "out", location: location)
      #expect(folder.names() == [name, "model.safetensors", "pictures"].sorted())
    }

    private func scene() throws -> Data {
      let folder = try Sample.folder()
      return try folder.data("pictures/mug/\(folder.names("pictures/mug")[0])")
    }

    @Test func `a PNG that is cut short`() throws {
      let scene = try scene()
      try expect(
        "expected a complete PNG, found: the file ends too early",
        for: scene.prefix(scene.count / 2), named: "short.png")
      try expect(
        "expected a complete PNG, found 20 bytes of its header", for: scene.prefix(20),
        named: "head.png")
      try expect(
        "expected a PNG or JPEG picture, found an empty file", for: Data(), named: "empty.png")
    }

    @Test func `a PNG with a wrong byte`() throws {
      var scene = try scene()
      scene[scene.count / 2] ^= 0xFF
      let folder = try Sample.folder()
      try folder.write(scene, "corrupt.png")
      let outcome = try Program.run(
        ["features", "model.safetensors", "--images", "corrupt.png", "-o", "out"], in: folder)
      #expect(outcome.errors.hasPrefix("fovea: corrupt.png: expected a complete PNG, found: "))
      #expect(outcome.errors.filter(\.isNewline).count == 1)
      #expect(outcome.status == 65 && !folder.exists("out"))
    }

    @Test func `a PNG of 100,000 × 100,000 pixels`() throws {
      try expect(Broken.enormousPNGMessage, for: Broken.enormousPNG, named: "enormous.png")
    }

    @Test func `a file that is no picture`() throws {
      try expect(
        "expected a PNG or JPEG picture, found a file that starts with the bytes 68 65 6c 6c 6f",
        for: Data("hello".utf8), named: "text.jpg")
    }

    @Test func `a JPEG that is cut short`() throws {
      let jpeg = try Broken.jpeg()
      try expect(
        "expected a complete JPEG, found: Premature end of JPEG file", for: jpeg.prefix(30),
        named: "head.jpg")
      try expect(
        "expected a complete JPEG, found: Premature end of JPEG file", for: jpeg.dropLast(100),
        named: "short.jpg")
    }

    @Test func `a JPEG that claims too many pixels`() throws {
      var jpeg = try Broken.jpeg()
      let frame = try #require(jpeg.firstRange(of: Data([0xFF, 0xC0])))
      for offset in 5..<9 { jpeg[frame.lowerBound + offset] = 0xFF }
      try expect(
        "expected a complete JPEG, found: Maximum supported image dimension is 65500 pixels",
        for: jpeg, named: "large.jpg")
    }

    @Test(arguments: 0..<8)
    func `a JPEG with wrong bytes never traps`(seed: Int) throws {
      var jpeg = try Broken.jpeg()
      for step in 0..<6 {
        jpeg[20 + (seed * 7919 + step * 104_729) % (jpeg.count - 20)] =
          UInt8(truncatingIfNeeded: seed &* 31 &+ step &* 17)
      }
      let folder = try Sample.folder()
      try folder.write(jpeg, "corrupt.jpg")
      let outcome = try Program.run(
        ["features", "model.safetensors", "--images", "corrupt.jpg", "--layers", "conv1"],
        in: folder)
      // Some wrong bytes still decode to a picture.
      #expect(!outcome.wasKilled)
      #expect(outcome.status == 0 || outcome.status == 65)
      if outcome.status == 65 {
        #expect(outcome.errors.hasPrefix("fovea: corrupt.jpg: expected a complete JPEG, found: "))
        #expect(outcome.errors.filter(\.isNewline).count == 1)
      }
    }

    @Test func `IDX files that are not what they say`() throws {
      try expect(
        "expected 3152 bytes for [4, 28, 28] values, found 1016",
        for: Broken.idx([4, 28, 28], count: 1000), named: "short-idx3-ubyte")
      try expect(
        "expected IDX type 8 (unsigned bytes), found type 13",
        for: Broken.idx([4, 28, 28], type: 13, count: 3136), named: "floats-idx3-ubyte")
      try expect(
        "claims [4294967295, 4294967295, 4294967295] values, more than any file contains",
        for: Broken.idx([.max, .max, .max], count: 10), named: "huge-idx3-ubyte")
      try expect(
        "expected pictures [N, H, W], found [0, 28, 28]",
        for: Broken.idx([0, 28, 28], count: 0), named: "none-idx3-ubyte")
      try expect(
        "expected an IDX file, which starts with two zero bytes", for: Data("text".utf8),
        named: "text-idx3-ubyte")
    }

    @Test func `a folder without pictures`() throws {
      let folder = try Sample.folder()
      try folder.write("not a picture", "empty/readme.txt")
      try folder.expect(
        "empty: expected pictures (PNG, JPEG), folders train and test, CIFAR files or IDX files, "
          + "found 1 other file (.txt)", status: 66,
        from: "visualize", "model.safetensors", "--images", "empty", "-o", "out")
      try folder.expect(
        "nowhere: no such file or folder", status: 66,
        from: "visualize", "model.safetensors", "--images", "nowhere", "-o", "out")
      #expect(!folder.exists("out"))
    }

    @Test(arguments: [
      ["features"], ["patches"], ["embedding"], ["saliency"], ["visualize"],
    ])
    func `unreadable files among good ones are named, skipped and counted`(
      command: [String]
    ) throws {
      let folder = try Sample.folder()
      for name in folder.names("pictures/mug") {
        try folder.copy(folder["/pictures/mug/\(name)"], as: "mixed/\(name)")
      }
      try folder.write(Broken.enormousPNG, "mixed/enormous.png")
      try folder.write(try scene().prefix(300), "mixed/short.png")
      let outcome = try Program.run(
        command + [
          "model.safetensors", "--images", "mixed", "--limit", "6", "--quiet", "-o", "out",
        ], in: folder)
      #expect(outcome.status == 0)
      #expect(
        outcome.errors == """
          fovea: skipped mixed/enormous.png: \(Broken.enormousPNGMessage)
          fovea: skipped mixed/short.png: expected a complete PNG, found: the file ends too early
          fovea: skipped 2 files in all

          """)
      #expect(folder.exists("out/index.html"))
    }

    @Test func `a good picture takes the place of an unreadable one`() throws {
      let folder = try Sample.folder()
      let good = folder.names("pictures/mug")[0]
      try folder.copy(folder["/pictures/mug/\(good)"], as: "mixed/good.png")
      try folder.write(Broken.enormousPNG, "mixed/enormous.png")
      let outcome = try folder.run(
        "features", "model.safetensors", "--images", "mixed", "--layers", "conv1", "-o", "out")
      #expect(outcome.lines.first == "out/features-conv1-good.png")
      #expect(
        outcome.errors
          == "features: 1 of 2 pictures; --pictures changes that\n"
          + "fovea: skipped mixed/enormous.png: \(Broken.enormousPNGMessage)\n")
    }

    @Test(arguments: ["features", "patches", "embedding", "saliency"])
    func `a folder of unreadable pictures`(command: String) throws {
      let folder = try Sample.folder()
      try folder.write(Broken.enormousPNG, "bad/a.png")
      try folder.write(Broken.enormousPNG, "bad/b.png")
      try folder.expect(
        "bad/a.png: \(Broken.enormousPNGMessage)", status: 65,
        from: command, "model.safetensors", "--images", "bad", "--limit", "9", "-o", "out",
        "--quiet")
      #expect(!folder.exists("out"))
    }

    @Test func `a picture is enlarged no further than it is seen`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "features", "model.safetensors", "--images", "pictures/mug", "--resize", "65536",
        "--layers", "conv1", "-o", "out")
      try folder.expect(
        "preprocessing: expected a shorter side of 1 to 65536 pixels, found 65537", status: 64,
        from: "features", "model.safetensors", "--images", "pictures", "--resize", "65537")
    }
  }
}
