internal import Networks

/// The network's names for the values of an ONNX graph.
///
/// A node is named after its first output, without the suffix that PyTorch's exporter appends; the
/// other names become aliases.
struct NetworkNames {
  private static let suffix = "_output_0"

  private var byValue: [String: String] = [:]

  init(_ graph: GraphProto) {
    var values = graph.initializer.map(\.name) + graph.input.map(\.name)
    Self.collect(graph, into: &values)
    let given = Set(values)
    var uses: [String: Int] = [:]
    for value in given { uses[Self.short(value), default: 0] += 1 }
    for value in given {
      let short = Self.short(value)
      let isFree = uses[short] == 1 && (short == value || !given.contains(short))
      let name = isFree ? short : value
      // Reserved for the pictures.
      byValue[value] = name == Graph.inputName ? name + ".1" : name
    }
  }

  subscript(value: String) -> String { byValue[value] ?? value }

  private static func collect(_ graph: GraphProto, into values: inout [String]) {
    for node in graph.node {
      values += node.output
      for case let body? in node.attribute.map(\.g) {
        values += body.initializer.map(\.name)
        collect(body, into: &values)
      }
    }
  }

  private static func short(_ value: String) -> String {
    value.hasSuffix(suffix) && value.count > suffix.count
      ? String(value.dropLast(suffix.count)) : value
  }
}
