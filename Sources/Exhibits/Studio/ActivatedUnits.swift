internal import Analysis
internal import Networks
internal import TensorCore

/// Some units of a layer with activations of each.
struct ActivatedUnits {
  let layer: String
  /// Which pixels a position of the layer sees.
  let field: ReceptiveField
  private(set) var units: [(unit: Int, excitations: [Excitation])]
  /// Whether the activations are those of classes that are ranked by probability.
  var haveProbabilities = false

  /// - Parameters:
  ///   - field: Which pixels a position of the layer sees.
  ///   - units: Each with its activations.
  init(layer: String, field: ReceptiveField, units: [(unit: Int, excitations: [Excitation])]) {
    (self.layer, self.field, self.units) = (layer, field, units)
  }

  /// The strongest activations of some units.
  init(_ units: [Int], of finding: TopActivationFinding) {
    self.init(
      layer: finding.layer, field: finding.field, units: units.map { ($0, finding.units[$0]) })
    haveProbabilities = finding.classRanking != nil
  }

  /// The greatest number of activations that a unit has, at least 1.
  var most: Int { max(1, units.map(\.excitations.count).max() ?? 0) }

  /// The same for some of the units, in another order.
  func only(_ wanted: [Int]) -> ActivatedUnits {
    var copy = self
    copy.units = wanted.compactMap { unit in units.first { $0.unit == unit } }
    return copy
  }

  /// `units` `[U]`, and for their patches, strongest first, `values` `[U, K]`, `pictures` `[U, K]`
  /// by index in the data set, `positions` `[U, K, 2]`, row and column in the unit's map, and
  /// `boxes` `[U, K, 4]`, the first row and column of the input that are shown and those after the
  /// last, which may be outside the picture; of classes that are ranked by them, also
  /// `probabilities` `[U, K]`.
  ///
  /// - Parameters:
  ///   - prefix: Before each name.
  ///   - box: The rows and columns of the input that are shown of an activation.
  func arrays(
    prefix: String = "", box: (Int, Excitation) -> [Range<Int>]
  ) -> [String: Tensor] {
    func tensor(_ width: Int, _ numbers: (Int, Excitation) -> [Float]) -> Tensor {
      let rows = units.flatMap { unit, excitations in
        let found = excitations.flatMap { numbers(unit, $0) }
        return found + [Float](repeating: .nan, count: most * width - found.count)
      }
      return Tensor(shape: Shape([units.count, most] + (width > 1 ? [width] : [])), rows)
    }
    var arrays = [
      prefix + "units": Tensor(units.map(\.unit)),
      prefix + "values": tensor(1) { [$1.value] },
      prefix + "pictures": tensor(1) { [Float($1.picture)] },
      prefix + "positions": tensor(2) { $1.position.map(Float.init) },
      prefix + "boxes": tensor(4) { unit, excitation in
        let shown = box(unit, excitation)
        return [
          shown[0].lowerBound, shown[1].lowerBound, shown[0].upperBound, shown[1].upperBound,
        ].map(Float.init)
      },
    ]
    if haveProbabilities {
      arrays[prefix + "probabilities"] = tensor(1) { [$1.probability ?? .nan] }
    }
    return arrays
  }

  /// The names of the patches' pictures, in the shape of `pictures`; empty where there is no patch.
  ///
  /// - Parameter sources: The names by index in the data set.
  func files(_ sources: [Int: String]) -> FigureArrays.Names {
    let names = units.flatMap { _, excitations in
      let found = excitations.map { sources[$0.picture] ?? "" }
      return found + [String](repeating: "", count: most - found.count)
    }
    return FigureArrays.Names(names, shape: [units.count, most])
  }
}
