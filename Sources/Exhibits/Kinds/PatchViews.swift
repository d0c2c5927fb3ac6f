internal import Analysis
internal import Datasets
internal import Files
internal import Galleries
internal import Images
internal import Networks
internal import TensorCore

/// What is shown of a picture that activates a unit.
public enum PatchCrop: String, Sendable, Hashable, CaseIterable {
  /// The receptive field; where that is more than half the picture, the effective part.
  case auto
  /// The receptive field.
  case field
  /// The part with most of the squared gradient of the activation (`EnergyBox`).
  case effective
  /// The whole picture, with what `auto` would cut out in a frame.
  case outlined
}

/// How activations are shown.
struct PatchViewing {
  /// Nil to draw no projections.
  let project: ProjectionRule?
  let projectFrom: ProjectionSeed
  let crop: PatchCrop
}

/// What is shown of some activations of a layer: a part of each one's picture, and its projection.
struct PatchViews {
  /// What is shown of one activation.
  struct View {
    let picture: Image
    let projection: Image?
    /// The rows and columns of the input that are cut out or outlined.
    let box: [Range<Int>]
    /// The numbers of the projection inside the box, `[C, H, W]`, NaN outside the picture.
    let numbers: Tensor?
    let isEffective: Bool
  }

  /// The side of parts of different sizes that are drawn equally large, in pixels.
  fileprivate static let commonSide = 112

  private var finding: ActivatedUnits
  /// The names of the pictures that were read.
  private(set) var sources: [Int: String] = [:]
  private(set) var description = PatchView()
  private var views: [Key: View] = [:]

  private struct Key: Hashable {
    let unit: Int
    let excitation: Excitation
  }

  private var units: [Int] { finding.units.map(\.unit) }

  subscript(unit: Int, excitation: Excitation) -> View? {
    views[Key(unit: unit, excitation: excitation)]
  }

  /// Reads each picture once, and runs the network on it if that is needed.
  init(
    of finding: ActivatedUnits, from pictures: Pictures, _ choice: PatchViewing, in studio: Studio
  ) throws {
    self.finding = finding
    var wanted: [Int: [(unit: Int, excitation: Excitation)]] = [:]
    for (unit, excitations) in finding.units {
      for excitation in excitations {
        wanted[excitation.picture, default: []].append((unit, excitation))
      }
    }
    let maker = PatchViewMaker(finding, pictures, choice, studio)
    try maker.checkMemory(for: wanted.values.joined().map { $0 })
    defer { description = Self.description(of: [self], choice, in: studio) }
    guard maker.needsRuns(units) else {
      var failures: [FileError] = []
      for (picture, places) in wanted.sorted(by: { $0.key < $1.key }) {
        do {
          let example = try pictures.dataset.example(at: picture)
          let image = try pictures.preprocessing.displayed(example)
          sources[picture] = example.source
          for (unit, excitation) in places {
            views[Key(unit: unit, excitation: excitation)] = maker.view(of: image, unit, excitation)
          }
        } catch let error as FileError {
          failures.append(error)
        }
      }
      studio.report(failures)
      return
    }
    let order = wanted.keys.sorted()
    let projection = ActivationProjection(
      studio.network, layer: finding.layer, seed: choice.projectFrom)
    studio.settle()
    defer { studio.releaseIdle() }
    let most = min(8, Studio.batchSize(for: studio.network))
    let size = try studio.batchSize(
      upTo: most, on: pictures, keeping: ActivationProjection.keep, through: finding.layer,
      // The scan arranged the weights for runs without a backward pass.
      beside: studio.network.derivedWeightBytes(keeping: .only([])))
    var done = 0
    let failures = try pictures.dataset.forEachBatch(
      of: size, indices: order, preprocessing: pictures.preprocessing
    ) { batch in
      let examples = try batch.indices.map { try pictures.dataset.example(at: $0) }
      let images = try examples.map { try pictures.preprocessing.displayed($0) }
      for (index, example) in zip(batch.indices, examples) { sources[index] = example.source }
      let activations = batch.indices.map { wanted[$0] ?? [] }
      projection.forEach(of: activations, in: batch.images, by: maker.rules(units), together: size)
      {
        row, index, projections in
        let (unit, excitation) = activations[row][index]
        views[Key(unit: unit, excitation: excitation)] = maker.view(
          of: images[row], unit, excitation, projections)
      }
      done += batch.indices.count
      studio.reporter.progress("projecting \(finding.layer)", done, of: order.count)
    }
    studio.report(failures)
  }

