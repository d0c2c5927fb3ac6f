import Analysis
import ArgumentParser
import Checkpoints
import Exhibits
import Files
import Foundation
import Galleries
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// How many seconds to keep generating networks; set by `scripts/fuzz strange`.
private let seconds =
  ProcessInfo.processInfo.environment["FOVEA_STRANGE_SECONDS"].flatMap(Double.init) ?? 8
/// The first seed, so that several runs need not use the same ones.
private let firstSeed =
  ProcessInfo.processInfo.environment["FOVEA_STRANGE_SEED"].flatMap(UInt64.init) ?? 1

/// Valid networks that nobody would build, derived from real exported files: whatever the readers
/// accept must run, and every exhibit and command must draw it or say why it cannot.
@Suite(.serialized, .slow) struct `Strange networks` {
  @Test func `run for one picture and for several, and every command ends`() throws {
    let corpus = try Self.corpus()
    let end = Date(timeIntervalSinceNow: seconds)
    var (seed, tried, valid, shown, drawn) = (firstSeed, 0, 0, 0, 0)
    var drawing: Drawing?
    while Date() < end {
      let folder = try TemporaryFolder()
      var files: [String] = []
      while files.count < 16, Date() < end {
        let source = corpus[Int(seed % UInt64(corpus.count))]
        guard var strange = StrangeONNX(source, seed: seed) else { continue }
        for _ in 0...(seed / UInt64(corpus.count) % 4) { strange.change() }
        let name = "strange-\(seed).onnx"
        // Written before it is read: after a trap, the file is still there.
        try folder.write(strange.data, name)
        if let network = try Self.load(folder["/\(name)"]) {
          valid += 1
          files.append(name)
          try Self.check(network, "\(name)")
          shown += try StrangeStudio(folder["/\(name)"], network, seed: seed).showAll()
          if let stranger = network.madeStrange(seed: seed) {
            let own = "strange-\(seed).safetensors"
            try Checkpoint(stranger, design: nil).save(to: folder["/\(own)"])
            if let read = try Self.load(folder["/\(own)"]) {
              valid += 1
              files.append(own)
              try Self.check(read, own)
              shown += try StrangeStudio(folder["/\(own)"], read, seed: seed).showAll()
            }
            tried += 1
          }
        } else {
          try? FileManager.default.removeItem(atPath: folder["/\(name)"])
        }
        tried += 1
        seed += 1
      }
      // The previous ones are drawn while these are generated. Whole galleries take longest, and
      // every exhibit has been drawn above: a few are enough.
      try drawing?.finish()
      let few = Array(files.prefix(4))
      drawing = try Drawing(few, seed: seed, in: folder)
      drawn += few.count
    }
    try drawing?.finish()
    print(
      "strange networks: \(tried) files made, \(valid) read and run, \(shown) exhibits, "
        + "\(drawn) renders")
    #expect(valid > 0 && shown > 0 && drawn > 0)
  }

