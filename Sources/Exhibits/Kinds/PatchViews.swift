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
    let maker = PatchViewMaker(finding, pictures, choice, studio.network)
    try maker.checkMemory(for: wanted.values.joined().map { $0 }, in: studio)
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
    studio.settle()
    defer { studio.releaseIdle() }
    var projection = try projection(
      of: wanted.values.joined().map { $0 }, from: pictures, maker, studio)
    let needed = wanted.mapValues { $0.count { projection.needsWholePicture($0.excitation) } }
    let order = wanted.keys.sorted { (-(needed[$0] ?? 0), $0) < (-(needed[$1] ?? 0), $1) }
    /// What is kept of the pictures of activations that are not projected yet.
    var waiting: [Key: Image] = [:]
    func show(_ projected: [ProjectedActivation]) {
      let keys = projected.map { Key(unit: $0.unit, excitation: $0.excitation) }
      let images = keys.map { waiting.removeValue(forKey: $0) }
      let made = concurrentMap(projected.count) { index in
        images[index].map { maker.view(of: $0, projected[index]) }
      }
      for (key, view) in zip(keys, made) { views[key] = view }
    }
    var done = 0
    let (dataset, preprocessing) = (pictures.dataset, pictures.preprocessing)
    let failures = try dataset.forEachBatch(
      of: projection.together, indices: order, preprocessing: preprocessing
    ) { batch in
      let read = concurrentMap(batch.indices.count) { row in
        Result {
          let example = try dataset.example(at: batch.indices[row])
          return (source: example.source, picture: try preprocessing.displayed(example))
        }
      }
      for (index, result) in zip(batch.indices, read) {
        let found = try result.get()
        sources[index] = found.source
        for (unit, excitation) in wanted[index] ?? [] {
          waiting[Key(unit: unit, excitation: excitation)] = maker.kept(
            of: found.picture, unit, excitation)
        }
      }
      projection.project(batch.indices.map { wanted[$0] ?? [] }, in: batch.images, show)
      done += batch.indices.count
      studio.reporter.progress("projecting \(finding.layer)", done, of: order.count)
    }
    projection.finish(show)
    studio.report(failures)
  }

  /// What the views of some activations take, in bytes.
  static func bytes(
    of finding: ActivatedUnits, from pictures: Pictures, _ choice: PatchViewing,
    in network: Network
  ) -> Int {
    PatchViewMaker(finding, pictures, choice, network).bytes(
      for: finding.units.flatMap { unit, excitations in excitations.map { (unit, $0) } })
  }

  private func projection(
    of activations: [(unit: Int, excitation: Excitation)], from pictures: Pictures,
    _ maker: PatchViewMaker, _ studio: Studio
  ) throws -> ActivationProjection {
    let network = studio.network
    let crops = LayerCrops(of: finding.layer, in: network)
    let whole = activations.count { maker.keepsWholePicture($0.unit) }
    let size = try studio.batchSize(
      upTo: min(8, Studio.batchSize(for: network)), on: pictures,
      keeping: ActivationProjection.keep, through: finding.layer,
      // The scan arranged the weights for runs without a backward pass.
      beside: network.derivedWeightBytes(keeping: .only([]))
        + (crops == nil ? 0 : ActivationProjection.waitingBytes(in: network))
        + (crops == nil ? 0 : min(whole, ActivationProjection.mostWaiting) * maker.pictureBytes))
    return ActivationProjection(
      network, layer: finding.layer, of: activations.map(\.excitation), by: maker.rules(units),
      seed: maker.choice.projectFrom, together: size, crops: crops)
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
private struct PatchViewMaker: Sendable {
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
    let drawn = projected.map { cut(shown, out: $0) }
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
      numbers: shown == box ? drawn : projected.map { cut(box, out: $0) },
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

  /// - Returns: Of the first projection, `[C, H, W]`, NaN outside the picture.
  private func cut(_ box: [Range<Int>], out projected: ProjectedActivation) -> Tensor {
    let (channels, pixels) = (input[0], projected.pixels)
    let (height, width) = (box[0].count, box[1].count)
    let rows = box[0].clamped(to: 0..<input[1])
    let columns = box[1].clamped(to: 0..<input[2])
    return projected.projections[0].arranged(as: .channelsLast).withUnsafeElements { values in
      Tensor(shape: [channels, height, width]) { target in
        target.initialize(repeating: .nan)
        for channel in 0..<channels {
          for row in rows {
            let place = (channel * height + row - box[0].lowerBound) * width - box[1].lowerBound
            for column in columns { target[place + column] = 0 }
            guard pixels[0].contains(row) else { continue }
            let start = (row - pixels[0].lowerBound) * pixels[1].count - pixels[1].lowerBound
            for column in columns.clamped(to: pixels[1]) {
              target[place + column] = values[(start + column) * channels + channel]
            }
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
