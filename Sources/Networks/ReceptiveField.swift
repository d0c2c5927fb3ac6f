internal import Kernels
internal import TensorCore

/// The pixels that a node's positions depend on: one entry per axis of the picture, in input
/// pixels.
public struct ReceptiveField: Sendable, Hashable {
  /// The field of some units, of which others have another.
  public struct Branch: Sendable, Hashable {
    public let units: Range<Int>
    public let field: ReceptiveField

    public init(units: Range<Int>, field: ReceptiveField) {
      (self.units, self.field) = (units, field)
    }
  }

  /// The number of pixels that one position depends on.
  public let size: [Int]
  /// The distance in pixels between neighbouring positions; 0 if there is only one.
  public let stride: [Int]
  /// The first pixel in the field of position 0; negative inside the padding.
  public let start: [Int]
  /// The axis of the node's output, as a recording returns it, along which positions move over the
  /// picture's rows, and the one for its columns: 2 and 3 of `[N, C, H, W]`; nil if all positions
  /// depend on the same pixels.
  public let axes: [Int?]
  /// What units depend on if not all depend on the same, as after a concatenation of branches: in
  /// the order of units, which are indices along the second axis. The field itself then contains
  /// those of all units. Empty if all units have the same field.
  public let branches: [Branch]

  /// - Parameters:
  ///   - size: The number of pixels, along each axis.
  ///   - stride: The distance in pixels between neighbouring positions; 0 if there is only one.
  ///   - start: The first pixel in the field of position 0.
  ///   - axes: Nil for those of `[N, C, H, W]`.
  ///   - branches: The fields of units; empty if all have the same.
  public init(
    size: [Int], stride: [Int], start: [Int], axes: [Int?]? = nil, branches: [Branch] = []
  ) {
    (self.size, self.stride, self.start) = (size, stride, start)
    self.axes = axes ?? size.indices.map { $0 + 2 }
    self.branches = branches
  }

  /// The field of one unit.
  ///
  /// - Parameter unit: The index along the second axis.
  public func field(ofUnit unit: Int) -> ReceptiveField {
    branches.first { $0.units.contains(unit) }?.field ?? self
  }

  /// The smallest field that contains those of some units at position 0; as a whole for none.
  ///
  /// - Parameter units: Indices along the second axis.
  public func field(ofUnits units: [Int]) -> ReceptiveField {
    let fields = Set(units.map(field(ofUnit:)))
    guard let first = fields.first else { return self }
    guard fields.count > 1 else { return first }
    let start = size.indices.map { axis in fields.map { $0.start[axis] }.min() ?? 0 }
    return ReceptiveField(
      size: size.indices.map { axis in
        (fields.map { $0.start[axis] + $0.size[axis] }.max() ?? 0) - start[axis]
      },
      stride: size.indices.map { axis in fields.map { $0.stride[axis] }.max() ?? 0 },
      start: start, axes: axes)
  }

  /// The pixels that a position depends on, including those outside the picture.
  ///
  /// - Parameters:
  ///   - position: Along the output's axes after the first two.
  ///   - unit: The index along the second axis; nil for all units together.
  public func pixels(at position: [Int], ofUnit unit: Int? = nil) -> [Range<Int>] {
    let field = unit.map(field) ?? self
    return size.indices.map { picture in
      let index =
        switch field.axes[picture] {
        // The network has moved the picture's rows or columns to the units.
        case 1: unit ?? 0
        case let axis? where position.indices.contains(axis - 2): position[axis - 2]
        default: 0
        }
      let first = field.start[picture] + distance(field.stride[picture], index)
      return first..<(first + field.size[picture])
    }
  }

  /// The centre of a position's field, in pixels; 0 is the picture's upper left edge.
  public func center(of position: [Int]) -> [Double] {
    pixels(at: position).map { Double($0.lowerBound + $0.upperBound) / 2 }
  }
}

extension Network {
  /// Each node's exact receptive field, along every path (Dumoulin and Visin 2016; Araujo et al.
  /// 2019, "Computing Receptive Fields of Convolutional Neural Networks").
  ///
  /// The picture's rows and columns are followed through transposed and reshaped tensors for as
  /// long as each has an axis to itself. If paths of different strides meet in a node, its field at
  /// position 0 is their union. Channels that come from different branches keep the fields of
  /// their branches as long as no operation mixes them.
  public func receptiveFields() -> [String: ReceptiveField] {
    let spatial = graph.inputShape.extents.indices.dropFirst()
    var fields = [
      Graph.inputName: [
        ChannelField(
          channels: 0..<graph.inputShape[0],
          axes: spatial.map { FieldAxis(axis: $0 + 1, size: 1, stride: 1, start: 0) })
      ]
    ]
    for node in graph.nodes {
      let (shapes, output) = (node.inputs.map { ownShapes[$0] ?? [] }, ownShapes[node.name] ?? [])
      let reach = node.operation.reach(from: shapes, to: output)
      let flow = ChannelFlow(of: node.operation, reach: reach, from: shapes, to: output)
      let inputs = node.inputs.indices.compactMap { index in
        fields[node.inputs[index]].map { field in
          flow.channels(field, ofInput: index).map { part in
            ChannelField(
              channels: part.channels,
              axes: part.axes.map { $0.through(reach, input: index, shapes[index], to: output) })
          }
        }
      }
      // A constant depends on no pixels.
      guard !inputs.isEmpty else { continue }
      fields[node.name] = merged(inputs.flatMap(\.self), in: output)
    }
    return fields.reduce(into: [:]) { result, entry in
      let (name, parts) = entry
      let branches =
        parts.count > 1 && recordedAxis(1, of: name) == 1
        ? parts.map { ReceptiveField.Branch(units: $0.channels, field: field($0.axes, of: name)) }
        : []
      result[name] = field(
        covering(parts, in: ownShapes[name] ?? []), of: name, branches: branches)
    }
  }

