import Analysis
import Datasets
import Drawing
import Exhibits
import Files
import Foundation
import Galleries
import Networks
import TensorCore

/// A report on a network's layers.
struct NetworkReport {
  /// Nil for an architecture without a checkpoint.
  private let model: Model?
  private let architecture: String
  private let network: Network
  private let classCount: Int
  private let rows: [LayerRecord]

  init(_ model: Model) {
    self.init(
      model, architecture: model.architecture, model.network, classCount: model.classNames.count)
  }

  /// Of a network without weights.
  init(architecture: String, _ network: Network) {
    self.init(nil, architecture: architecture, network, classCount: network.classCount)
  }

  private init(_ model: Model?, architecture: String, _ network: Network, classCount: Int) {
    (self.model, self.architecture, self.network) = (model, architecture, network)
    self.classCount = classCount
    rows = network.layerRecords
  }

  private var title: String {
    if let model { return "\(model.name): \(model.summary)" }
    let input = joined(network.graph.inputShape.extents, "×")
    return
      "\(architecture): input \(input), \(classCount) \(classCount == 1 ? "class" : "classes"), no weights"
  }

  /// A part of all, such as `0.06 %`; a dash for none.
  private func share(_ part: Int, of all: Int) -> String {
    part > 0 && all > 0 ? percentText(Double(part) / Double(all)) : "–"
  }

  /// Shared ones counted once.
  private var totalParameters: Int { network.cost(of: network.graph.nodes).parameters }

  private var totalMultiplyAdds: Int { rows.reduce(0) { $0 + $1.multiplyAdds } }

  var table: String {
    var table = TextTable(
      heads: [
        "layer", "kind", "output", "gallery", "parameters", "share", "multiply-adds", "share",
        "receptive field", "stride", "offset",
      ], leading: 4,
      rows: rows.map { row in
        [
          abbreviated(row.name), row.kind, joined(row.output, "×"), row.gallery == nil ? "" : "●",
          grouped(row.parameters), share(row.parameters, of: totalParameters),
          grouped(row.multiplyAdds), share(row.multiplyAdds, of: totalMultiplyAdds),
          even(row.receptiveField, "×"), even(row.stride, "×"), even(row.offset, ", "),
        ]
      })
    table.rows.append([
      "total", "\(rows.count) layers", "", "", grouped(totalParameters), "",
      grouped(totalMultiplyAdds), "", "", "", "",
    ])
    let chosen = rows.compactMap { row in
      row.gallery.map { printable("  ● \(abbreviated(row.name)): \($0)") }
    }
    return
      ([printable(title), table.text]
      + (chosen.isEmpty ? [] : ["", "Included in a gallery by default:"] + chosen)
      + (model.map { [""] + pictureLines(of: $0) } ?? [])).joined(separator: "\n")
  }

  /// What happens to a picture before the first layer, and how that is known.
  private func pictureLines(of model: Model) -> [String] {
    let own = model.network.ownPreprocessing.map {
      ["  then, by the graph itself: \($0.steps.joined(separator: ", "))"]
    }
    let kind = model.preprocessing.kind
    if kind != .picture, case .inputSize = model.preprocessingOrigin {
      return ["The values of \(kind.plural) are used as they are."]
    }
    return [printable("A \(kind.rawValue) is (\(model.preprocessingOrigin)):")]
      + model.preprocessing.steps.map { "  \($0)" } + (own ?? [])
  }

  var json: String {
    let (parameters, multiplyAdds) = (totalParameters, totalMultiplyAdds)
    let layers = rows.map { row -> [String: Any] in
      var layer: [String: Any] = [
        "name": row.name, "kind": row.kind, "inputs": row.inputs, "output": row.output,
        "parameters": row.parameters, "multiplyAdds": row.multiplyAdds,
        "receptiveField": row.receptiveField, "stride": row.stride, "offset": row.offset,
      ]
      layer["parameterShare"] = Double(row.parameters) / Double(max(parameters, 1))
      layer["multiplyAddShare"] = Double(row.multiplyAdds) / Double(max(multiplyAdds, 1))
      layer["gallery"] = row.gallery
      return layer
    }
    var object: [String: Any] = [
      "architecture": architecture, "classes": network.hasClassScores ? classCount : 0,
      "input": network.graph.inputShape.extents, "scores": network.graph.scoreName,
      "probabilities": network.probabilityFunction.rawValue, "parameters": parameters,
      "multiplyAdds": multiplyAdds, "layers": layers,
    ]
    if let model {
      object["checkpoint"] = model.name
      object["sha256"] = model.fingerprint
      object["preprocessing"] = preprocessing(of: model)
    }
    return jsonText(object)
  }

  private func preprocessing(of model: Model) -> [String: Any] {
    let own = model.preprocessing
    let values = own.kind == .picture ? [own.valueRange.lowerBound, own.valueRange.upperBound] : []
    return [
      "from": model.preprocessingOrigin.name, "steps": own.steps,
      "values": values, "scale": own.scale, "mean": own.mean,
      "std": own.deviation, "channels": own.channelOrder.rawValue,
      "graph": model.network.ownPreprocessing?.steps ?? [],
    ]
  }

  private func joined(_ numbers: [Int], _ separator: String) -> String {
    numbers.map(String.init).joined(separator: separator)
  }

  /// A single number if it is the same along all axes.
  private func even(_ numbers: [Int], _ separator: String) -> String {
    Set(numbers).count == 1 ? "\(numbers[0])" : joined(numbers, separator)
  }
}
