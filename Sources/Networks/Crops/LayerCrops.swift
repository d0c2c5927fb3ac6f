internal import TensorCore

/// The crops on which single positions of a layer can be run, instead of on the whole picture.
///
/// Along each axis, positions are of three kinds: those whose windows the picture's first border
/// cuts off, those that no border touches, and those that the last border touches. Positions of the
/// second kind are shifts of each other, and each has a crop of its own place and of the same size.
/// Those of the first kind share a crop at that border, as do those of the third. So the positions
/// of a layer need nine networks at most, and activations of the same kind run as one batch.
public struct LayerCrops: Sendable {
  /// A kind of position along both axes.
  public struct Kind: Sendable, Hashable, Comparable {
    /// For rows and columns: −1 at the first border, 0 inside, 1 at the last one.
    let side: [Int]

    public static func < (a: Kind, b: Kind) -> Bool { a.side.lexicographicallyPrecedes(b.side) }
  }

  /// Where a position's crop lies.
  public struct Place: Sendable, Hashable {
    public let kind: Kind
    /// The rows and columns of the picture.
    public let pixels: [Range<Int>]
    /// The position in the layer's maps of the crop.
    public let position: [Int]
  }

  /// What runs a kind of positions.
  public struct Crop: Sendable {
    public let network: CroppedNetwork
    /// Of one picture, in multiplications with weights or what takes as long.
    public let cost: Double
  }

  /// A crop that takes a larger part of the work than this on the whole picture is not offered.
  public static let usualMost = 0.7

  private struct Side {
    let positions: Range<Int>
    let pixels: Range<Int>
  }

  private struct Axis {
    /// The positions that no border touches.
    let inside: Range<Int>
    /// The distance in pixels between the crops of neighbouring positions inside.
    let stride: Int
    /// At the first border, inside (of the first position), at the last border.
    let sides: [Side?]
  }

  private let axes: [Axis]
  public let crops: [Kind: Crop]
  /// Of a run on the whole picture, as that of a crop.
  public let wholeCost: Double

  /// - Parameter most: The largest part of the work on the whole picture that a crop may take.
  /// - Returns: Nil if no position can be run on a crop, or if that would save little.
  public init?(of layer: String, in network: Network, most: Double = usualMost) {
    guard let shape = network.shapes[layer], shape.rank == 4,
      network.graph.inputShape.rank == 3
    else { return nil }
    let extents = shape.spatial
    func plan(_ axis: Int, _ range: Range<Int>) -> CropPlan? {
      CropPlan(network, to: extents.indices.map { $0 == axis ? range : 0..<extents[$0] }, of: layer)
    }
    var axes: [Axis] = []
    for axis in extents.indices {
      // Nil for what only reads padding, which shares a crop with positions that read more.
      let plans = (0..<extents[axis]).map { plan(axis, $0..<($0 + 1)) }
      let steps = plans.map { $0?.steps }
      let middle = extents[axis] / 2
      guard plans[middle] != nil else { return nil }
      // Whatever is farther from the borders is cut off less.
      var (first, end) = (middle, middle + 1)
      while first > 0, steps[first - 1] == steps[middle] { first -= 1 }
      while end < extents[axis], steps[end] == steps[middle] { end += 1 }
      let stride =
        end - first > 1
        ? (plans[first + 1]?.pixels[axis].lowerBound ?? 0)
          - (plans[first]?.pixels[axis].lowerBound ?? 0) : 0
      let sides = [0..<first, first..<(first + 1), end..<extents[axis]].map { range -> Side? in
        guard !range.isEmpty, let plan = plan(axis, range) else { return nil }
        return Side(positions: range, pixels: plan.pixels[axis])
      }
      axes.append(Axis(inside: first..<end, stride: stride, sides: sides))
    }
    self.axes = axes
    guard let whole = CropPlan(network, to: extents.map { 0..<$0 }, of: layer) else { return nil }
    wholeCost = whole.cost(in: network)
    var crops: [Kind: Crop] = [:]
    for row in -1...1 {
      for column in -1...1 {
        guard let rows = axes[0].sides[row + 1], let columns = axes[1].sides[column + 1],
          let plan = CropPlan(network, to: [rows.positions, columns.positions], of: layer)
        else { continue }
        let cost = plan.cost(in: network)
        guard cost <= most * wholeCost, let cropped = plan.network(of: network) else { continue }
        crops[Kind(side: [row, column])] = Crop(network: cropped, cost: cost)
      }
    }
    guard !crops.isEmpty else { return nil }
    self.crops = crops
  }

  /// Where to run a position of the layer; nil if it needs the whole picture.
  public subscript(position: [Int]) -> Place? {
    guard position.count == 2 else { return nil }
    let kind = Kind(
      side: zip(axes, position).map { axis, index in
        index < axis.inside.lowerBound ? -1 : index < axis.inside.upperBound ? 0 : 1
      })
    guard let crop = crops[kind]?.network else { return nil }
    let shifts = zip(axes, position).map { axis, index in
      axis.inside.contains(index) ? index - axis.inside.lowerBound : 0
    }
    return Place(
      kind: kind,
      pixels: axes.indices.map { axis in
        let (pixels, shift) = (crop.pixels[axis], shifts[axis] * axes[axis].stride)
        return (pixels.lowerBound + shift)..<(pixels.upperBound + shift)
      },
      position: axes.indices.map { axis in
        position[axis] - shifts[axis] - crop.positions[axis].lowerBound
      })
  }
}
