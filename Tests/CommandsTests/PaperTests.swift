import ArgumentParser
import Exhibits
import Foundation
import Galleries
import Images
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Figures for papers` {
    @Test func `one figure becomes one file`() throws {
      let folder = try Sample.folder()
      let arguments = ["filters", "model.safetensors", "--layers", "conv1"]
      for (name, start) in [("a.pdf", "%PDF-1."), ("b.svg", "<?xml"), ("c.png", "\u{FFFD}PNG")] {
        let outcome = try Program.run(
          arguments + ["--width", "85mm", "--no-title", "-o", name], in: folder)
        #expect(outcome.lines == [name], "\(outcome.errors)")
        #expect(String(decoding: try folder.data(name).prefix(7), as: UTF8.self).hasPrefix(start))
      }
      #expect(try Image(contentsOf: folder["/c.png"]).width == 1004)
      #expect(folder.names().filter { $0.hasPrefix(".") } == [])
      // The same command gives the same bytes, whenever it runs.
      let first = try folder.data("a.pdf")
      try folder.expect(
        "a.pdf: exists; give another --output, or --force to replace it", status: 73,
        from: "filters", "model.safetensors", "--layers", "conv1", "-o", "a.pdf")
      _ = try Program.run(
        arguments + ["--width", "85mm", "--no-title", "-o", "a.pdf", "--force"], in: folder)
      // The command is in the file.
      #expect(try folder.data("a.pdf").count - first.count < 200)
    }

    @Test func `several figures need a folder`() throws {
      let folder = try Sample.folder()
      try folder.expect(
        "fig.pdf: expected one figure for this file, but the command draws 2: 'conv1', 'conv2'; "
          + "give a folder as --output, or options that leave one figure, such as --layers or "
          + "--limit 1", status: 73,
        from: "filters", "model.safetensors", "-o", "fig.pdf", "--quiet")
      try folder.expect(
        "--output: expected a folder for a whole gallery, found a file's name, 'fig.pdf'",
        status: 64, from: "visualize", "model.safetensors", "--images", "pictures", "-o", "fig.pdf")
      #expect(!folder.exists("fig.pdf"))
      try folder.expect(
        "nowhere/fig.pdf: cannot be written: No such file or directory", status: 73,
        from: "filters", "model.safetensors", "--layers", "conv1", "-o", "nowhere/fig.pdf")
    }

    @Test func `an embedding of dots or of pictures is one figure`() throws {
      let folder = try Sample.folder()
      let command = ["embedding", "model.safetensors", "--images", "pictures", "--quiet"]
      for (options, file) in [([], "dots.png"), (["--marks", "pictures"], "pictures.png")] {
        let outcome = try Program.run(command + options + ["-o", file], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      #expect(try folder.data("dots.png") != folder.data("pictures.png"))
      try folder.run(
        "embedding", "model.safetensors", "--images", "pictures", "--marks", "dots", "-o", "g",
        "--quiet")
      #expect(folder.names("g").filter { $0.hasSuffix(".png") }.count == 1)
    }

    @Test func `what cannot be drawn so is said`() throws {
      let folder = try Sample.folder()
      for (arguments, message) in [
        (
          ["--width", "85"],
          "--width: expected a number with a unit (mm, cm, in, pt or px), from 1cm to 5m, such as "
            + "85mm; found '85'"
        ),
        (["--format", "gif"], "--format: no format 'gif'; there are png, pdf, svg, txt, tex"),
        (["--format", ""], "--format: no format ''; there are png, pdf, svg, txt, tex"),
        (["--dpi", "0"], "--dpi must be from 10 to 4,800, not 0"),
        (["--dpi", "-5"], "--dpi must be from 10 to 4,800, not -5"),
        (["--font", "No Such Font"], "--font: no font family 'No Such Font' is installed"),
        (
          ["--sharp", "--width", "85mm"],
          "give either --sharp or --width, not both; --dpi sets the resolution on paper"
        ),
        (
          ["--sharp", "--dpi", "300"],
          "give either --sharp or --dpi, not both; --dpi sets the resolution on paper"
        ),
      ] {
        let outcome = try Program.run(["filters", "model.safetensors"] + arguments, in: folder)
        #expect(
          outcome.errors == "fovea: \(message) (see fovea filters --help)\n", "\(arguments)")
        #expect(outcome.status == 64)
      }
      // Nothing was begun.
      #expect(!folder.exists("output"))
    }

    @Test func `a gallery has every figure in every format, also in a batch`() throws {
      let folder = try Sample.folder()
      try folder.write(
        """
        defaults: {checkpoint: model.safetensors, output: g}
        renders:
          - {command: filters, format: [pdf, svg, tex], width: 17cm, no-caption: true}
          - {command: filters, layers: conv1, output: one.pdf, arrays: true}
        """, "batch.yaml")
      let outcome = try folder.run("batch", "batch.yaml", "--quiet")
      #expect(outcome.output.contains("2 figures in g"))
      #expect(outcome.output.contains("1 figure in"))
      #expect(folder.exists("one.safetensors"))
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(figures.count == 2)
      for figure in figures {
        let others = figure["otherFormats"] as? [String] ?? []
        #expect(others.map { ($0 as NSString).pathExtension } == ["pdf", "svg", "tex"])
        for name in others { #expect(folder.exists("g/\(name)")) }
        let options = figure["options"] as? [String: String]
        #expect(options?["width"] == "17cm" && options?["no-caption"] == "true")
      }
    }
  }

  @Suite struct `Arrays` {
    static let hasNumPy: Bool = {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["python3", "-c", "import numpy"]
      process.standardError = FileHandle.nullDevice
      guard (try? process.run()) != nil else { return false }
      process.waitUntilExit()
      return process.terminationStatus == 0
    }()

    @Test func `have one of two forms`() throws {
      let folder = try Sample.folder()
      for (arguments, end) in [
        (["--arrays"], "safetensors"), (["--arrays", "npz"], "npz"), (["--arrays=npz"], "npz"),
        (["--arrays", "safetensors"], "safetensors"),
      ] {
        let outcome = try Program.run(
          ["filters"] + arguments + ["model.safetensors", "--layers", "conv1", "-o", "g"],
          in: folder)
        #expect(outcome.lines.contains("g/filters-conv1.\(end)"), "\(arguments) \(outcome.errors)")
        // Those of the earlier form are gone.
        #expect(
          folder.names("g").filter { $0.hasSuffix(".npz") || $0.hasSuffix("tensors") }.count == 1)
      }
      for arguments in [["--arrays=npy"], ["--arrays", "npy"]] {
        let refused = try Program.run(
          ["filters", "model.safetensors"] + arguments + ["-o", "g"], in: folder)
        #expect(refused.status == 64)
        #expect(
          refused.errors == "fovea: The value 'npy' is invalid for '--arrays <format>'. Please "
            + "provide one of 'npz', 'safetensors' or 'csv' (see fovea filters --help)\n")
      }
    }

    @Test(.enabled(if: hasNumPy)) func `are read by NumPy with their names`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--arrays", "npz", "-o", "g",
        "--only", "filters,features,patches,embedding,saliency,confusion,mistakes", "--quiet")
      try folder.write(Self.script, "check.py")
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["python3", "check.py"]
      process.currentDirectoryURL = URL(filePath: folder.path)
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(text)")
    }

    /// Uses no pickles, which `numpy.load` refuses by itself.
    private static let script = """
      import json, numpy as np
      figures = json.load(open("g/gallery.json"))["figures"]
      seen = set()
      for figure in figures:
          a = np.load("g/" + figure["arrays"])
          kind = str(a["kind"])
          seen.add(kind)
          assert kind == figure["kind"], figure
          if kind == "features":
              name = "maps" if "maps" in a else "values"
              assert a[name].shape[0] == 1 and a[name].dtype == np.float32
              assert a["files"].shape == (1,) and a["files"][0] == figure["source"]
              assert a["files"][0].startswith(a["class_names"][a["labels"][0]])
          if kind == "patches" and "values" in a:
              u, k = a["values"].shape
              assert a["files"].shape == a["pictures"].shape == (u, k)
              assert a["positions"].shape == (u, k, 2) and a["boxes"].shape == (u, k, 4)
              assert list(a["units"]) == figure["units"]
              assert ((a["files"] == "") == (a["pictures"] < 0)).all()
          if kind == "embedding":
              n, k = a["coordinates"].shape
              assert a["files"].shape == a["labels"].shape == (n,)
              # The loadings are orthonormal.
              c = a["components"]
              assert c.shape == (k, len(a["mean"]))
              assert np.abs(c @ c.T - np.eye(k)).max() < 1e-4
              for file, label in zip(a["files"], a["labels"]):
                  assert file.startswith(a["class_names"][label])
          if kind == "saliency":
              n = len(a["files"])
              assert a["attribution"].shape[0] == n and a["scores"].shape == (n, 12)
              assert np.abs(a["probabilities"].sum(1) - 1).max() < 1e-5
              assert (a["scores"].argmax(1) == a["classes"]).all()
              if figure["predictions"]:
                  first = figure["predictions"][0]
                  assert abs(a["scores"][0].max() - first["score"]) < 1e-5
                  assert abs(a["probabilities"][0].max() - first["probability"]) < 1e-6
                  assert a["class_names"][a["classes"][0]] == first["name"]
          if kind == "confusion":
              assert a["confusion"].shape == (12, 12) and len(a["class_names"]) == 12
          if kind == "mistakes":
              assert len(a["files"]) == len(a["pictures"]) == len(a["losses"])
      assert len(seen) == 7, seen
      """
  }

  @Suite struct `Completions, examples and the manual` {
    @Test(arguments: ["bash", "zsh", "fish"]) func `shells complete commands`(shell: String) throws
    {
      let script = try TemporaryFolder().run("--generate-completion-script", shell).output
      for kind in exhibits.map({ $0.kind.name }) + ["visualize", "train", "batch", "manual"] {
        #expect(script.contains(kind), "\(kind)")
      }
      for option in ["method", "no-title", "format"] { #expect(script.contains(option)) }
    }

    @Test func `every kind has at least two examples, which its command accepts`() throws {
      for exhibit in exhibits {
        #expect(exhibit.kind.examples.count >= 2)
        for example in exhibit.kind.examples {
          try parse(exhibit, example.arguments)
          let help = try TemporaryFolder().run("help", exhibit.kind.name).output
          // Long lines are wrapped.
          #expect(help.contains("fovea \(exhibit.kind.name) \(example.arguments.prefix(20))"))
          #expect(help.contains("\(example.purpose.prefix(30))"))
        }
      }
    }

    /// The options that are not the command's own are checked by running it.
    private func parse(_ exhibit: any Exhibit.Type, _ arguments: String) throws {
      let words = arguments.split(separator: " ").map { $0.filter { $0 != "'" } }
      let outcome = try Program.run(
        [exhibit.kind.name, "no-such-file.safetensors"] + words.dropFirst(), in: TemporaryFolder())
      #expect(outcome.status == 66, "\(exhibit.kind.name) \(arguments): \(outcome.errors)")
    }

    @Test func `the manual has every command and every option`() throws {
      let folder = try TemporaryFolder()
      let text = try folder.run("manual").output
      #expect(text.hasPrefix(".TH FOVEA 1"))
      let overview = try folder.run("--help").output
      let commands = overview.matches(of: /(?m)^  ([a-z][a-z-]*) +[A-Z]/).map {
        String($0.output.1)
      }
      #expect(commands.count > 10)
      for command in commands {
        let hyphenated = command.replacing("-", with: "\\-")
        #expect(text.contains(".SS fovea \(hyphenated)"), "\(command)")
        let help = try folder.run("help", command).output
        for option in help.matches(of: /(?m)^  (?:-[a-z], )?--([a-z-]+)/) {
          let name = String(option.output.1)
          guard name != "help", name != "version" else { continue }
          let typed = "\\-\\-" + name.replacing("-", with: "\\-")
          #expect(text.contains(typed), "\(command) \(name)")
        }
      }
      #expect(try folder.run("manual").output == text)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/groff")))
    func `the manual is set without warnings`() throws {
      let folder = try TemporaryFolder()
      try folder.write(try folder.run("manual").output, "fovea.1")
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/groff")
      process.arguments = ["-man", "-Kutf8", "-Tutf8", "-ww", "-z", folder["/fovea.1"]]
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0 && text == "", "\(text)")
    }
  }
}