  private func field(
    _ axes: [FieldAxis], of name: String, branches: [ReceptiveField.Branch] = []
  ) -> ReceptiveField {
    ReceptiveField(
      size: axes.map(\.size), stride: axes.map(\.stride), start: axes.map(\.start),
      axes: axes.map { $0.axis.flatMap { recordedAxis($0, of: name) } }, branches: branches)
  }

  /// The axis of a recording's output that is `axis` of the node's own one.
  private func recordedAxis(_ axis: Int, of node: String) -> Int? {
    guard let batch = batchAxes[node] else {
      guard graph.batch == 1, let shape = ownShapes[node] else { return axis }
      return shape == shape.onePicture ? axis : axis + 1
    }
    // A recording moves the pictures to the front, and leaves what shares their axis in place.
    let isShared = batch.outer * batch.inner > 1
    if axis == batch.axis { return isShared ? axis + 1 : nil }
    return axis < batch.axis || isShared ? axis + 1 : axis
  }
}

/// A receptive field along one axis of the picture.
struct FieldAxis: Hashable {
  /// The axis of the tensor along which positions move; nil if all depend on the same pixels.
  let axis: Int?
  let size, stride, start: Int

  init(axis: Int?, size: Int, stride: Int, start: Int) {
    self.axis = axis
    (self.size, self.stride, self.start) = (size, axis == nil ? 0 : stride, start)
  }

  /// The field after an operation that reads this one's tensor as its input number `input`.
  func through(
    _ reach: SpatialReach, input: Int, _ shape: Shape, to output: Shape
  ) -> FieldAxis {
    guard let axis, axis < shape.rank else { return self }
    switch reach {
    case .everything: return whole(shape[axis])
    case .axes(let reaches):
      guard reaches.indices.contains(input), reaches[input].indices.contains(axis),
        case .along(let place, let first, let step) = reaches[input][axis]
      else { return whole(shape[axis]) }
      return FieldAxis(
        axis: place, size: size, stride: distance(stride, step),
        start: distance(start + distance(first, stride)))
    case .pointwise:
      let place = axis + output.rank - shape.rank
      guard output.extents.indices.contains(place), output[place] == shape[axis] else {
        return whole(shape[axis])
      }
      return FieldAxis(axis: place, size: size, stride: stride, start: start)
    case .window(let window, let moves, let mixesChannels):
      guard axis > 1 else {
        return axis == 1 && mixesChannels ? whole(shape[axis]) : self
      }
      let index = axis - 2
      guard window.indices.contains(index) else { return whole(shape[axis]) }
      return FieldAxis(
        axis: axis,
        size: distance(size + distance(window[index] - 1, moves.dilation[index], stride)),
        stride: distance(stride, moves.stride[index]),
        start: distance(start - distance(moves.paddingBefore[index], stride)))
    }
  }

  /// The pixels of all positions along the axis, of which there are `count`.
  private func whole(_ count: Int) -> FieldAxis {
    FieldAxis(
      axis: nil, size: distance(size + distance(stride, max(count, 1) - 1)), stride: 0,
      start: start)
  }

  /// The smallest field that contains all of `fields` at position 0; that of all positions if they
  /// lie along different axes.
  init(covering fields: [FieldAxis], in shape: Shape) {
    let axes = Set(fields.compactMap(\.axis))
    let fields = axes.count < 2 ? fields : fields.map { $0.whole($0.axis.map { shape[$0] } ?? 1) }
    let start = fields.map(\.start).min() ?? 0
    self.init(
      axis: axes.count == 1 ? axes.first : nil,
      size: (fields.map { $0.start + $0.size }.max() ?? 0) - start,
      stride: fields.map(\.stride).max() ?? 0, start: start)
  }
}

/// A product of window parameters along a path, in pixels. A file may make it arbitrarily large, so
/// it saturates far beyond any picture.
private func distance(_ factors: Int...) -> Int {
  let farthest = 0x1p40
  let product = factors.reduce(1.0) { $0 * Double($1) }
  return Int(min(max(product, -farthest), farthest))
}
