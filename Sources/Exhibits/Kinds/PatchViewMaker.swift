internal import Analysis
internal import Datasets
internal import Files
internal import Galleries
internal import Images
internal import Networks
internal import TensorCore

/// Cuts what is shown of one activation out of its picture and its projection.
struct PatchViewMaker: Sendable {
  let choice: PatchViewing
  private let isBlueFirst: Bool
  private let field: ReceptiveField
  /// Of the layer.
  private let positions: Int
  /// `[C, H, W]`.
  private let input: [Int]

  init(
    _ finding: ActivatedUnits, _ pictures: Pictures, _ choice: PatchViewing, _ network: Network
  ) {
    (self.choice, field) = (choice, finding.field)
    isBlueFirst = pictures.preprocessing.channelOrder == .bgr
    positions = (network.shapes[finding.layer]?.spatial ?? []).reduce(1, *)
    input = pictures.preprocessing.input
  }

  /// Whether the effective part of a unit's picture is sought.
  private func isEffective(_ unit: Int) -> Bool {
    switch choice.crop {
    case .field: return false
    case .effective: return true
    case .auto, .outlined:
      // Units without positions, such as classes, are shown whole pictures.
      guard positions > 1 else { return false }
      let seen = field.pixels(at: [0, 0], ofUnit: unit)
      let area = min(seen[0].count, input[1]) * min(seen[1].count, input[2])
      return 2 * area > input[1] * input[2]
    }
  }

  func needsRuns(_ units: [Int]) -> Bool { !rules(units).isEmpty }

  /// The projection that is drawn, and the gradient, which finds effective parts.
  func rules(_ units: [Int]) -> [ProjectionRule] {
    let drawn = [choice.project].compactMap(\.self)
    guard units.contains(where: isEffective), choice.project != .gradient else { return drawn }
    return drawn + [.gradient]
  }

  /// - Throws: `FileError` of kind `.tooLarge`.
  func checkMemory(
    for activations: [(unit: Int, excitation: Excitation)], in studio: Studio
  ) throws {
    try studio.memoryForPictures.check(
      bytes(for: activations), studio.model.path,
      "cropping \(activations.count) patches out of pictures",
      advice: "fewer --units or --layers take less")
  }

  /// What the views of some activations take.
  func bytes(for activations: [(unit: Int, excitation: Excitation)]) -> Int {
    // Of each pixel, its colour, and the colour and the numbers of its projection.
    let colors = choice.project == nil ? 4 : 8
    let numbers = choice.project == nil ? 0 : 4 * input[0]
    let common = PatchViews.commonSide * PatchViews.commonSide
    return activations.reduce(0) { sum, place in
      let box = field(of: place.unit, at: place.excitation)
      let area = box[0].count * box[1].count
      let drawn =
        choice.crop == .outlined
        ? input[1] * input[2] : isEffective(place.unit) ? max(area, common) : area
      return sum + colors * drawn + numbers * area
    }
  }

  /// What the unit sees; no more than the picture along an axis where it sees all of that.
  private func field(of unit: Int, at excitation: Excitation) -> [Range<Int>] {
    let pixels = field.pixels(at: excitation.position, ofUnit: unit)
    return [within(input[1], pixels[0]), within(input[2], pixels[1])]
  }

  /// The colours of a picture, in bytes.
  var pictureBytes: Int { 4 * input[1] * input[2] }

  /// Whether all of an activation's picture is kept until it is projected.
  func keepsWholePicture(_ unit: Int) -> Bool { choice.crop == .outlined || isEffective(unit) }

  /// What is kept of a picture until an activation is projected.
  func kept(of picture: Image, _ unit: Int, _ excitation: Excitation) -> Image {
    guard !keepsWholePicture(unit) else { return picture }
    let box = field(of: unit, at: excitation)
    return picture.cropped(rows: box[0], columns: box[1])
  }

  /// What is shown without a run.
  func view(of picture: Image, _ unit: Int, _ excitation: Excitation) -> PatchViews.View {
    view(
      of: kept(of: picture, unit, excitation), unit, in: field(of: unit, at: excitation),
      isEffective: false, nil)
  }

  /// - Parameters:
  ///   - picture: What was kept of it.
  ///   - projected: Has one projection for each of ``rules(_:)``.
  func view(of picture: Image, _ projected: ProjectedActivation) -> PatchViews.View {
    let square =
      isEffective(projected.unit)
      ? EnergyBox(
        holding: PatchView.share,
        of: projected.whole(
          projected.projections.count - 1, height: input[1], width: input[2])) : nil
    let box = square.map { [$0.rows, $0.columns] }
    return view(
      of: picture, projected.unit,
      in: box ?? field(of: projected.unit, at: projected.excitation),
      isEffective: square != nil, projected)
  }

  private func view(
    of kept: Image, _ unit: Int, in box: [Range<Int>], isEffective: Bool,
    _ projected: ProjectedActivation?
  ) -> PatchViews.View {
    let isOutlined = choice.crop == .outlined
    let shown = isOutlined ? [0..<input[1], 0..<input[2]] : isEffective ? squared(box) : box
    // The gradient alone may only have been propagated to find the box.
    let projected = choice.project == nil ? nil : projected
    let drawn = projected.map { $0.part(0, rows: shown[0], columns: shown[1], of: input) }
    let projection = drawn.map {
      projectionImage(
        of: $0.elements, channels: input[0], height: $0.shape[1], width: $0.shape[2],
        isBlueFirst: isBlueFirst)
    }
    func sized(_ image: Image) -> Image {
      guard isEffective, !isOutlined else { return image }
      return image.resized(width: PatchViews.commonSide, height: PatchViews.commonSide)
    }
    var picture: Image {
      guard !isOutlined else { return kept.outlined(rows: box[0], columns: box[1]) }
      guard keepsWholePicture(unit) else { return kept }
      return sized(kept.cropped(rows: shown[0], columns: shown[1]))
    }
    return PatchViews.View(
      picture: picture,
      projection: projection.map(sized), box: box,
      numbers: shown == box
        ? drawn : projected.map { $0.part(0, rows: box[0], columns: box[1], of: input) },
      isEffective: isEffective)
  }

  /// As high as wide, about the same middle; beyond the picture if that is narrower.
  private func squared(_ box: [Range<Int>]) -> [Range<Int>] {
    let side = max(box[0].count, box[1].count)
    return box.map { range in
      let start = range.lowerBound - (side - range.count) / 2
      return start..<(start + side)
    }
  }
}

/// What a unit sees; no more than the picture, where it sees all of that.
private func within(_ extent: Int, _ pixels: Range<Int>) -> Range<Int> {
  pixels.count < extent ? pixels : 0..<extent
}
