internal import Files
public import TensorCore

/// The value of a model input that does not take pictures: the same for every picture.
public enum InputConstant: Sendable {
  /// Repeated to fill the shape that the file declares.
  case number(Float)
  /// - Parameter source: The file that it was read from.
  case array(Tensor, source: String)
}

extension ONNXModel {
  /// An auxiliary input is never larger than this.
  private static let mostNumbers = 1 << 26

  /// The tensors for the given constants, by the inputs' names.
  ///
  /// - Throws: `FileError` of kind `.malformed` if there is no such input, none is left for the
  ///   pictures, or an array does not have the shape that the file declares.
  func known(_ constants: [String: InputConstant]) throws(FileError) -> [String: KnownTensor] {
    var known: [String: KnownTensor] = [:]
    for (name, constant) in constants.sorted(by: { $0.key < $1.key }) {
      guard let input = inputs.first(where: { $0.name == name }) else {
        let all = inputs.map(\.words).joined(separator: ", ")
        throw FileError(
          .malformed, path,
          "expected an input \(quoted(name)) to give a constant, found \(all)"
            + suggestion(for: name, among: inputs.map(\.name)))
      }
      guard let type = input.elementType, let extents = input.extents else {
        throw FileError(
          .malformed, path,
          "expected the input \(quoted(name)) to be a tensor of numbers with a shape")
      }
      known[name] = try self.known(constant, for: input, type, extents)
    }
    guard constants.isEmpty || known.count < inputs.count else {
      throw FileError(
        .malformed, path, "all inputs are given as constants; leave one for the pictures")
    }
    return known
  }

  private func known(
    _ constant: InputConstant, for input: Input, _ type: ElementType, _ extents: [Int?]
  ) throws(FileError) -> KnownTensor {
    switch constant {
    case .number(let value):
      var shape: [Int] = []
      for (axis, extent) in extents.enumerated() {
        guard let extent = extent ?? (axis == 0 ? 1 : nil) else {
          throw FileError(
            .malformed, path,
            "leaves the shape of \(input.words) open; expected an array for it, not a number")
        }
        shape.append(extent)
      }
      // The same for all pictures, however many the file was exported for.
      if shape.count > 1, shape[0] == exportedBatch(without: input) { shape[0] = 1 }
      let count = shape.reduce(1.0) { $0 * Double($1) }
      guard count <= Double(Self.mostNumbers) else {
        throw FileError(
          .malformed, path,
          "expected an input of at most \(Self.mostNumbers) numbers, found \(input.words)")
      }
      return type.integerRange == nil
        ? KnownTensor(repeating: value, shape: Shape(shape), type: type)
        : KnownTensor(Tensor(shape: Shape(shape), repeating: value), type: type)
    case .array(let tensor, let source):
      let found = tensor.shape.extents
      let fits =
        found.count == extents.count
        && zip(extents, found).enumerated().allSatisfy { axis, pair in
          axis == 0 && pair.1 == 1 || pair.0 == pair.1 || axis > 0 && pair.0 == nil
        }
      guard fits else {
        throw FileError(
          .malformed, source,
          "expected one array for all pictures for \(input.words), found \(tensor.shape)")
      }
      return KnownTensor(tensor, type: type)
    }
  }

  /// The number of pictures for which the rank-4 input other than `input` was exported.
  private func exportedBatch(without input: Input) -> Int? {
    inputs.first { $0.name != input.name && $0.extents?.count == 4 }?.extents?[0] ?? nil
  }
}

extension ONNXModel.Input {
  /// For errors: `"meta" [any, 5]`.
  var words: String {
    let shape = extents.map { $0.map { $0.map(String.init) ?? "any" }.joined(separator: ", ") }
    return "\(quoted(name)) [\(shape ?? "of no stated shape")]"
  }
}

extension InputConstant {
  /// For the record: the number, or the array's source and shape.
  var words: String {
    switch self {
    case .number(let value): "\(value)"
    case .array(let tensor, let source): "\(source) \(tensor.shape)"
    }
  }
}