  private static func corpus() throws -> [Data] {
    let tests = URL(filePath: #filePath).appending(path: "../..").standardized.path
    let folders = ["CheckpointsTests/Fixtures/batches", "Fuzzing/Corpus/onnx"]
    let more = ProcessInfo.processInfo.environment["FOVEA_ZOO"].map { [$0] } ?? []
    return try (folders.map { "\(tests)/\($0)" } + more).flatMap { folder in
      try namesInFolder(folder).filter { $0.hasSuffix(".onnx") }
        .map { try readFile("\(folder)/\($0)") }
    }
  }

  /// - Returns: Nil for a file that is rejected, or whose network takes long.
  private static func load(_ path: String) throws -> Network? {
    let network: Network
    do throws(FileError) {
      network = try Checkpoint.load(path).network
    } catch {
      let lines = error.description.split(whereSeparator: \.isNewline).count
      #expect(lines == 1, "\(error)")
      return nil
    }
    let numbers = network.shapes.values.reduce(0.0) { $0 + Double($1.elementCount) }
    let products = network.graph.nodes.reduce(0.0) { $0 + Double(network.multiplyAdds(of: $1)) }
    return numbers < 2e5 && products < 2e6 ? network : nil
  }

  /// Expects every output and gradient of three pictures to equal those of each picture alone.
  private static func check(_ network: Network, _ name: String) throws {
    let count = 3
    let images = Tensor.random(Shape([count] + network.graph.inputShape.extents), seed: 5)
    let score = network.graph.scoreName
    let together = network.record(images)
    let planned = network.record(images, keeping: .only([score]))[score]
    let signal = Tensor.random(together[score].shape, seed: 6)
    let back = together.propagate(signal, from: score).input
    guard together.scores.shape[0] == count, back.shape == images.shape else {
      Issue.record("\(name): \(count) pictures give \(together.scores.shape)")
      return
    }
    for picture in 0..<count {
      let alone = network.record(images.rows(picture..<(picture + 1)))
      let own = alone.propagate(signal.rows(picture..<(picture + 1)), from: score).input
      for (what, batch, single) in [
        ("score", together[score], alone[score]), ("planned score", planned, alone[score]),
        ("gradient", back, own),
      ] where !Self.agree(batch.rows(picture..<(picture + 1)), single, in: network) {
        Issue.record("\(name): the \(what) of picture \(picture) depends on the others")
        return
      }
    }
  }

  /// Up to rounding, which can change anything if numbers are quantized.
  private static func agree(_ a: Tensor, _ b: Tensor, in network: Network) -> Bool {
    guard a.shape == b.shape else { return false }
    let jumps = network.graph.nodes.contains { node in
      switch node.operation {
      case is Quantize, is ArgMax, is Comparison, is MaxPoolIndices: true
      case let activation as Activation:
        [.floor, .ceiling, .rounding, .not].contains(activation.function)
      default: false
      }
    }
    let pairs = zip(a.elements, b.elements).filter { $0.isFinite && $1.isFinite }
    let size = pairs.reduce(0) { max($0, abs($1.1)) }
    let isTame = size < 1e6 && size > 1e-6
    return jumps || !isTame || pairs.allSatisfy { abs($0 - $1) <= 2e-2 * size }
  }
}

/// Every exhibit of a strange network, in this process.
private struct StrangeStudio {
  private let path: String
  private let studio: Studio
  private let seed: UInt64
  /// Options by name, for the exhibits that have them.
  private let options: [String: String]

  init(_ path: String, _ network: Network, seed: UInt64) throws {
    (self.path, self.seed) = (path, seed)
    studio = Studio(try Model(path))
    let pictures = path + ".pictures.safetensors"
    let shape = Shape([3] + network.graph.inputShape.extents)
    let images = Tensor.random(shape, seed: Int(seed % 1_000_000_007))
    try SafeTensorsFile.write(["pictures": images], to: pictures)
    var options = ["images": pictures, "seed": "\(seed)"]
    options["unit"] = network.graph.nodes.last.map { "\($0.name):0" }
    if seed % 2 == 0 { options["layers"] = "*" }
    self.options = options
  }

  /// - Returns: How many exhibits were drawn, or refused with a reason.
  func showAll() throws -> Int {
    for exhibit in exhibits { try show(exhibit) }
    return exhibits.count
  }

  private func show<E: Exhibit>(_ exhibit: E.Type) throws {
    let known = OptionRecord(of: try E.Options.parse([])).names
    let own = options.merging(Self.options(of: E.kind.name, seed: seed)) { $1 }
    let arguments = own.filter { known.contains($0.key) }.map { "--\($0.key)=\($0.value)" }
    do {
      let figures = try studio.figures(of: exhibit, E.Options.parse(arguments))
      if let figure = figures.first { #expect(try !figure.png().isEmpty) }
    } catch is FileError, is SelectionError, is UsageError, is ExhibitUnavailable {
      // The network has no answer.
    } catch {
      Issue.record("\(path): \(E.kind.name) \(arguments): \(error)")
    }
  }

  /// Few runs of each method, and every method in turn.
  private static func options(of kind: String, seed: UInt64) -> [String: String] {
    guard kind == "saliency" else {
      return ["class-models", "unit"].contains(kind) ? ["steps": "2"] : [:]
    }
    let method = attributionMethods[Int(seed % UInt64(attributionMethods.count))]
    let runs = method.settings.map(\.name).filter { ["steps", "samples"].contains($0) }
    return Dictionary(uniqueKeysWithValues: runs.map { ($0, "3") })
      .merging(["method": method.name, "pictures": "2"]) { $1 }
  }
}

/// Commands on strange networks, one per network, run by a separate process.
private struct Drawing {
  private let files: [String]
  private let seed: UInt64
  private let folder: TemporaryFolder
  private let process: Process?

