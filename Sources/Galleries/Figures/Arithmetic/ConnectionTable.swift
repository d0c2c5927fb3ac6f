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
  let most = costs.map(\.weights).max() ?? 1
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
    body: WordTable(
      rows: costs.map(\.kind.rawValue),
      columns: ["units", "connections", "weights", "biases", "multiply-adds"],
      cells: costs.map { cost in
        [
          .init([countText(cost.units)], tint: nil),
          .init([countText(cost.connections)], tint: nil),
          .init(
            [countText(cost.weights), percentText(Double(cost.weights) / Double(most))],
            tint: Double(cost.weights) / Double(most)),
          .init([countText(cost.biases)], tint: nil),
          .init([countText(cost.multiplyAdds)], tint: nil),
        ]
      }))
}
