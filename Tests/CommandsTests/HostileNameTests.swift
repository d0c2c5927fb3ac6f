import Checkpoints
import Foundation
import Images
import Networks
import TensorCore
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Hostile names` {
    /// Clears the screen, reverses the writing direction and ends the line.
    private static let evil = "e\u{1B}[2J\u{202E}v\u{2066}\n\u{200F}il"
    private static let seen = #"e\u{1B}[2J\u{202E}v\u{2066}\n\u{200F}il"#
    private static let long = String(repeating: "deep.block/", count: 1000)

    /// Two convolutions, one with a hostile name, one with names of 11 kB that only differ at the
    /// end.
    private static func folder() throws -> TemporaryFolder {
      let folder = try Sample.folder()
      var sketch = NetworkSketch([3, 16, 16], seed: 1)
      try sketch.convolution(evil, filters: 4, Convolution(3, padding: 1))
      try sketch.add("\(long)1", Activation.relu)
      try sketch.convolution("c", filters: 4, Convolution(3, padding: 1))
      try sketch.add("\(long)2", Activation.relu)
      try sketch.add("flat", Flatten())
      try sketch.linear("scores", outputs: 3)
      let checkpoint = Checkpoint(
        try sketch.network(), design: nil, classNames: [evil, "b", "\(long)3"])
      try checkpoint.save(to: folder["/\(Self.evil).safetensors"])
      return folder
    }

    private func expectPrintable(
      _ outcome: Program.Outcome, location: SourceLocation = #_sourceLocation
    ) {
      for text in [outcome.output, outcome.errors] {
        let hidden = text.unicodeScalars.filter { scalar in
          let category = scalar.properties.generalCategory
          return scalar != "\n" && (category == .control || category == .format)
        }
        #expect(hidden.isEmpty, "\(text)", sourceLocation: location)
      }
    }

    @Test func `are written out in tables, paths, remarks and errors`() throws {
      let folder = try Self.folder()
      let file = "\(Self.evil).safetensors"
      let listing = try folder.run("inspect", file)
      expectPrintable(listing)
      #expect(listing.lines.contains { $0.hasPrefix("\(Self.seen) ") })
      #expect(listing.lines.allSatisfy { $0.count < 300 })
      #expect(listing.errors.contains("\(Self.seen).safetensors: "))
      for arguments in [
        ["filters", file, "-o", Self.evil], ["filters", "x\u{202E}y"], ["x\u{202E}y\u{7}"],
        ["filters", file, "--\u{202E}x"], ["filters", file, "--layers", "\u{202E}\u{7}"],
        ["saliency", file, "--images", "pictures", "--method", "\u{202E}a"],
        ["patches", file, "--images", "pictures", "--limit", "\u{202E}"],
        ["class-models", file, "--classes", "\u{202E}"], ["batch", "\u{202E}.yaml"],
        ["train", "-a", "\u{202E}", "-d", "pictures"],
      ] {
        expectPrintable(try Program.run(arguments, in: folder))
      }
    }

    @Test func `stay exact in JSON, in one line of visible characters`() throws {
      let folder = try Self.folder()
      let outcome = try folder.run("inspect", "\(Self.evil).safetensors", "--json")
      expectPrintable(outcome)
      let object =
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      let layers = object?["layers"] as? [[String: Any]] ?? []
      #expect(
        layers.compactMap { $0["name"] as? String }.prefix(2) == [Self.evil, "\(Self.long)1"])
    }

    @Test func `are shortened in figures, and each has a file of its own`() throws {
      let folder = try Self.folder()
      let file = "\(Self.evil).safetensors"
      let outcome = try folder.run(
        "features", file, "--images", "pictures", "--layers", "*1,*2", "--limit", "1", "-o", "g")
      expectPrintable(outcome)
      try folder.run("filters", file, "-o", "g", "--layers", Self.evil)
      try folder.run(
        "saliency", file, "--images", "pictures", "--limit", "2", "--top", "3", "-o", "g")
      try folder.run("patches", file, "--images", "pictures", "--layers", "*2,scores", "-o", "g")
      try folder.run("class-models", file, "--steps", "2", "-o", "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(Set(figures.compactMap { $0["file"] as? String }).count == figures.count)
      #expect(figures.contains { $0["layer"] as? String == "\(Self.long)2" })
      #expect(figures.contains { $0["layer"] as? String == Self.evil })
      for figure in figures {
        #expect((1..<150).contains(try #require(figure["title"] as? String).count))
        #expect((1..<2000).contains(try #require(figure["caption"] as? String).count))
        #expect((1..<2000).contains(try #require(figure["width"] as? Int)))
        #expect((1..<2500).contains(try #require(figure["height"] as? Int)))
      }
      let page = try folder.text("g/index.html")
      #expect(!page.contains(Self.long))
      #expect(!page.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{1B}" })
      #expect(page.contains("e\\u{1B}[2J\\u{202E}v"))
    }
  }
}
