import Foundation
import Images
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Arithmetic of convolutions` {
    private static let input = "1 1 1 0 0; 0 1 1 1 0; 0 0 1 1 1; 0 0 1 1 0; 0 1 1 0 0"
    private static let kernel = "1 0 1; 0 1 0; 1 0 1"

    private func object(
      _ folder: TemporaryFolder, _ arguments: [String]
    ) throws -> [String: Any] {
      let outcome = try Program.run(["arithmetic"] + arguments + ["--json"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      return try #require(object as? [String: Any])
    }

    private func result(
      _ folder: TemporaryFolder, _ arguments: String...
    ) throws -> [[Double]]? {
      try object(folder, arguments)["result"] as? [[Double]]
    }

    @Test func `is printed, and written nowhere`() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.run(
        "arithmetic", "--input", Self.input, "--kernel", Self.kernel)
      #expect(
        outcome.lines.prefix(5) == [
          "Convolution: 5×5 → 3×3 · kernel 3×3 · stride 1 · no padding",
          "rows and columns: (5 − 3 + 2·0) / 1 + 1 = 3", "4 3 4", "2 4 3", "2 3 4",
        ])
      #expect(outcome.errors == "")
      #expect(folder.names() == [])
    }

    @Test func `the same as JSON, in one object`() throws {
      let folder = try TemporaryFolder()
      let found = try object(folder, ["--input", Self.input, "--kernel", Self.kernel])
      #expect(found["result"] as? [[Int]] == [[4, 3, 4], [2, 4, 3], [2, 3, 4]])
      #expect(found["size"] as? [Int] == [3, 3])
      let sizes = try object(folder, ["--input", "6x6", "--stride", "2"])
      #expect(sizes["result"] is NSNull && sizes["size"] as? [Int] == [2, 2])
      #expect(sizes["unused"] as? Int == 11)
      let pooled = try result(
        folder, "--input", "1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4", "--pool", "max:2")
      #expect(pooled == [[6, 8], [3, 4]])
      let negative = try result(folder, "--input", "-1 2; 3 4", "--kernel", "-1 0; 0 1")
      #expect(negative == [[5]])
      let turned = try result(folder, "--input", "1 2; 3 4", "--kernel", "1 0; 0 0", "--flip")
      #expect(turned == [[4]])
      let upsampled = try result(
        folder, "--input", "1 2; 3 4", "--kernel", "1 1; 1 1", "--transposed", "--stride", "2")
      #expect(upsampled == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]])
    }

    @Test(arguments: [
      ("7x9", "3x3", "same", "2", [4, 5]), ("7x9", "4x2", "same", "1", [7, 9]),
      ("5", "3", "full", "1", [7, 7]), ("5", "3", "valid", "1", [3, 3]),
      ("5x8", "3x2", "1x2", "2x3", [3, 4]),
    ])
    func `sizes of all paddings`(
      input: String, kernel: String, padding: String, stride: String, size: [Int]
    ) throws {
      let found = try object(
        TemporaryFolder(),
        ["--input", input, "--kernel", kernel, "--padding", padding, "--stride", stride])
      #expect(found["size"] as? [Int] == size)
    }

    @Test func `the lecture's weights of three layers`() throws {
      let folder = try TemporaryFolder()
      let lines = try folder.run(
        "arithmetic", "--input", "200x200", "--kernel", "10x10", "--filters", "100", "--units",
        "40000"
      ).lines
      let weights = ["fully", "locally", "convolutional"].compactMap { kind in
        lines.first { $0.hasPrefix(kind) }?.split(separator: " ").suffix(3).first
      }
      #expect(weights == ["1,600,000,000", "4,000,000", "10,000"])
    }

    @Test func `unused pixels are a warning`() throws {
      let outcome = try TemporaryFolder().run(
        "arithmetic", "--input", "6x6", "--kernel", "3x3", "--stride", "2", "--quiet")
      #expect(
        outcome.errors
          == "fovea: No window reads row 6 and column 6 of the input: 11 pixels of 36 are unused.\n"
      )
    }

    @Test func `a folder has the usual parts, a file the one that is asked for`() throws {
      let folder = try TemporaryFolder()
      try folder.run("arithmetic", "--input", Self.input, "--kernel", Self.kernel, "-o", "a")
      #expect(
        folder.names("a")
          == ["arithmetic-grids.png", "arithmetic-matrix.png", "arithmetic-parameters.png"])
      let text = try Image.textChunks(of: folder["/a/arithmetic-grids.png"])
      #expect(text.contains { $0.key == "kind" && $0.value == "arithmetic" })
      let options = try #require(text.first { $0.key == "options" }?.value)
      #expect(options.contains("kernel=\(Self.kernel)") && options.contains("step=1"))
      try folder.expect(
        "a/arithmetic-grids.png: exists; give another --output, or --force to replace it",
        status: 73, from: "arithmetic", "-o", "a")
      try folder.run("arithmetic", "-o", "a", "--force")
      for (part, name) in [
        ("grids", "g.pdf"), ("steps", "s.svg"), ("matrix", "m.png"), ("animation", "a.png"),
      ] {
        let outcome = try folder.run("arithmetic", "--only", part, "-o", name, "--theme", "dark")
        #expect(folder.exists(name) && outcome.errors == "" && outcome.lines.last == name)
      }
      #expect(try folder.data("a.png").firstRange(of: Data("acTL".utf8)) != nil)
    }

    @Test func `paths are on standard output, alone if it is to be quiet`() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.run("arithmetic", "-o", "a", "--quiet")
      let paths = ["grids", "matrix", "parameters"].map { "a/arithmetic-\($0).png" }
      #expect(outcome.lines == paths && outcome.errors == "")
      let loud = try folder.run("arithmetic", "-o", "a", "--force")
      #expect(loud.lines.suffix(3) == paths[...])
      #expect(loud.lines.first?.hasPrefix("Convolution: 5×5") == true)
    }

    @Test func `numbers are short, aligned and read again`() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.run(
        "arithmetic", "--input", "0.1 0.2 0.3; 10 -2.5 4", "--kernel", "1 1")
      // A size of its own for rows and for columns.
      #expect(outcome.lines[3...4] == ["0.3 0.5", "7.5 1.5"])
      let rounded = try folder.run("arithmetic", "--input", "1 3; 20 3", "--kernel", "1/3")
      #expect(
        rounded.lines[2...4] == [
          "0.333333 1", "6.66667  1",
          "(rounded to 6 significant digits; --json has all digits)",
        ])
    }

    @Test func `numbers that are not finite are a warning`() throws {
      let outcome = try TemporaryFolder().run(
        "arithmetic", "--input", "1e308 1e308 0", "--kernel", "10 10")
      #expect(outcome.lines.contains("inf inf"))
      #expect(
        outcome.errors
          == "fovea: 2 of 2 numbers of the output are not finite: sums left the range of 64-bit "
          + "numbers.\n")
    }

    @Test func `pictures of 16 bits are rounded, which is said`() throws {
      let folder = try TemporaryFolder()
      try folder.write(SixteenBitPicture.data, "p.png")
      for command in [
        ["arithmetic", "--input", "p.png", "--kernel", "1x1"], ["convolve", "p.png"],
      ] {
        let outcome = try Program.run(command, in: folder)
        #expect(outcome.status == 0)
        #expect(
          outcome.errors.contains(
            "p.png: levels of 16 bits are rounded to 8 bits, 0 to 255\n"), "\(outcome.errors)")
      }
      #expect(
        try result(folder, "--input", "p.png", "--kernel", "[1]") == [[0, 1, 1, 128, 255]])
    }

    @Test(arguments: ["5X4", "5×4", " 5 x 4 "])
    func `sizes are read in several forms`(text: String) throws {
      let found = try object(TemporaryFolder(), ["--input", text, "--kernel", "1X1"])
      #expect(found["size"] as? [Int] == [5, 4])
    }

    @Test func `frames are numbered files`() throws {
      let folder = try TemporaryFolder()
      let found = try object(
        folder, ["--input", "6x5", "--kernel", "3x3", "--only", "frames", "-o", "f"])
      let names = (1...12).map { "arithmetic-frame-\($0 < 10 ? "0" : "")\($0).png" }
      #expect(folder.names("f") == names)
      #expect(found["files"] as? [String] == names.map { "f/\($0)" })
      let sizes = try names.map { try Image(contentsOf: folder["/f/\($0)"]) }
        .map { [$0.width, $0.height] }
      #expect(Set(sizes).count == 1)
    }

    @Test func `of a picture`() throws {
      let folder = try TemporaryFolder()
      let picture = Image.noise(12, 9, seed: 3, isOpaque: true)
      try folder.write(picture.encodedPNG(), "p.png")
      let outcome = try folder.run(
        "arithmetic", "--input", "p.png", "--kernel", "mean:3", "--padding", "same", "--noise",
        "20",
        "-o", "p")
      #expect(outcome.errors.hasPrefix("p.png: colours become grey values\n"))
      #expect(
        folder.names("p")
          == [
            "before-after", "grids", "matrix", "parameters", "shift",
          ].map { "arithmetic-\($0).png" })
      let found = try object(folder, ["--input", "p.png", "--kernel", "1"])
      #expect(found["result"] is NSNull && found["size"] as? [Int] == [9, 12])
      let same = try result(folder, "--input", "p.png", "--kernel", "[1]", "--resize", "3x4")
      #expect(same?.count == 3 && same?.first?.count == 4)
      #expect(same?.joined().allSatisfy { (0...255).contains($0) && $0 == $0.rounded() } == true)
      // The same seed gives the same noise.
      let noisy = try (0..<2).map { _ in
        try result(folder, "--input", "p.png", "--kernel", "[1]", "--noise", "9", "--seed", "4")
      }
      #expect(noisy[0] == noisy[1])
    }

    @Test(arguments: [
      (["--input", "1 2; 3"], 64, "--input: expected rows of 2 numbers, found 1 in row 2"),
      (["--input", "none.png"], 66, "none.png: no such file"),
      (["--input", ""], 64, "--input: expected a matrix such as '1 0; 0 1', found ''"),
      (
        ["--input", "5,5"], 64,
        "--input: '5,5' may be a size or numbers; write 5x5 for a size, or '5 5' for a row of "
      ),
      (["--kernel", "3,3"], 64, "--kernel: '3,3' may be a size or numbers; write 3x3 for a size"),
      (["--input", "1 2 a;3 4 5"], 64, "--input: expected numbers, found 'a'"),
      (["--input", "1 2; 3 inf"], 64, "--input: expected numbers, found 'inf'"),
      (
        ["--input", "5*5"], 64, "--input: expected a matrix such as '1 0; 0 1', a size such as 5x5"
      ),
      (
        ["--input", "1 2; 3 4", "--kernel", "1x1", "--shift", "0,-2"], 64,
        "--shift: a shift by 2 columns to the left leaves nothing of an input of 2×2"
      ),
      (
        ["-o", "a.gif"], 64,
        "--output: expected a file that ends in .png, .pdf or .svg, or a folder, found 'a.gif'"
      ),
      (["--kernel", "x"], 64, "--kernel: expected numbers, found 'x'"),
      (["--kernel", "6x6"], 64, "a window of 6×6 does not fit into an input of 5×5"),
      (["--kernel", "mean:0"], 64, "--kernel: expected a mean of at most 1,000,000 numbers"),
      (["--stride", "0"], 64, "--stride must be from 1 to 10000 in both directions, not 0×0"),
      (["--stride", "a"], 64, "--stride: expected a number, or rows and columns such as 2x1"),
      (["--stride", "1x2x3"], 64, "--stride: expected a number, or rows and columns such as 2x1"),
      (["--padding", "-1"], 64, "--padding must be from 0 to 10000 in both directions, not -1×-1"),
      (
        ["--dilation", "9223372036854775807"], 64,
        "--dilation must be from 1 to 10000 in both directions"
      ),
      (["--input", "99999999999999999999"], 64, "--input: expected a number, or rows and columns"),
      (["--step", "0"], 64, "--step must be at least 1, not 0"),
      (["--step", "10"], 64, "--step must be from 1 to 9, not 10"),
      (["--pool", "min:2"], 64, "--pool: expected max:2, mean:2 or max:2x3, found 'min:2'"),
      (["--pool", "max:2", "--kernel", "3"], 64, "give either --pool or a kernel"),
      (["--output-padding", "1"], 64, "--output-padding needs --transposed"),
      (["--transposed", "--padding", "same"], 64, "--padding: expected a number for a transposed"),
      (["--noise", "nan"], 64, "--noise must be from 0 to 1,000, not nan"),
      (["--noise", "3"], 64, "--noise needs a picture as --input"),
      (["--resize", "3"], 64, "--resize needs a picture as --input"),
      (["--channels", "0"], 64, "--channels must be at least 1, not 0"),
      (["--filters", "9223372036854775807"], 64, "a layer with more than"),
      (["--shift", "1"], 64, "--shift: expected rows and columns such as 0,1, found '1'"),
      (["--only", "grids"], 64, "--only needs --output, which says where to draw"),
      (["--only", "grid", "-o", "a"], 64, "--only: no part 'grid'; did you mean 'grids'?"),
      (["--only", "frames", "-o", "a.png"], 64, "--output: expected a folder for 9 figures"),
      (
        ["--only", "animation", "-o", "a.pdf"], 64, "--output: an animation is a PNG, found 'a.pdf'"
      ),
      (["--only", "shift", "-o", "a"], 64, "--only shift: it needs numbers or a picture"),
      (
        ["--input", "4x4", "--pool", "max:2", "--only", "matrix", "-o", "a"], 64,
        "--only matrix: the maximum is not linear and has no matrix"
      ),
      (["--input", "999x999", "-o", "a.png"], 64, "grids: grids are drawn up to 256 rows"),
    ])
    func `mistakes are found before work starts`(
      arguments: [String], status: Int, message: String
    ) throws {
      let folder = try TemporaryFolder()
      let outcome = try Program.run(["arithmetic"] + arguments, in: folder)
      #expect(outcome.errors.hasPrefix("fovea: \(message)"), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
      #expect(outcome.status == Int32(status) && !outcome.wasKilled)
      #expect(folder.names() == [])
    }
  }
}

/// A grey PNG of 5×1 pixels with levels 0, 257, 300, 32,896 and 65,535, of 16 bits each, made by
/// Python's zlib and struct.
private enum SixteenBitPicture {
  static let data =
    Data(
      base64Encoded: "iVBORw0KGgoAAAANSUhEUgAAAAUAAAABEAAAAABjBedsAAAAE0lEQVR4nGNgYGBkZNRpaPj/"
        + "HwAHeQMuXcGOyAAAAABJRU5ErkJggg==") ?? Data()
}
