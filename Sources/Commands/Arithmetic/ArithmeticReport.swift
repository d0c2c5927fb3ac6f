import Analysis
import Drawing
import Exhibits
import Files
import Foundation
import Galleries

/// What an operation gives, as text and as JSON.
struct ArithmeticReport {
  let work: WorkedArithmetic

  private var example: ArithmeticExample { work.example }

  /// Longer rows wrap on every terminal, and more rows scroll away what is above.
  private static let mostPrinted = 40

  var lines: [String] {
    var lines = ["\(example.title): \(example.summary)"] + example.formulas
    if let result = example.result {
      lines.append("")
      if result.size.allSatisfy({ $0 <= Self.mostPrinted }) {
        let table = NumberColumns(result)
        lines += table.lines
        if table.isRounded {
          lines.append(
            "(rounded to \(NumberColumns.digits) significant digits; --json has all digits)")
        }
      } else {
        lines.append("The \(result.rows)×\(result.columns) numbers are printed with --json.")
      }
    }
    guard !work.costs.isEmpty else { return lines }
    let table = TextTable(
      heads: ["layer", "units", "connections", "weights", "biases", "multiply-adds"], leading: 1,
      rows: work.costs.map { cost in
        [
          cost.kind.rawValue, countText(cost.units), countText(cost.connections),
          countText(cost.weights), countText(cost.biases), countText(cost.multiplyAdds),
        ]
      })
    return lines + [""] + table.lines
  }

  /// - Parameter files: The paths written.
  func json(files: [String]) -> String {
    let arithmetic = example.arithmetic
    var object: [String: Any] = [
      "operation": example.title.lowercased(), "result": NSNull(), "size": arithmetic.output,
      "input": arithmetic.input, "window": arithmetic.window, "formula": example.formulas,
      "weights": arithmetic.weightCount, "multiplyAdds": arithmetic.multiplyAdds,
      "unused": arithmetic.unusedCount, "warnings": example.warnings, "files": files,
    ]
    if let result = example.result { object["result"] = result.lists }
    if !work.costs.isEmpty {
      object["layers"] = work.costs.map { cost -> [String: Any] in
        [
          "kind": cost.kind.rawValue, "units": cost.units, "connections": cost.connections,
          "weights": cost.weights, "biases": cost.biases, "multiplyAdds": cost.multiplyAdds,
        ]
      }
    }
    return jsonText(object)
  }
}
