import Analysis
import ArgumentParser
import Checkpoints
import Exhibits
import Files

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "List a network's layers: shapes, parameters, multiply-adds, receptive fields.",
    discussion: """
      A mark shows the layers that a gallery includes by default; the reasons follow the table, and \
      then what is done to a picture and how that is known. \
      If an ONNX file has an unknown operator, its nodes are listed as they are in the file.
      """)

  @OptionGroup var checkpoint: CheckpointOptions

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func run() throws {
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