  init(_ files: [String], seed: UInt64, in folder: TemporaryFolder) throws {
    (self.files, self.seed, self.folder) = (files, seed, folder)
    guard !files.isEmpty else {
      process = nil
      return
    }
    let renders = files.enumerated().map { index, file in
      let lines = Self.command(UInt64(index) &+ seed, on: file, in: folder)
        .map { $1 == "true" ? "\($0): true" : "\($0): \"\($1)\"" }
      return "  - " + lines.joined(separator: "\n    ")
    }
    try folder.write(
      "{class-models: {steps: 2}, features: {pictures: 1}, saliency: {pictures: 2}}", "few.yaml")
    try folder.write("renders:\n" + renders.joined(separator: "\n"), "renders.yaml")
    process = try Program.start(["batch", "renders.yaml"], in: folder)
  }

  /// Waits for the process to succeed, and tries the commands that draw nothing on one file.
  func finish() throws {
    guard let process else { return }
    try expectGoodEnd(
      Program.outcome(of: process, "batch renders.yaml", in: folder), "batch renders.yaml")
    let file = files[Int(seed % UInt64(files.count))]
    for command in [["inspect", file], ["convert", file, "copy.safetensors"]] {
      try expectGoodEnd(Program.run(command, in: folder), command.joined(separator: " "))
    }
  }

  private func expectGoodEnd(_ outcome: Program.Outcome, _ command: String) throws {
    guard outcome.wasKilled || outcome.status == 70 || outcome.errors.contains("Fatal error")
    else { return }
    let kept = FileManager.default.temporaryDirectory.appending(path: "fovea-strange-\(seed)")
    try? FileManager.default.copyItem(atPath: folder.path, toPath: kept.path)
    let last = outcome.errors.split(separator: "\n").last { $0.contains("/\(files.count) fovea") }
    Issue.record(
      "\(kept.path): \(command) ends badly at \(last ?? ""): \(outcome.errors.suffix(600))")
  }

  /// A command with its options, as in a batch file.
  private static func command(
    _ seed: UInt64, on file: String, in folder: TemporaryFolder
  ) -> [(String, String)] {
    var generator = SeededGenerator(seed: seed)
    let kind = Int.random(in: 0..<9, using: &generator)
    let common = [("checkpoint", file), ("output", "gallery-\(seed)"), ("quiet", "true")]
    let pictures = [("images", picturesFile(for: file, in: folder))]
    let everything = [("layers", "*")]
    let options: [[(String, String)]] = [
      [("command", "visualize"), ("with", "few.yaml")] + pictures,
      [("command", "visualize"), ("with", "few.yaml")] + pictures + everything,
      [("command", "filters")] + everything,
      [("command", "features"), ("arrays", "true")] + pictures + everything,
      [("command", "patches")] + pictures + everything,
      [("command", "embedding")] + pictures + everything,
      [("command", "saliency"), ("method", "deconvnet")] + pictures,
      [("command", "saliency"), ("method", "guided-backpropagation"), ("top", "2")] + pictures,
      [("command", "class-models"), ("steps", "2")],
    ]
    return options[kind] + common
  }

  /// Five pictures of the size that a network expects.
  private static func picturesFile(for file: String, in folder: TemporaryFolder) -> String {
    guard let network = try? Checkpoint.load(folder["/\(file)"]).network else { return "none" }
    let extents = network.graph.inputShape.extents
    let name = "pictures-" + extents.map(String.init).joined(separator: "x") + ".safetensors"
    if !folder.exists(name) {
      let images = Tensor.random(Shape([5] + extents), seed: 9)
      try? SafeTensorsFile.write(["pictures": images], to: folder["/\(name)"])
    }
    return name
  }
}
