import Analysis
import ArgumentParser
import Checkpoints
import Exhibits
import Files
import Foundation
import Networks

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "List a network's layers: shapes, parameters, multiply-adds, receptive fields.",
    discussion: """
      A mark shows the layers that a gallery includes by default; the reasons follow the table, and \
      then what is done to a picture and how that is known. Instead of a checkpoint, the name of \
      an architecture ('fovea train --help' lists them) is enough to count its parameters and \
      multiply-adds. If an ONNX file has an unknown operator, its nodes are listed as they are in \
      the file.

        fovea inspect objects.safetensors
        fovea inspect alexnet-original
        fovea inspect resnet50 --input 3x448x448 --classes 10
      """)

  @OptionGroup var checkpoint: CheckpointOptions

  @Option(help: "Number of classes of an architecture without a checkpoint.")
  var classes: Int?

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    if let classes, !(1...1_000_000).contains(classes) {
      throw ValidationError("--classes must be from 1 to 1,000,000, not \(classes)")
    }
  }

  /// The architecture that the argument names, unless there is a file of that name.
  private var named: Architecture? {
    guard case .none = kindOfFile(checkpoint.checkpoint) else { return nil }
    return Architecture(rawValue: checkpoint.checkpoint)
  }

  private func report(on architecture: Architecture) throws -> NetworkReport {
    guard !checkpoint.isAboutFile else {
      throw UsageError(
        "\(architecture.rawValue) is an architecture without a checkpoint, which takes only --input "
          + "and --classes")
    }
    let blueprint: Blueprint
    do {
      blueprint = try architecture.blueprint(
        classes: classes, inputShape: try checkpoint.inputShape())
    } catch let error as GraphError {
      throw UsageError("--input \(checkpoint.input ?? ""): \(error)")
    }
    return NetworkReport(
      architecture: architecture.rawValue, try blueprint.networkWithoutWeights())
  }

  func run() throws {
    if let named {
      let report = try report(on: named)
      return try Console.results([json ? report.json : report.table])
    }
    let path = checkpoint.checkpoint
    let near = suggestion(for: path, among: Architecture.allCases.map(\.rawValue))
    if case .none(ENOENT) = kindOfFile(path), !path.contains(where: { "./".contains($0) }),
      near.hasPrefix("; did you mean")
    {
      throw FileError(.missing, path, "no such file or architecture\(near)")
    }
    guard classes == nil else {
      throw UsageError("--classes is for the name of an architecture, and '\(path)' is a file")
    }
    let report: NetworkReport
    do {
      try checkpoint.refuseTrial(by: "inspect")
      let model = try checkpoint.load(Console())
      checkpoint.say([model.assumption].compactMap(\.self), warnings: [], to: Console())
      report = NetworkReport(model)
    } catch let error as FileError where error.kind == .malformed {
      // A network that cannot be run can still be inspected.
      guard let model = try? ONNXModel(checkpoint.checkpoint), !model.nodes.isEmpty else {
        throw error
      }
      let listing = ONNXListing(model)
      try Console.results([json ? listing.json : listing.table])
      throw error
    }
    try Console.results([json ? report.json : report.table])
  }
}
