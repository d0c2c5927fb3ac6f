internal import Files
internal import TensorCore

/// Which of an ONNX model's inputs takes the pictures, and their size.
struct ONNXPictures {
  let name: String
  let type: ElementType
  /// `[C, H, W]`.
  let shape: Shape
  /// The number of pictures that the file takes at a time; nil for any number.
  let batch: Int?
  /// Whether the file expects `[N, H, W, C]`, as TensorFlow does.
  let isChannelsLast: Bool
  let notes: [String]

  /// The extent of ImageNet's pictures, for networks that leave it open.
  private static let usualExtent = 224
  /// Shorter axes are not taken for rows or columns, so that only a clear case is channels last.
  private static let leastPicture = 8
  /// More than the rows or channels of any picture.
  private static let largest = 1 << 20

  /// - Parameter wanted: `[C, H, W]`, for extents that the file leaves open.
  /// - Throws: `FileError` of kind `.malformed` if the input cannot be determined, or an extent
  ///   that the file leaves open is not given.
  init(
    _ model: ONNXModel, bound: Set<String>, wanted: Shape?
  ) throws(FileError) {
    let path = model.path
    func malformed(_ reason: String) -> FileError { FileError(.malformed, path, reason) }
    let candidates = model.inputs.filter { !bound.contains($0.name) }
    guard let input = candidates.first, candidates.count == 1 else {
      let found = candidates.map(\.words).joined(separator: " and ")
      throw malformed(
        "expected one input for pictures, found "
          + (found.isEmpty
            ? "none" : "\(found); all but one need a constant: --constant NAME=VALUE|FILE"))
    }
    guard let type = input.elementType else {
      throw malformed("expected the input \(quoted(input.name)) to be a tensor of numbers")
    }
    (name, self.type) = (input.name, type)
    guard let given = input.extents else {
      guard let wanted else {
        throw malformed("does not say the input's shape; expected one to be given")
      }
      (shape, batch, isChannelsLast, notes) = (wanted, nil, false, [])
      return
    }
    batch = given.first ?? nil
    var extents = Array(given.dropFirst())
    // There are few channels, either first or last.
    isChannelsLast =
      given.count == 4 && [1, 3, 4].contains(extents[2])
      && extents.dropLast().allSatisfy { ($0 ?? .max) >= Self.leastPicture }
    if isChannelsLast { extents = [extents[2], extents[0], extents[1]] }
    var notes: [String] = []
    if isChannelsLast {
      notes.append(
        "the file takes its pictures as [N, H, W, C]; arrays can have this order or [N, C, H, W]")
    }
    if let wanted {
      let fits =
        wanted.rank == extents.count
        && zip(extents, wanted.extents).allSatisfy { $0 == nil || $0 == $1 }
      guard fits else {
        let found = extents.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
        throw malformed("expected pictures of [\(found)], found \(wanted)")
      }
      extents = wanted.extents
    } else if extents.count == 3, extents[0] == 3, extents[1] == nil, extents[2] == nil {
      let extent = Self.usualExtent
      extents = [3, extent, extent]
      notes.append(
        "the file leaves the pictures' size open; built for \(extent) × \(extent); --input CxHxW "
          + "changes that")
    }
    var known: [Int] = []
    for extent in extents {
      guard let extent else {
        throw malformed("leaves the size of its pictures open; expected it to be given")
      }
      known.append(extent)
    }
    guard (known + [batch ?? 1]).allSatisfy({ 0...Self.largest ~= $0 }),
      known.reduce(1.0, { $0 * Double($1) }) <= Double(NetworkBuilder.greatestActivation)
    else { throw malformed("expected pictures of a size that fits into memory, found \(known)") }
    shape = Shape(known)
    self.notes = notes
  }
}
