import Analysis
import Datasets
import Exhibits
import Files
import Foundation
import Galleries
import Networks
import TensorCore

/// A report on a network's layers.
struct NetworkReport {
  private let model: Model
  private let rows: [LayerRecord]

  init(_ model: Model) {
    self.model = model
    rows = model.network.layerRecords
  }

  private var totalMultiplyAdds: Int { rows.reduce(0) { $0 + $1.multiplyAdds } }

  var table: String {
    var table = TextTable(
      heads: [
        "layer", "kind", "output", "gallery", "parameters", "multiply-adds", "receptive field",
        "stride", "offset",
      ], leading: 4,
      rows: rows.map { row in
        [
          abbreviated(row.name), row.kind, joined(row.output, "×"), row.gallery == nil ? "" : "●",
          grouped(row.parameters), grouped(row.multiplyAdds), even(row.receptiveField, "×"),
          even(row.stride, "×"), even(row.offset, ", "),
        ]
      })
    table.rows.append([
      "total", "\(rows.count) layers", "", "", grouped(model.network.parameters.count),
      grouped(totalMultiplyAdds), "", "", "",
    ])
    let chosen = rows.compactMap { row in
      row.gallery.map { printable("  ● \(abbreviated(row.name)): \($0)") }
    }
    return
      ([printable("\(model.name): \(model.summary)"), table.text]
      + (chosen.isEmpty ? [] : ["", "Included in a gallery by default:"] + chosen)
      + [""] + pictureLines).joined(separator: "\n")
  }

  /// What happens to a picture before the first layer, and how that is known.
  private var pictureLines: [String] {
    let own = model.network.ownPreprocessing.map {
      ["  then, by the graph itself: \($0.steps.joined(separator: ", "))"]
    }
    return [printable("A picture is (\(model.preprocessingOrigin)):")]
      + model.preprocessing.steps.map { "  \($0)" } + (own ?? [])
  }

  var json: String {
    let network = model.network
    let layers = rows.map { row -> [String: Any] in
      var layer: [String: Any] = [
        "name": row.name, "kind": row.kind, "inputs": row.inputs, "output": row.output,
        "parameters": row.parameters, "multiplyAdds": row.multiplyAdds,
        "receptiveField": row.receptiveField, "stride": row.stride, "offset": row.offset,
      ]
      layer["gallery"] = row.gallery
      return layer
    }
    return jsonText([
      "checkpoint": model.name, "sha256": model.fingerprint, "architecture": model.architecture,
      "classes": network.hasClassScores ? model.classNames.count : 0,
      "input": network.graph.inputShape.extents,
      "scores": network.graph.scoreName,
      "probabilities": network.probabilityFunction.rawValue, "parameters": network.parameters.count,
      "multiplyAdds": totalMultiplyAdds, "layers": layers, "preprocessing": preprocessing,
    ])
  }

  private var preprocessing: [String: Any] {
    let own = model.preprocessing
    let values = own.valueRange
    return [
      "from": model.preprocessingOrigin.name, "steps": own.steps,
      "values": [values.lowerBound, values.upperBound], "scale": own.scale, "mean": own.mean,
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
