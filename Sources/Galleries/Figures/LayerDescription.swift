internal import Analysis
internal import Files
internal import Kernels
public import Networks
internal import TensorCore

/// What titles and captions say of one layer.
public struct LayerDescription: Sendable, Hashable {
  public let name: String
  /// The name, shortened if it is very long.
  public var title: String { abbreviated(name) }
  /// Such as `ReLU of conv2 (5×5 convolution, stride 2)`.
  public let kind: String
  public let unitCount: Int
  /// `[H, W]` of its maps, `[L]` of a series', `[D, H, W]` of a volume's; empty if it has none.
  public let mapSize: [Int]
  /// Which pixels a unit sees, where it has positions.
  public let field: ReceptiveField?
  /// The network's name, such as its checkpoint's.
  public let model: String

  public init(
    name: String, kind: String, unitCount: Int, mapSize: [Int] = [],
    field: ReceptiveField? = nil, model: String = ""
  ) {
    self.name = name
    self.kind = kind
    self.unitCount = unitCount
    self.mapSize = mapSize
    self.field = field
    self.model = model
  }

  /// - Parameter model: The network's name, such as its checkpoint's.
  public init(of name: String, in network: Network, model: String = "") {
    let origin = network.origin(of: name)
    let own = network.graph[name]?.operation.kind ?? name
    let carried = network.graph[origin].map { describe($0.operation) } ?? abbreviated(origin)
    self.init(
      name: name,
      kind: origin == name ? carried : "\(abbreviated(own)) of \(abbreviated(origin)) (\(carried))",
      unitCount: network.unitCount(name), mapSize: network.shapes[name]?.spatial ?? [],
      field: network.receptiveFields()[name], model: model)
  }

  /// `a, b, c` of what is known, for the line below a title.
  func subtitle(_ more: String...) -> String {
    ([abbreviated(model), name == kind || kind.isEmpty ? title : "\(title): \(kind)"] + more)
      .filter { !$0.isEmpty }.joined(separator: " · ")
  }

  /// `32 maps of 29×29`, `32 maps of 128 positions`, or `256 units`.
  var extent: String {
    switch mapSize.count {
    case 0: counted(unitCount, "unit")
    case 1: "\(counted(unitCount, "map")) of \(counted(mapSize[0], "position"))"
    default: "\(counted(unitCount, "map")) of \(crossed(mapSize))"
    }
  }
}

private func describe(_ operation: any Operation) -> String {
  if let local = operation as? LocallyConnected {
    let stride = local.moves.stride.max() ?? 1
    return "\(crossed(local.window)) locally connected" + (stride > 1 ? ", stride \(stride)" : "")
  }
  guard let convolution = operation as? Convolution else { return operation.kind }
  let window = convolution.window
  var words = ["\(window.count == 1 ? "\(window[0])-tap" : crossed(window)) convolution"]
  if let stride = convolution.moves.stride.max(), stride > 1 { words.append("stride \(stride)") }
  if let dilation = convolution.moves.dilation.max(), dilation > 1 {
    words.append("dilation \(dilation)")
  }
  if convolution.groups > 1 { words.append("\(convolution.groups) groups") }
  return words.joined(separator: ", ")
}
