internal import Analysis
internal import Checkpoints
internal import Foundation
internal import Galleries
internal import Networks
internal import TensorCore

/// The raw numbers of a figure, as saved in a separate file. Missing values are NaN.
package struct FigureArrays {
  var tensors: [String: Tensor]
  /// The names of pictures, as JSON: a list with one per row, or by index in the data set.
  var pictures: String?

  init(_ tensors: [String: Tensor]) { self.tensors = tensors }

  init(_ tensors: [String: Tensor], ofPictures names: [String]) {
    self.tensors = tensors
    pictures = Self.json(names)
  }

  init(_ tensors: [String: Tensor], pictures names: [Int: String]) {
    self.tensors = tensors
    pictures = Self.json(Dictionary(uniqueKeysWithValues: names.map { ("\($0)", $1) }))
  }

  func file(_ kind: FigureKind) -> Data {
    var metadata = ["kind": kind.name]
    metadata["pictures"] = pictures
    return SafeTensorsFile.bytes(tensors, metadata: metadata)
  }

  private static func json(_ value: Any) -> String? {
    let data = try? JSONSerialization.data(
      withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
    return data.map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Tensor {
  /// A row of numbers.
  init(_ numbers: [Float]) { self.init(shape: [numbers.count], numbers) }

  /// A row of integers; NaN for nil.
  init(_ numbers: [Int?]) { self.init(numbers.map { $0.map(Float.init) ?? .nan }) }
}

extension TopActivationFinding {
  /// For some units: `units` `[U]`, and for their patches, strongest first, `values` `[U, K]`,
  /// `pictures` `[U, K]` by index in the data set, `positions` `[U, K, 2]`, row and column in the
  /// unit's map, and `pixels` `[U, K, 4]`, the first row and column that the unit sees there and
  /// those after the last, which may be outside the picture.
  func arrays(_ chosen: [Int], prefix: String = "") -> [String: Tensor] {
    let most = max(1, chosen.map { units[$0].count }.max() ?? 0)
    func tensor(_ width: Int, _ numbers: (Int, Excitation) -> [Float]) -> Tensor {
      let rows = chosen.flatMap { unit in
        let found = units[unit].flatMap { numbers(unit, $0) }
        return found + [Float](repeating: .nan, count: most * width - found.count)
      }
      return Tensor(shape: Shape([chosen.count, most] + (width > 1 ? [width] : [])), rows)
    }
    return [
      prefix + "units": Tensor(chosen),
      prefix + "values": tensor(1) { [$1.value] },
      prefix + "pictures": tensor(1) { [Float($1.picture)] },
      prefix + "positions": tensor(2) { $1.position.map(Float.init) },
      prefix + "pixels": tensor(4) { unit, excitation in
        let seen = field.pixels(at: excitation.position, ofUnit: unit)
        return [
          seen[0].lowerBound, seen[1].lowerBound, seen[0].upperBound, seen[1].upperBound,
        ].map(Float.init)
      },
    ]
  }
}
