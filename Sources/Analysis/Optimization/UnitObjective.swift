public import Networks
internal import TensorCore

/// The mean of a unit's map, as in Olah, Mordvintsev and Schubert, "Feature Visualization" (2017);
/// of a unit without a map, its activation (Erhan et al. 2009, section 3).
///
/// The mean asks for what excites the unit at every place of the picture, so it needs no choice of a
/// position, and the picture fills up. A ReLU's unit is raised by its value before the ReLU, which
/// has a gradient while the unit is silent.
public struct UnitObjective: Objective {
  public let unit: Int
  /// Whose values are raised: the layer, or the input of its ReLU.
  public let node: String

  /// - Parameters:
  ///   - unit: The layer and the unit in it.
  ///   - network: The network of the layer.
  public init(_ unit: LayerUnit, of network: Network) {
    self.unit = unit.unit
    let rectifier = network.graph[unit.layer].flatMap { network.isRectifier($0) ? $0 : nil }
    node = rectifier?.inputs.first.flatMap { network.graph[$0]?.name } ?? unit.layer
  }

  public var nodes: [String] { [node] }

  public func values(in recording: Recording) -> [Float] {
    let maps = recording[node].arranged(as: .rowMajor)
    let area = maps.shape.extents.dropFirst(2).reduce(1, *)
    return maps.withUnsafeElements { values in
      (0..<maps.shape[0]).map { row in
        let start = (row * maps.shape[1] + unit) * area
        let sum = values[start..<(start + area)].reduce(0.0) { $0 + Double($1) }
        return Float(sum / Double(area))
      }
    }
  }

  public func signals(in recording: Recording) -> [NodeSignal] {
    let shape = recording.shape(of: node)
    let area = shape.extents.dropFirst(2).reduce(1, *)
    let signal = Tensor(shape: shape) { target in
      for index in 0..<target.count {
        target[index] = index / area % shape[1] == unit ? 1 / Float(area) : 0
      }
    }
    return [NodeSignal(node: node, signal: signal)]
  }
}
