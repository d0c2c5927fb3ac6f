internal import Analysis
internal import Datasets
internal import Files
internal import Images
internal import TensorCore

/// The shape of a new network's input, chosen by the examples that it is to learn.
struct InputChoice {
  /// `[C, H, W]`; of series `[C, L]`, of volumes `[C, D, H, W]`.
  let shape: [Int]
  /// What was chosen, and why; nil for arrays, which leave no choice.
  let remark: String?

  /// Larger pictures are resized to the architecture's usual input, and inputs that are usually
  /// larger stay so: their networks halve the size too often for small ones.
  private static let mostAdapted = 64
  /// Enough to see that sizes differ, or that some have colour.
  private static let mostPictures = 32

  /// The shape of arrays. Of pictures, the architecture's usual size, or their own if all that were
  /// looked at agree, and it is small; with colour if one of them has any.
  ///
  /// - Parameters:
  ///   - usual: The architecture's input.
  ///   - name: The architecture's.
  /// - Throws: `FileError` if none of the examples looked at can be read; `UsageError` if there are
  ///   none.
  init(_ usual: [Int], of name: String, for dataset: any Dataset) throws {
    var seen = SeenPictures()
    var problem: (any Error)?
    for index in (0..<dataset.count).spread(most: Self.mostPictures) {
      do {
        let content = try dataset.example(at: index).content
        if case .array(let array) = content {
          (shape, remark) = (array.shape.extents, nil)
          return
        }
        try seen.add(content)
      } catch {
        problem = problem ?? error
      }
    }
    guard let first = seen.sizes.first else {
      throw problem ?? UsageError("the data contains no pictures")
    }
    let isSmall = (usual.dropFirst().max() ?? 0) <= Self.mostAdapted
    var channels = usual[0]
    if channels == 1, seen.hasColor { channels = 3 }
    if channels == 3, !seen.hasColor, isSmall { channels = 1 }
    let agree = seen.sizes.allSatisfy { $0 == first }
    let adapts = agree && isSmall && max(first.width, first.height) <= Self.mostAdapted
    shape = [channels] + (adapts ? [first.height, first.width] : Array(usual.dropFirst()))
    let sizes =
      agree
      ? "are \(first)"
      : "differ in size, from \(seen.smallest ?? first) to \(seen.largest ?? first)"
    let colors = seen.hasColor ? "some with colour" : "all grey"
    let pictures =
      seen.sizes.count < dataset.count ? "\(seen.sizes.count) pictures looked at" : "pictures"
    remark =
      "the network's input is \(shape.map(String.init).joined(separator: "×")), "
      + (adapts ? "the pictures' own size" : "the usual size for \(name)")
      + ": the \(pictures) \(sizes), \(colors)"
  }
}

/// What is seen of some pictures.
private struct SeenPictures {
  struct Size: Equatable, CustomStringConvertible {
    let width: Int
    let height: Int
    var description: String { "\(width)×\(height)" }
    /// Without overflow, whatever a file claims.
    var area: Double { Double(width) * Double(height) }
  }

  private(set) var sizes: [Size] = []
  private(set) var hasColor = false

  var smallest: Size? { sizes.min { $0.area < $1.area } }
  var largest: Size? { sizes.max { $0.area < $1.area } }

  mutating func add(_ content: Example.Content) throws {
    switch content {
    case .picture(let image):
      sizes.append(Size(width: image.width, height: image.height))
      // One is enough.
      if !hasColor { hasColor = image.grayscale() != image }
    case .file(let file):
      let picture = try file.opened()
      if !hasColor { hasColor = !(try picture.isGray()) }
      sizes.append(Size(width: picture.width, height: picture.height))
    case .array: break
    }
  }
}