  /// The same for some of the units.
  func only(_ units: [Int]) -> PatchViews {
    var copy = self
    copy.finding = finding.only(units)
    copy.views = views.filter { units.contains($0.key.unit) }
    let shown = Set(copy.views.keys.map(\.excitation.picture))
    copy.sources = sources.filter { shown.contains($0.key) }
    return copy
  }

  /// The names of the patches' pictures.
  var files: FigureArrays.Names { finding.files(sources) }

  /// What is shown of several layers.
  static func description(
    of layers: [PatchViews], _ choice: PatchViewing, in studio: Studio
  ) -> PatchView {
    let sides = layers.flatMap(\.views.values).filter(\.isEffective).map {
      max($0.box[0].count, $0.box[1].count)
    }
    let range = sides.min().flatMap { least in sides.max().map { least...$0 } }
    return PatchView(
      sides: range,
      areAllEffective: layers.allSatisfy { $0.views.values.allSatisfy(\.isEffective) },
      isOutlined: choice.crop == .outlined, projection: choice.project,
      seed: choice.projectFrom, isGradient: !studio.network.hasRectifiers,
      hasSwitches: layers.contains { studio.network.hasSwitches(before: $0.finding.layer) })
  }

  /// The numbers of a layer's figure, and, of projections, `projections`
  /// `[U, K, C, H, W]`: each inside its box, NaN beyond it.
  func arrays(prefix: String = "") -> [String: Tensor] {
    var arrays = finding.arrays(prefix: prefix) { unit, excitation in
      self[unit, excitation]?.box ?? finding.field.pixels(at: excitation.position, ofUnit: unit)
    }
    let all = views.values.compactMap(\.numbers)
    guard let first = all.first else { return arrays }
    let most = finding.most
    let (channels, height, width) = (
      first.shape[0], all.map { $0.shape[1] }.max() ?? 0, all.map { $0.shape[2] }.max() ?? 0
    )
    let shape = Shape([units.count, most, channels, height, width])
    arrays[prefix + "projections"] = Tensor(shape: shape) { target in
      for index in 0..<target.count { target[index] = .nan }
      for (row, (unit, excitations)) in finding.units.enumerated() {
        for (place, excitation) in excitations.enumerated() {
          guard let numbers = self[unit, excitation]?.numbers else { continue }
          let (ownHeight, ownWidth) = (numbers.shape[1], numbers.shape[2])
          for (index, value) in numbers.elements.enumerated() {
            let (channel, y, x) = (
              index / (ownHeight * ownWidth), index / ownWidth % ownHeight, index % ownWidth
            )
            target[(((row * most + place) * channels + channel) * height + y) * width + x] = value
          }
        }
      }
    }
    return arrays
  }
}

/// Cuts what is shown of one activation out of its picture and its projection.
private struct PatchViewMaker {
  let finding: ActivatedUnits
  let pictures: Pictures
  let choice: PatchViewing
  let studio: Studio
  /// `[C, H, W]`.
  let input: [Int]

  init(
    _ finding: ActivatedUnits, _ pictures: Pictures, _ choice: PatchViewing,
    _ studio: Studio
  ) {
    (self.finding, self.pictures, self.choice, self.studio) = (finding, pictures, choice, studio)
    input = pictures.preprocessing.input
  }

