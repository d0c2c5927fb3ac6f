public import Analysis
internal import Drawing

/// What a fully connected, a locally connected and a convolutional layer take.
///
/// - Parameters:
///   - costs: One at least.
///   - arithmetic: The convolution of one channel.
public func connectionTable(
  of costs: [ConnectionCost], arithmetic: WindowArithmetic, channels: Int
) -> CaptionedFigure {
  let maps = costs.last.map { $0.units / max(arithmetic.output[0] * arithmetic.output[1], 1) } ?? 1
  return CaptionedFigure(
    title: "Weights of three kinds of layers",
    subtitle: "input \(crossed([channels] + arithmetic.input)) · windows of "
      + "\(crossed(arithmetic.window)) · \(counted(maps, "filter")) · output "
      + crossed([maps] + arithmetic.output),
    caption: paragraph(
      "Units: the numbers of the output; connections: how many numbers of the input each of them "
        + "reads.",
      Set(costs.map(\.units)).count > 1
        ? "The layers do not have equally many units." : "",
      "A fully connected unit reads all of the input; a locally connected one a window, with weights "
        + "of its own; the units of a filter of a convolution share their weights.",
      "Multiply-adds: for one picture; those with the zeros of padding are counted."),
    scale: "share of the most weights from 0 (white) to 1",
    body: Flowing(table(costs, isUpright: false)) {
      let wide = table(costs, isUpright: false)
      return wide.size.width <= $0 ? wide : table(costs, isUpright: true)
    })
}

/// - Parameter isUpright: Whether layers have a column each, which is narrower.
private func table(_ costs: [ConnectionCost], isUpright: Bool) -> WordTable {
  let most = Double(costs.map(\.weights).max() ?? 1)
  let quantities = ["units", "connections", "weights", "biases", "multiply-adds"]
  let cells = costs.map { cost -> [WordTable.Cell] in
    let share = Double(cost.weights) / most
    return [
      .init([countText(cost.units)], tint: nil), .init([countText(cost.connections)], tint: nil),
      .init([countText(cost.weights), percentText(share)], tint: share),
      .init([countText(cost.biases)], tint: nil),
      .init([countText(cost.multiplyAdds)], tint: nil),
    ]
  }
  let kinds = costs.map(\.kind.rawValue)
  guard isUpright else { return WordTable(rows: kinds, columns: quantities, cells: cells) }
  return WordTable(
    rows: quantities, columns: kinds,
    cells: quantities.indices.map { index in cells.map { $0[index] } })
}
