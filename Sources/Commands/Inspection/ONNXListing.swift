import Checkpoints
import Exhibits
import Files
import Galleries

/// The nodes of an ONNX file as listed in the file, for a network that cannot be run.
struct ONNXListing {
  let model: ONNXModel

  init(_ model: ONNXModel) { self.model = model }

  private var opsets: String {
    model.opsets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }

  var table: String {
    let table = TextTable(
      heads: ["node", "operator", "inputs", "outputs"], leading: 4,
      rows: model.nodes.map { node in
        [
          node.name.isEmpty ? "–" : abbreviated(node.name),
          node.domain == "ai.onnx" ? node.operatorName : "\(node.domain).\(node.operatorName)",
          names(node.inputs), names(node.outputs),
        ]
      })
    let head =
      "\(baseNameWithExtension(model.path)): ONNX, opsets \(opsets), \(model.nodes.count) nodes"
    return "\(printable(head))\n\(table.text)"
  }

  private func names(_ names: [String]) -> String {
    names.map { abbreviated($0) }.joined(separator: ", ")
  }

  var json: String {
    jsonText([
      "checkpoint": baseNameWithExtension(model.path), "opsets": model.opsets,
      "producer": model.producer, "outputs": model.outputs,
      "nodes": model.nodes.map { node -> [String: Any] in
        [
          "name": node.name, "operator": node.operatorName, "domain": node.domain,
          "opset": node.opset, "inputs": node.inputs, "outputs": node.outputs,
        ]
      },
    ])
  }
}