  /// Whether the effective part of a unit's picture is sought.
  private func isEffective(_ unit: Int) -> Bool {
    switch choice.crop {
    case .field: return false
    case .effective: return true
    case .auto, .outlined:
      // Units without positions, such as classes, are shown whole pictures.
      let spatial = studio.network.shapes[finding.layer]?.spatial ?? []
      guard spatial.reduce(1, *) > 1 else { return false }
      let seen = finding.field.pixels(at: [0, 0], ofUnit: unit)
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
  func checkMemory(for activations: [(unit: Int, excitation: Excitation)]) throws {
    // Of each pixel, its colour, and the colour and the numbers of its projection.
    let colors = choice.project == nil ? 4 : 8
    let numbers = choice.project == nil ? 0 : 4 * input[0]
    let common = PatchViews.commonSide * PatchViews.commonSide
    let sum = activations.reduce(0) { sum, place in
      let box = field(of: place.unit, at: place.excitation)
      let area = box[0].count * box[1].count
      let drawn =
        choice.crop == .outlined
        ? input[1] * input[2] : isEffective(place.unit) ? max(area, common) : area
      return sum + colors * drawn + numbers * area
    }
    try studio.memoryForPictures.check(
      sum, studio.model.path, "cropping \(activations.count) patches out of pictures",
      advice: "fewer --units or --layers take less")
  }

  /// What the unit sees; no more than the picture along an axis where it sees all of that.
  private func field(of unit: Int, at excitation: Excitation) -> [Range<Int>] {
    let pixels = finding.field.pixels(at: excitation.position, ofUnit: unit)
    return [within(input[1], pixels[0]), within(input[2], pixels[1])]
  }

  /// - Parameter projections: One for each of ``rules(_:)``, `[1, C, H, W]`.
  func view(
    of picture: Image, _ unit: Int, _ excitation: Excitation, _ projections: [Tensor] = []
  ) -> PatchViews.View {
    let square =
      isEffective(unit)
      ? projections.last.flatMap { EnergyBox(holding: PatchView.share, of: $0) } : nil
    let box = square.map { [$0.rows, $0.columns] } ?? field(of: unit, at: excitation)
    let isOutlined = choice.crop == .outlined
    let shown = isOutlined ? [0..<input[1], 0..<input[2]] : square == nil ? box : squared(box)
    let projection: Image? = choice.project.flatMap { _ in
      let drawn = projections.first.map { cut(shown, out: $0) }
      return drawn.map {
        projectionImage(
          of: $0.elements, channels: input[0], height: $0.shape[1], width: $0.shape[2],
          isBlueFirst: pictures.preprocessing.channelOrder == .bgr)
      }
    }
    func sized(_ image: Image) -> Image {
      guard square != nil, !isOutlined else { return image }
      return image.resized(width: PatchViews.commonSide, height: PatchViews.commonSide)
    }
    return PatchViews.View(
      picture: isOutlined
        ? picture.outlined(rows: box[0], columns: box[1])
        : sized(picture.cropped(rows: shown[0], columns: shown[1])),
      projection: projection.map(sized), box: box,
      numbers: choice.project == nil ? nil : projections.first.map { cut(box, out: $0) },
      isEffective: square != nil)
  }

  /// As high as wide, about the same middle; beyond the picture if that is narrower.
  private func squared(_ box: [Range<Int>]) -> [Range<Int>] {
    let side = max(box[0].count, box[1].count)
    return box.map { range in
      let start = range.lowerBound - (side - range.count) / 2
      return start..<(start + side)
    }
  }

  /// - Parameter projection: `[1, C, H, W]`.
  /// - Returns: `[C, H, W]`, NaN outside the picture.
  private func cut(_ box: [Range<Int>], out projection: Tensor) -> Tensor {
    let (height, width) = (projection.shape[2], projection.shape[3])
    let values = projection.elements
    let shape = Shape([projection.shape[1], box[0].count, box[1].count])
    return Tensor(shape: shape) { target in
      var index = 0
      for channel in 0..<shape[0] {
        for row in box[0] {
          for column in box[1] {
            let isInside = (0..<height).contains(row) && (0..<width).contains(column)
            target[index] = isInside ? values[(channel * height + row) * width + column] : .nan
            index += 1
          }
        }
      }
    }
  }
}

/// What a unit sees; no more than the picture, where it sees all of that.
private func within(_ extent: Int, _ pixels: Range<Int>) -> Range<Int> {
  pixels.count < extent ? pixels : 0..<extent
}

extension Image {
  /// The picture with a white frame with dark edges around a part of it, as far as it is inside.
  fileprivate func outlined(rows: Range<Int>, columns: Range<Int>) -> Image {
    let line = max(1, max(width, height) / 100)
    // Around a small part, so that it stays visible.
    let margin = min(rows.count, columns.count) <= 12 * line ? 3 * line : 0
    let rows = (rows.lowerBound - margin)..<(rows.upperBound + margin)
    let columns = (columns.lowerBound - margin)..<(columns.upperBound + margin)
    var pixels = pixels
    for row in max(rows.lowerBound, 0)..<min(rows.upperBound, height) {
      for column in max(columns.lowerBound, 0)..<min(columns.upperBound, width) {
        let depth = min(
          row - rows.lowerBound, rows.upperBound - 1 - row, column - columns.lowerBound,
          columns.upperBound - 1 - column)
        guard depth < 3 * line else { continue }
        let level: UInt8 = depth / line == 1 ? 255 : 0
        let start = 4 * (row * width + column)
        for byte in 0..<3 { pixels[start + byte] = level }
        pixels[start + 3] = 255
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
