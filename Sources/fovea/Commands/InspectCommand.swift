import Analysis
import ArgumentParser
import Networks
import TensorCore

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "List a network's layers: shapes, parameters, multiply-adds, receptive fields.")

  @OptionGroup var checkpoint: CheckpointOptions

  @Flag(help: "One JSON object instead of a table.")
  var json = false

  func run() throws {
    let model = try checkpoint.load(Console())
    let network = model.network
    let fields = network.receptiveFields()
    let rows = network.graph.nodes.map { node in
      Row(node, in: network, field: fields[node.name])
    }
    json ? printJSON(model, rows) : printTable(model, rows)
  }

  private struct Row {
    let name, kind, inputs: String
    let shape: [Int]
    let parameters, multiplyAdds: Int
    let field: ReceptiveField?

    init(_ node: Graph.Node, in network: Network, field: ReceptiveField?) {
      name = node.name
      kind = node.operation.kind
      inputs = node.inputs.joined(separator: ", ")
      shape = (network.shapes[node.name]?.extents).map { Array($0.dropFirst()) } ?? []
      parameters = node.parameters.reduce(0) { $0 + (network.parameters[$1]?.count ?? 0) }
      multiplyAdds = network.multiplyAdds(of: node)
      self.field = field
    }

    var fieldText: String { field.map { "\(joined($0.size, "×"))" } ?? "" }
    var strideText: String { field.map { joined($0.stride, "×") } ?? "" }
    var startText: String { field.map { joined($0.start, ", ") } ?? "" }

    private func joined(_ numbers: [Int], _ separator: String) -> String {
      Set(numbers).count == 1
        ? "\(numbers[0])" : numbers.map(String.init).joined(separator: separator)
    }
  }

  private func printTable(_ model: Model, _ rows: [Row]) {
    let heads = [
      "layer", "kind", "output", "parameters", "multiply-adds", "receptive field", "stride",
      "offset",
    ]
    let cells = rows.map { row in
      [
        row.name, row.kind, row.shape.map(String.init).joined(separator: "×"),
        grouped(row.parameters), grouped(row.multiplyAdds), row.fieldText, row.strideText,
        row.startText,
      ]
    }
    let total = [
      "total", "", "", grouped(rows.reduce(0) { $0 + $1.parameters }),
      grouped(rows.reduce(0) { $0 + $1.multiplyAdds }), "", "", "",
    ]
    let widths = heads.indices.map { column in
      ([heads] + cells + [total]).map { $0[column].count }.max() ?? 0
    }
    func line(_ row: [String]) -> String {
      row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column < 3 ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
    }
    print("\(model.name): \(model.summary)")
    print(line(heads))
    for row in cells { print(line(row)) }
    print(line(total))
  }

  private func grouped(_ number: Int) -> String {
    guard number > 0 else { return "–" }
    var (rest, text) = (number, "")
    while rest >= 1000 {
      let part = String(rest % 1000)
      text = "," + String(repeating: "0", count: 3 - part.count) + part + text
      rest /= 1000
    }
    return "\(rest)\(text)"
  }

  private func printJSON(_ model: Model, _ rows: [Row]) {
    let layers = rows.map { row -> [String: Any] in
      [
        "name": row.name, "kind": row.kind, "inputs": row.inputs, "output": row.shape,
        "parameters": row.parameters, "multiplyAdds": row.multiplyAdds,
        "receptiveField": row.field?.size ?? [], "stride": row.field?.stride ?? [],
        "offset": row.field?.start ?? [],
      ]
    }
    print(
      jsonText([
        "checkpoint": model.name, "sha256": model.fingerprint, "architecture": model.architecture,
        "classes": model.classNames.count, "layers": layers,
      ]))
  }
}
