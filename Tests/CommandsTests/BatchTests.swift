import Checkpoints
import Foundation
import Networks
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Batches` {
    private static let plan = """
      defaults:
        checkpoint: model.safetensors
        images: pictures
        output: out
        quiet: true
      renders:
        - command: filters
          layers: conv1
        - command: saliency
          classes: [mog]
        - command: features
          layers: [relu1, relu2]
          limit: 1
        - command: features
          checkpoint: nowhere.safetensors
        - command: class-models
          steps: 2
          classes: [mug, 2]
          output: other
      """

    private static let commands = [
      "fovea filters model.safetensors --layers conv1 --output out --quiet",
      "fovea saliency model.safetensors --classes mog --images pictures --output out --quiet",
      "fovea features model.safetensors --images pictures --layers relu1,relu2 --limit 1 "
        + "--output out --quiet",
      "fovea features nowhere.safetensors --images pictures --output out --quiet",
      "fovea class-models model.safetensors --classes mug,2 --images pictures --output other "
        + "--quiet --steps 2",
    ]

    @Test func `a failed render does not stop the others`() throws {
      let folder = try Sample.folder()
      try folder.write(Self.plan, "batch.yaml")
      let outcome = try Program.run(["batch", "batch.yaml", "--quiet"], in: folder)
      #expect(outcome.status == 64)
      let mog = "no class 'mog'; did you mean 'mug'?"
      let nowhere = "nowhere.safetensors: no such file"
      #expect(
        outcome.errors == """
          fovea: 2/5 \(Self.commands[1]): \(mog)
          fovea: 4/5 \(Self.commands[3]): \(nowhere)
          fovea: 2 of 5 renders failed

          """)
      let results = [
        "1 figure in out", "failed: \(mog)", "2 figures in out", "failed: \(nowhere)",
        "1 figure in other",
      ]
      let width = Self.commands.map(\.count).max() ?? 0
      #expect(
        outcome.lines
          == zip(Self.commands, results).map { command, result in
            command.padding(toLength: width, withPad: " ", startingAt: 0) + "  " + result
          })
      #expect(folder.exists("out/filters-conv1.png") && folder.exists("other/index.html"))
      #expect(folder.names("out").filter { $0.hasPrefix("saliency") } == [])
    }

    @Test func `quiet is quiet in the renders, too`() throws {
      let folder = try Sample.folder()
      try folder.write(
        """
        renders:
          - {command: patches, checkpoint: model.safetensors, images: pictures, output: out}
          - {command: class-models, checkpoint: model.safetensors, steps: 2, output: out}
        """, "batch.yaml")
      let loud = try folder.run("batch", "batch.yaml")
      #expect(loud.errors.contains("looking through pictures (training pictures): 48\n"))
      #expect(loud.errors.contains("1/2 fovea patches"))
      #expect(try folder.run("batch", "batch.yaml", "--quiet").errors == "")
    }

    @Test(
      .enabled(
        if: Program.memoryIsKnown && Program.canBeBounded,
        "the memory of a process is not told, or not its own"))
    func `a checkpoint is freed after its last render, and earlier if memory is short`() throws {
      let folder = try TemporaryFolder()
      let network = try Architecture.resnet18.blueprint().network(seed: 1, initialization: .he)
      let checkpoint = Checkpoint(
        network,
        design: Checkpoint.Design(architecture: "resnet18", classes: 1000, input: [3, 224, 224]))
      let count = 5
      for index in 0..<count { try checkpoint.save(to: folder["/\(index).safetensors"]) }
      func peak(_ renders: [Int], _ options: String...) throws -> Int {
        let lines = renders.map {
          "  - {command: filters, checkpoint: \($0).safetensors, layers: conv1, output: g\($0)}"
        }
        let defaults = "defaults: {\(options.joined(separator: ", "))}\n"
        try folder.write(
          defaults + "renders:\n" + lines.joined(separator: "\n"), "batch.yaml")
        return try Program.peakMemory(["batch", "batch.yaml", "--quiet"], in: folder)
      }
      let size = try folder.data("0.safetensors").count
      let one = try peak([0])
      #expect(one > size)
      // Two may be in memory while one replaces the other; the first one is needed again.
      #expect(try peak(Array(0..<count) + [0]) < one + 3 * size)
      // All are needed again, which is more than the limit.
      let limit = 200 << 20
      #expect(count * size > limit)
      let twice = Array(0..<count) + Array(0..<count)
      #expect(try peak(twice, "memory: 200M") <= limit)
    }

    @Test func `a comparison has a list of checkpoints`() throws {
      let folder = try Sample.folder()
      try folder.write(
        """
        defaults: {checkpoint: model.safetensors, images: pictures, limit: 12, quiet: true}
        renders:
          - {command: filters, output: out}
          - command: compare
            checkpoints: [model.safetensors, model.safetensors]
            only: [weights, filters]
            output: both
          - {command: compare, checkpoints: model.safetensors}
        """, "batch.yaml")
      let outcome = try Program.run(["batch", "batch.yaml", "--quiet"], in: folder)
      #expect(outcome.status == 64)
      #expect(
        outcome.lines.map { line in
          line.split(separator: "  ").last?.trimmingCharacters(in: .whitespaces) ?? ""
        } == [
          "2 figures in out", "3 figures in both",
          "failed: Missing expected argument '<others> ...'",
        ])
      #expect(folder.exists("both/compare.html") && folder.exists("both/filters-conv1.png"))
      try folder.write("renders: [{command: compare, checkpoint: model.safetensors}]", "bad.yaml")
      try folder.expect(
        "bad.yaml: render 1 has no 'checkpoints'", status: 65, from: "batch", "bad.yaml")
    }

    @Test func `a dry run only lists`() throws {
      let folder = try Sample.folder()
      try folder.write(Self.plan, "batch.yaml")
      let outcome = try folder.run("batch", "batch.yaml", "--dry-run")
      #expect(outcome.lines == Self.commands)
      #expect(folder.names() == ["batch.yaml", "model.safetensors", "pictures"])
    }

    @Test func `the outcome as JSON`() throws {
      let folder = try Sample.folder()
      try folder.write(Self.plan, "batch.yaml")
      let outcome = try Program.run(["batch", "batch.yaml", "--json", "--quiet"], in: folder)
      let object =
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      let renders = try #require(object?["renders"] as? [[String: Any]])
      #expect(renders.map { $0["command"] as? String } == Self.commands)
      #expect(
        renders[0]["files"] as? [String] == [
          "out/filters-conv1.png", "out/gallery.json", "out/index.html",
        ])
      #expect(renders[0]["error"] is NSNull)
      #expect(renders[3]["error"] as? String == "nowhere.safetensors: no such file")
    }

    @Test(arguments: [
      ("", "expected a list 'renders' with at least one entry"),
      ("renders: []", "expected a list 'renders' with at least one entry"),
      ("renders: [3]", "expected keys and values in render 1, found 3"),
      ("renders: [{command: filters}]", "render 1 has no 'checkpoint'"),
      ("renders: [{checkpoint: x}]", "render 1 has no 'command'"),
      (
        "renders: [{command: filters, checkpoint: x}]\nrender: []",
        "no key 'render'; did you mean 'renders'?"
      ),
      (
        "defaults: {imagse: x}\nrenders: [{command: filters, checkpoint: x}]",
        "no render has an option 'imagse'; did you mean 'images'?"
      ),
      (
        "renders: [{command: filters, checkpoint: x, layers: {a: b}}]",
        "render 1: 'layers' must be a single value"
      ),
      (
        "renders: [{command: filters, checkpoint: x, layers: [[a], {b: c, d: e}]}]",
        "render 1: 'layers' must be a flat list"
      ),
      ("renders: [[{b: c, d: e}]]", "expected keys and values in render 1, found a list"),
      (
        "{zeta: 1, beta: 2, alpha: 3, gamma: 4, renders: [{command: filters, checkpoint: x}]}",
        "no key 'alpha'; there are 'defaults', 'renders'"
      ),
      (
        "renders: [",
        "expected YAML: line 2, column 1: while parsing a flow node, "
          + "did not find expected node content"
      ),
      (
        "\u{1}\u{2}",
        "expected YAML: line 1, column 1: control characters are not allowed"
      ),
    ])
    func `files that are no batch`(text: String, message: String) throws {
      let folder = try TemporaryFolder()
      try folder.write(text, "batch.yaml")
      try folder.expect("batch.yaml: \(message)", status: 65, from: "batch", "batch.yaml")
    }

    @Test func `unknown commands and options of a render`() throws {
      let folder = try Sample.folder()
      try folder.expect("nowhere.yaml: no such file", status: 66, from: "batch", "nowhere.yaml")
      try folder.write(
        "renders: [{command: filtres, checkpoint: x}, {command: filters, checkpoint: x, unit: 1}]",
        "batch.yaml")
      let outcome = try Program.run(["batch", "batch.yaml", "--dry-run"], in: folder)
      #expect(
        outcome.errors.split(separator: "\n").map(String.init) == [
          "fovea: 1/2 fovea filtres x: no render command 'filtres'; did you mean "
            + "'filters'?",
          "fovea: 2/2 fovea filters x --unit 1: Unknown option '--unit'. Did you mean '--units'?",
          "fovea: 2 of 2 renders failed",
        ])
      #expect(outcome.status == 64)
    }
  }
}
