internal import Analysis
internal import Checkpoints
internal import Datasets
internal import Files
internal import Foundation
package import Galleries
internal import Networks
internal import TensorCore

/// What the numbers of a figure are written as.
package enum ArraysFormat: String, CaseIterable, Sendable {
  case npz
  case safetensors
  case csv

  /// What the numbers of a kind are written as if nothing is asked for; nil for no file.
  package static func usual(for kind: FigureKind) -> ArraysFormat? { kind.isTable ? .csv : nil }
}

/// The raw numbers of a figure, as saved in a separate file, with the names of what they are of.
package struct FigureArrays {
  /// Missing values are NaN.
  var tensors: [String: Tensor]
  /// Names, by what is named: `files` are pictures; `class_names` are in the order of the classes.
  var names: [String: Names]
  /// The same as rows; nil for figures whose arrays are no table.
  private let table: CSVRows?

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

  /// - Parameters:
  ///   - tensors: Missing values are NaN.
  ///   - names: Those without any texts are left out.
  ///   - table: The same numbers as rows; nil for one row per number.
  init(_ tensors: [String: Tensor], names: [String: Names] = [:], table: CSVRows? = nil) {
    self.tensors = tensors
    self.table = table
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
    case .csv: return (table ?? plainTable).data
    }
  }

  /// One row per number: its array, its indices with spaces between them, and the number, or the
  /// text of a name.
  private var plainTable: CSVRows {
    var plain = CSVRows(columns: ["array", "index", "value"])
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      plain.append(
        array: name, shape: tensor.shape.extents, tensor.arranged(as: .rowMajor).elements)
    }
    for (name, texts) in names.sorted(by: { $0.key < $1.key }) {
      plain.append(array: name, shape: texts.shape) { texts.texts[$0] }
    }
    return plain
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

extension ClassNames {
  /// Of all classes, also those without a name.
  var arrayNames: FigureArrays.Names { FigureArrays.Names((0..<count).map { self[$0] }) }
}
