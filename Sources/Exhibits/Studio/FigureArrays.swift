internal import Analysis
internal import Checkpoints
internal import Datasets
package import Files
package import Foundation
package import Galleries
internal import Networks
internal import TensorCore

/// What the numbers of a figure are written as.
package enum ArraysFormat: String, CaseIterable, Sendable {
  case npz
  case safetensors
}

/// The raw numbers of a figure, as saved in a separate file, with the names of what they are of.
package struct FigureArrays {
  /// Missing values are NaN.
  var tensors: [String: Tensor]
  /// Names, by what is named: `files` are pictures; `class_names` are in the order of the classes.
  var names: [String: Names]

  /// Texts in the shape of the array whose elements they name.
  struct Names {
    let texts: [String]
    let shape: [Int]

    init(_ texts: [String], shape: [Int]? = nil) {
      (self.texts, self.shape) = (texts, shape ?? [texts.count])
    }
  }

  /// Arrays of whole numbers: NumPy gets integers, with −1 for missing ones.
  private static let wholeNumbers: Set<String> = [
    "units", "pictures", "labels", "classes", "choices", "entries", "epochs", "before", "after",
    "confusion",
  ]

  /// - Parameter names: Those without any texts are left out.
  init(_ tensors: [String: Tensor], names: [String: Names] = [:]) {
    self.tensors = tensors
    self.names = names.filter { !$0.value.texts.isEmpty }
  }

  init(_ tensors: [String: Tensor], ofPictures files: [String]) {
    self.init(tensors, names: ["files": Names(files)])
  }

  /// - Parameter path: The file's name, for the error.
  /// - Throws: `FileError` if a NumPy archive would be larger than 4 GiB.
  func file(_ kind: FigureKind, as format: ArraysFormat, path: String) throws(FileError) -> Data {
    switch format {
    case .safetensors:
      var metadata = ["kind": kind.name]
      for (key, names) in names { metadata[key] = Self.json(names.texts, shape: names.shape[...]) }
      return SafeTensorsFile.bytes(tensors, metadata: metadata)
    case .npz:
      var files = tensors.map { (name: "\($0).npy", content: Self.numPy($0, $1)) }
      for (key, names) in names {
        files.append((name: "\(key).npy", content: numPyFile(names.texts, shape: names.shape)))
      }
      files.append((name: "kind.npy", content: numPyFile([kind.name], shape: [])))
      return try zipArchive(files.sorted { $0.name < $1.name }, path: path)
    }
  }

  private static func numPy(_ name: String, _ tensor: Tensor) -> Data {
    let (values, shape) = (tensor.arranged(as: .rowMajor).elements, tensor.shape.extents)
    // In an overview, names begin with the layer.
    let own = name.split(separator: "/").last.map(String.init) ?? name
    guard wholeNumbers.contains(own) else { return numPyFile(values, shape: shape) }
    return numPyFile(values.map { $0.isNaN ? -1 : Int64($0) }, shape: shape)
  }

  /// Lists in lists, as the shape says.
  private static func json(_ texts: [String], shape: ArraySlice<Int>) -> String {
    guard shape.count > 1, let rows = shape.first, rows > 0 else {
      let data = try? JSONSerialization.data(
        withJSONObject: texts, options: [.withoutEscapingSlashes])
      return data.map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
    let width = texts.count / rows
    let inner = (0..<rows).map {
      json(Array(texts[$0 * width..<($0 + 1) * width]), shape: shape.dropFirst())
    }
    return "[\(inner.joined(separator: ","))]"
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
  /// unit's map, and `boxes` `[U, K, 4]`, the first row and column of the input that the unit sees
  /// there and those after the last, which may be outside the picture; of classes that are ranked by
  /// them, also `probabilities` `[U, K]`.
  func arrays(_ chosen: [Int], prefix: String = "") -> [String: Tensor] {
    let most = max(1, chosen.map { units[$0].count }.max() ?? 0)
    func tensor(_ width: Int, _ numbers: (Int, Excitation) -> [Float]) -> Tensor {
      let rows = chosen.flatMap { unit in
        let found = units[unit].flatMap { numbers(unit, $0) }
        return found + [Float](repeating: .nan, count: most * width - found.count)
      }
      return Tensor(shape: Shape([chosen.count, most] + (width > 1 ? [width] : [])), rows)
    }
    var arrays = [
      prefix + "units": Tensor(chosen),
      prefix + "values": tensor(1) { [$1.value] },
      prefix + "pictures": tensor(1) { [Float($1.picture)] },
      prefix + "positions": tensor(2) { $1.position.map(Float.init) },
      prefix + "boxes": tensor(4) { unit, excitation in
        let seen = field.pixels(at: excitation.position, ofUnit: unit)
        return [
          seen[0].lowerBound, seen[1].lowerBound, seen[0].upperBound, seen[1].upperBound,
        ].map(Float.init)
      },
    ]
    if classRanking != nil {
      arrays[prefix + "probabilities"] = tensor(1) { [$1.probability ?? .nan] }
    }
    return arrays
  }
}

extension TopActivationFinding {
  /// The names of the pictures of some units' patches, in the shape of `pictures`; empty where
  /// there is no patch.
  func files(_ chosen: [Int], _ sources: [Int: String]) -> FigureArrays.Names {
    let most = max(1, chosen.map { units[$0].count }.max() ?? 0)
    let names = chosen.flatMap { unit in
      let found = units[unit].map { sources[$0.picture] ?? "" }
      return found + [String](repeating: "", count: most - found.count)
    }
    return FigureArrays.Names(names, shape: [chosen.count, most])
  }
}

extension ClassNames {
  /// Of all classes, also those without a name.
  var arrayNames: FigureArrays.Names { FigureArrays.Names((0..<count).map { self[$0] }) }
}
