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
  static let commonSide = 112

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
      target.initialize(repeating: .nan)
      for (row, (unit, excitations)) in finding.units.enumerated() {
        for (place, excitation) in excitations.enumerated() {
          guard let numbers = self[unit, excitation]?.numbers else { continue }
          let (ownHeight, ownWidth) = (numbers.shape[1], numbers.shape[2])
          let values = numbers.elements
          for line in 0..<(channels * ownHeight) {
            let (channel, y) = (line / ownHeight, line % ownHeight)
            let start = (((row * most + place) * channels + channel) * height + y) * width
            _ = UnsafeMutableBufferPointer(rebasing: target[start..<(start + ownWidth)])
              .update(fromContentsOf: values[(line * ownWidth)..<((line + 1) * ownWidth)])
          }
        }
      }
    }
    return arrays
  }
}
