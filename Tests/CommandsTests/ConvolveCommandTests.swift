import Files
import Foundation
import Images
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Handcrafted filters` {
    private func folder() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      try Image.noise(24, 18).writePNG(to: folder["/photo.png"])
      return folder
    }

    @Test func `draws a picture before and after`() throws {
      let folder = try folder()
      let outcome = try folder.run("convolve", "photo.png", "-k", "sobel-x", "--kernel", "box:3")
      #expect(outcome.lines == ["output/convolve-photo.png"])
      #expect(folder.names("output") == ["convolve-photo.png"])
      let image = try Image(contentsOf: folder["/output/convolve-photo.png"])
      #expect(image.width > 500)
      // Nothing is replaced silently.
      try folder.expect(
        "output/convolve-photo.png: exists; give another --output, or --force to replace it",
        status: 73, from: "convolve", "photo.png")
      try folder.run("convolve", "photo.png", "--force", "--sharp", "--theme", "dark")
    }

    @Test func `needs no picture`() throws {
      let folder = try TemporaryFolder()
      #expect(
        try folder.run("convolve", "-o", "edges.svg", "--format", "png,txt").lines.sorted()
          == ["edges.png", "edges.svg", "edges.txt"])
      let caption = try folder.text("edges.txt")
      #expect(caption.contains("A picture through 8 filters"))
      #expect(caption.contains("rendered scene 3 (car)"))
      // Edges have no stride, and were not asked for.
      try folder.run("convolve", "-o", "small.png", "--stride", "2")
    }

    @Test func `results alone have one pixel for each value`() throws {
      let folder = try folder()
      try folder.run(
        "convolve", "photo.png", "--raw", "--color", "-k", "identity", "-o", "same.png")
      #expect(
        try Image(contentsOf: folder["/same.png"]) == Image(contentsOf: folder["/photo.png"]))
      let outcome = try folder.run(
        "convolve", "photo.png", "--raw", "-k", "box:3", "-k", "box:3", "-k", "-1 0 1; -2 0 2",
        "--padding", "none", "--stride", "2")
      #expect(
        outcome.lines
          == ["box-3", "box-3-2", "1-0-1-2-0-2"].map {
            "output/convolve-photo/convolve-\($0).png"
          })
      let box = try Image(contentsOf: folder["/\(outcome.lines[0])"])
      #expect(box.width == 11 && box.height == 8)
      try folder.expect(
        "output/convolve-photo/convolve-box-3.png: exists; give another --output, or --force to "
          + "replace it", status: 73, from: "convolve", "photo.png", "--raw", "-k", "box:3")
    }

    @Test func `writes its numbers, and reports errors`() throws {
      let folder = try folder()
      let outcome = try folder.run(
        "convolve", "photo.png", "-k", "median:3", "-k", "sobel", "--noise",
        "salt-and-pepper:0.2", "--seed", "5", "--arrays", "-o", "a.png", "--json")
      #expect(folder.names().contains("a.safetensors"))
      let report = try #require(
        JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      #expect(report["files"] as? [String] == ["a.png", "a.safetensors"])
      let results = try #require(report["results"] as? [[String: Any]])
      #expect(results.map { $0["filter"] as? String } == ["median:3", "sobel"])
      #expect(results[0]["rmse"] is Double && results[0]["psnr"] is Double)
      #expect(results[1]["rmse"] == nil)
      let header = try folder.data("a.safetensors").dropFirst(8)
      for name in ["picture", "noisy", "result_1", "result_2", "kernel_2_x", "kernel_2_y"] {
        #expect(header.firstRange(of: Data("\"\(name)\"".utf8)) != nil, "\(name)")
      }
      // The same seed, the same bytes.
      try folder.run(
        "convolve", "photo.png", "-k", "median:3", "-k", "sobel", "--noise",
        "salt-and-pepper:0.2", "--seed", "5", "--arrays", "npz", "-o", "b.png")
      let (first, second) = (
        try Image(contentsOf: folder["/a.png"]), try Image(contentsOf: folder["/b.png"])
      )
      #expect(first == second)
    }

    @Test(
      arguments: [
        (
          ["-k", "gausian:1"], 64,
          "--kernel: no filter 'gausian'; did you mean 'gaussian'? (see fovea convolve --help)"
        ),
        (
          ["--noise", "rain"], 64,
          "--noise: no noise 'rain'; there are 'gaussian', 'salt-and-pepper' (see fovea convolve "
            + "--help)"
        ),
        (
          ["--stride", "0"], 64,
          "--stride must be from 1 to 1,000, not 0 (see fovea convolve --help)"
        ),
        (
          ["--dilation", "-3"], 64,
          "--dilation must be from 1 to 1,000, not -3 (see fovea convolve --help)"
        ),
        (
          ["-k", "box:99", "--padding", "none"], 64,
          "box:99: a window of 99×99 pixels does not fit into the picture of 18×24 without padding"
        ),
        (
          ["-k", "canny", "--stride", "2"], 64,
          "canny:low=25.5,high=51,sigma=1: the edges have no stride and no dilation, found 2 and 1"
        ),
        (
          ["--raw", "-o", "a.png"], 64,
          "--output: expected a folder for the results of 8 filters, found a file's name, 'a.png' (see "
            + "fovea convolve --help)"
        ),
        (
          ["--raw", "--arrays", "npz"], 64,
          "give either --raw or --arrays, not both (see fovea convolve --help)"
        ),
        (["--memory", "1K"], 71, nil),
      ] as [([String], Int32, String?)])
    func `bad arguments`(arguments: [String], status: Int32, message: String?) throws {
      let folder = try folder()
      let outcome = try Program.run(["convolve", "photo.png"] + arguments, in: folder)
      #expect(outcome.status == status && !outcome.wasKilled, "\(outcome.errors)")
      if let message { #expect(outcome.errors == "fovea: \(message)\n") }
      #expect(folder.names() == ["photo.png"])
    }

    @Test func `pictures that are none`() throws {
      let folder = try folder()
      try folder.expect(
        "nowhere.png: no such file", status: 66, from: "convolve", "nowhere.png", "-o", "a.png")
      try folder.write("GIF89a, more or less", "a.gif")
      let outcome = try Program.run(["convolve", "a.gif", "-o", "a.png"], in: folder)
      #expect(outcome.status == 65 && outcome.errors.hasPrefix("fovea: a.gif: "))
      #expect(folder.names() == ["a.gif", "photo.png"])
    }
  }
}
