internal import Files
internal import Images

extension Preprocessing {
  /// The annotations of an example in the pixels of the network's input.
  ///
  /// - Throws: `FileError` if the picture's size cannot be read.
  public func annotations(of example: Example) throws -> Annotations {
    try placedAnnotations(of: example)()
  }

  /// What gives them later, without keeping the picture.
  package func placedAnnotations(of example: Example) -> @Sendable () throws -> Annotations {
    let annotate = example.annotate
    switch example.content {
    case .picture(let image):
      let size = (image.width, image.height)
      return { placed(try annotate(), ofPicture: size) }
    case .file(let file):
      return {
        let annotations = try annotate()
        guard annotations.hasPositions else { return annotations }
        let picture = try file.opened()
        return placed(annotations, ofPicture: (picture.width, picture.height))
      }
    // Used exactly as it is.
    case .array: return annotate
    }
  }

  /// Moves annotations from the pixels of a picture to those of the network's input, as the picture
  /// itself is resized and cropped.
  ///
  /// Boxes are clipped to the input, and left out if they are outside of it; parts outside of it
  /// are not visible; masks are resized when they are asked for, and must have the picture's size.
  ///
  /// - Parameter size: Of the picture that they belong to, in pixels.
  public func placed(
    _ annotations: Annotations, ofPicture size: (width: Int, height: Int)
  ) -> Annotations {
    let placement = Placement(self, width: size.width, height: size.height)
    func across(_ x: Double) -> Double {
      x * Double(placement.width) / Double(size.width)
        + Double(placement.across.before - placement.across.kept.lowerBound)
    }
    func down(_ y: Double) -> Double {
      y * Double(placement.height) / Double(size.height)
        + Double(placement.down.before - placement.down.kept.lowerBound)
    }
    let (width, height) = (Double(input[2]), Double(input[1]))
    var placed = annotations
    placed.boxes = annotations.boxes.compactMap { box in
      let (left, right) = (max(across(box.x), 0), min(across(box.x + box.width), width))
      let (top, bottom) = (max(down(box.y), 0), min(down(box.y + box.height), height))
      guard left < right, top < bottom else { return nil }
      return Annotations.Box(
        name: box.name, x: left, y: top, width: right - left, height: bottom - top)
    }
    placed.parts = annotations.parts.map { part in
      var part = part
      (part.x, part.y) = (across(part.x), down(part.y))
      let isInside = (0..<width).contains(part.x) && (0..<height).contains(part.y)
      part.isVisible = part.isVisible && isInside
      return part
    }
    placed.masks = annotations.masks.map { mask in
      Annotations.Mask(name: mask.name, source: mask.source) {
        let picture = try mask.picture()
        guard (picture.width, picture.height) == size else {
          throw FileError(
            .malformed, mask.source,
            "expected a mask of \(size.width)×\(size.height) pixels, as its picture, found "
              + "\(picture.width)×\(picture.height)")
        }
        return displayed(picture)
      }
    }
    return placed
  }
}
