internal import Analysis
public import ArgumentParser
internal import Datasets
internal import Files
internal import Foundation
public import Galleries
internal import Networks
internal import TensorCore

/// How much learned filters are like handcrafted ones.
public struct Handcrafted: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var layers: LayerOptions

    @Option(help: "Random seed of the random filters that learned ones are compared with.")
    public var seed: UInt64 = 0

    public init() {}
  }

  public static let runsNetwork = false
  public static let kind = FigureKind(
    "handcrafted",
    abstract: "Draw which handcrafted filters the learned ones of the first layer resemble.",
    heading: "Handcrafted filters",
    explanation: "Which handcrafted filters those of the first layer resemble, and how much.",
    examples: [
      .init(
        "Each filter of the first layer beside its nearest kernel and its Gabor function",
        "samples/objects.safetensors"),
      .init(
        "Some of the filters, with all fitted numbers as tables",
        "alexnet.onnx --units 0-31 --arrays csv"),
    ])
  /// `--layers` and `--units` of a gallery name what is shown of each layer.
  public static let unsharedOptions: Set<String> = ["layers", "units"]

  private let layers: [String]
  private let selection: UnitSelection?
  private let seed: UInt64

  public init(_ options: Options, in studio: Studio) throws {
    layers = try Self.layers(options.layers.layers, in: studio)
    selection = try studio.selection(options.layers, of: layers)
    seed = options.seed
    guard studio.occasion != .gallery || studio.memoryForPictures.bytes >= Self.usualBytes else {
      throw ExhibitUnavailable(
        "comparing filters takes about \(byteText(Self.usualBytes)) of memory, more than is left")
    }
  }

  /// What the fits of all filters and of random ones, and four figures, take.
  private static let usualBytes = 32 << 20

  /// Those that are named, or the first that sees the picture.
  private static func layers(_ named: String?, in studio: Studio) throws -> [String] {
    let network = studio.network
    guard let named else {
      guard let first = network.graph.nodes.map(\.name).first(where: network.hasPictureFilters)
      else {
        throw ExhibitUnavailable(
          "no layer of '\(studio.model.name)' has filters that see the picture itself",
          isCommon: true)
      }
      do {
        let (height, width) = try HandcraftedAnalysis.window(of: first, in: network)
        // A gallery is for all networks: of most, small windows say little.
        let isTelling =
          network.graph[first]?.operation is Convolution
          && min(height, width) >= HandcraftedAnalysis.leastFittedSide
        guard studio.occasion == .single || isTelling else {
          throw ExhibitUnavailable(
            "the filters of layer '\(first)' are not those of a convolution of at least "
              + "\(HandcraftedAnalysis.leastFittedSide)×\(HandcraftedAnalysis.leastFittedSide) "
              + "pixels; 'fovea \(kind.name)' draws smaller ones, too", isCommon: true)
        }
      } catch let error as SelectionError where studio.occasion == .gallery {
        throw ExhibitUnavailable("\(error)", isCommon: true)
      }
      return [first]
    }
    let wanted = Set(try namePatterns(named, of: "--layers"))
    let found = try studio.layers(matching: named, for: .filters)
    var (layers, problems): ([String], [SelectionError]) = ([], [])
    for layer in found {
      do {
        try HandcraftedAnalysis.window(of: layer, in: network)
        layers.append(layer)
      } catch {
        guard !wanted.contains(layer) else { throw error }
        problems.append(error)
      }
    }
    if layers.isEmpty, let first = problems.first { throw first }
    for problem in problems { studio.sayOnce("left out of --layers: \(problem)") }
    return layers
  }

  public func draw(into studio: Studio) throws {
    for layer in layers {
      let (height, width) = try HandcraftedAnalysis.window(of: layer, in: studio.network)
      let isFitted = min(height, width) >= HandcraftedAnalysis.leastFittedSide
      let names =
        [layer]
        + (studio.takesOneFigure
          ? []
          : [isFitted ? "tuning" : nil, "shares", "spectra"].compactMap(\.self)
            .map { "\(layer)-\($0)" })
      guard !studio.resumesAll(names) else { continue }
      try draw(layer, into: studio)
    }
  }

  private func draw(_ layer: String, into studio: Studio) throws {
    let network = studio.network
    studio.settle()
    var units: [Int] = []
    if let selection {
      let norms = try FilterAnalysis().run(on: network, layer: layer).norms
      units = try studio.units(selection, of: layer) { norms }
    }
    let finding = try HandcraftedAnalysis(seed: seed).run(
      on: network, layer: layer, units: units
    ) { done, total in
      studio.reporter.progress("handcrafted filters", done, of: total)
    }
    guard !finding.compared.isEmpty else {
      let reason =
        "no comparison with handcrafted filters: "
        + (units.isEmpty ? "all filters" : "the filters chosen")
        + " of layer '\(layer)' are zero or not finite"
      guard studio.occasion == .gallery else { throw UsageError(reason) }
      return studio.reporter.warn(reason)
    }
    studio.reporter.say("\(layer): \(handcraftedAnswer(of: finding))")
    let description = studio.layer(layer)
    let isBlueFirst = finding.isColour && studio.model.preprocessing.channelOrder == .bgr
    let numbers = HandcraftedNumbers(finding, layer: layer, isBlueFirst: isBlueFirst)
    let details = numbers.record
    if !studio.resumes(layer) {
      try studio.add(
        name: layer, details: details, seed: seed, finding: { numbers.filters }
      ) { handcraftedFigure(of: finding, layer: description, isBlueFirst: isBlueFirst) }
    }
    guard !studio.takesOneFigure else { return }
    if let figure = handcraftedTuningFigure(of: finding, layer: description),
      !studio.resumes("\(layer)-tuning")
    {
      try studio.add(figure, name: "\(layer)-tuning", details: details, seed: seed) {
        numbers.filters
      }
    }
    if !studio.resumes("\(layer)-shares") {
      try studio.add(
        handcraftedShareFigure(of: finding, layer: description), name: "\(layer)-shares",
        details: details, seed: seed
      ) { numbers.shares }
    }
    if !studio.resumes("\(layer)-spectra") {
      try studio.add(
        handcraftedSpectrumFigure(of: finding, layer: description), name: "\(layer)-spectra",
        details: details, seed: seed
      ) { numbers.spectra }
    }
  }
}

/// The numbers of a comparison as arrays and tables.
private struct HandcraftedNumbers {
  private let finding: HandcraftedFinding
  private let layer: String
  /// Of each channel, for the columns of tables.
  private let channels: [String]

  init(_ finding: HandcraftedFinding, layer: String, isBlueFirst: Bool) {
    (self.finding, self.layer) = (finding, layer)
    let colors = ["red", "green", "blue"]
    channels =
      finding.isColour
      ? isBlueFirst ? colors.reversed() : colors
      : (0..<finding.filters.shape[1]).map { "channel_\($0)" }
  }

  /// What was found, in words.
  var record: [String: String] {
    func text(_ value: Double) -> String { String(format: "%.4f", value) }
    var record = [
      "answer": handcraftedAnswer(of: finding), "verdict": finding.verdict?.rawValue ?? "none",
      "points": "\(finding.points.count)", "kernel share": text(finding.matches.median),
      "kernel share of random filters": text(finding.matches.randomMedian),
    ]
    if let fits = finding.fits {
      record["gabor share"] = text(fits.median)
      record["gabor share of random filters"] = text(fits.randomMedian)
    }
    return record
  }

  /// Of N filters: `units` `[N]`; `filters`, `nearest` and, if they were fitted, `fitted`
  /// `[N, C, R, S]`; `points` `[N]`, 1 for filters of nearly a single pixel, which have no Gabor
  /// function; `correlations` and `kernel_shares` `[N]`; `shifts` `[N, 2]`, down and right;
  /// of several channels `color_axes` `[N, C]`, `grey_shares` and `product_shares` `[N]`. Of fitted
  /// ones, `gabor_shares` `[N]`; `gabors` `[N, 7]`, which are x, y (pixels from the middle, right and
  /// down), θ (degrees, clockwise), λ, σ (pixels), γ and ψ (degrees); `gabor_weights` `[N, C]`;
  /// `orientations` (degrees, anticlockwise) and `preferred_frequencies` (cycles per pixel) `[N]`.
  var filters: FigureArrays {
    let compared = finding.compared
    func stacked(_ tensors: [Tensor]) -> Tensor {
      Tensor(concatenatingRows: tensors.map { $0.reshaped(to: Shape([1] + $0.shape.extents)) })
    }
    func numbers(_ value: (HandcraftedFinding.Filter) -> Double?) -> Tensor {
      Tensor(compared.map { value($0).map { Float($0) } ?? .nan })
    }
    func rows(_ width: Int, _ values: (HandcraftedFinding.Filter) -> [Double]) -> Tensor {
      Tensor(shape: [compared.count, width], compared.flatMap { values($0).map { Float($0) } })
    }
    var tensors = [
      "units": Tensor(compared.map(\.unit)),
      "filters": Tensor(
        concatenatingRows: compared.map { finding.filters.rows($0.unit..<($0.unit + 1)) }),
      "nearest": stacked(compared.map(\.nearest)),
      "points": numbers { $0.isPoint ? 1 : 0 }, "correlations": numbers(\.match.correlation),
      "kernel_shares": numbers(\.match.share),
      "shifts": rows(2) { [Double($0.match.rowShift), Double($0.match.columnShift)] },
    ]
    if channels.count > 1 {
      tensors["color_axes"] = rows(channels.count) { $0.color?.axis ?? [] }
      tensors["grey_shares"] = numbers { $0.color?.greyShare }
      tensors["product_shares"] = numbers { $0.color?.productShare }
    }
    if finding.fits != nil {
      tensors["fitted"] = stacked(compared.compactMap(\.fitted))
      tensors["gabor_shares"] = numbers { $0.fit?.share }
      // Points have none.
      func unknown(_ count: Int) -> [Double] { [Double](repeating: .nan, count: count) }
      tensors["gabors"] = rows(7) { $0.fit.map(Self.parameters) ?? unknown(7) }
      tensors["gabor_weights"] = rows(channels.count) { filter in
        filter.fit.map { fit in fit.weights.map { $0 * filter.norm } } ?? unknown(channels.count)
      }
      tensors["orientations"] = numbers { $0.fit?.function.orientation }
      tensors["preferred_frequencies"] = numbers { $0.fit?.preferredFrequency }
    }
    return FigureArrays(
      tensors,
      names: [
        "layers": .init([layer]),
        "kernels": .init(compared.map { finding.bank[$0.match.kernel].name }),
        "colors": .init(finding.isColour ? compared.compactMap { $0.color?.kind.rawValue } : []),
        "channels": .init(channels),
      ], table: table)
  }

  /// x, y, θ, λ, σ, γ, ψ.
  private static func parameters(_ fit: GaborFit) -> [Double] {
    let function = fit.function
    return [
      function.x, function.y, function.theta * 180 / .pi, function.wavelength, function.sigma,
      function.gamma, function.phase * 180 / .pi,
    ]
  }

  /// A row for each filter.
  private var table: CSVRows {
    let hasFits = finding.fits != nil
    let isMixed = channels.count > 1
    var columns = [
      "unit", "norm", "kernel", "correlation", "kernel_share", "row_shift", "column_shift",
      "point",
    ]
    if hasFits {
      columns += [
        "gabor_share", "x", "y", "theta", "lambda", "sigma", "gamma", "psi", "orientation",
        "preferred_frequency",
      ]
      columns += channels.map { "gabor_\($0)" }
    }
    if isMixed {
      columns += (finding.isColour ? ["color"] : []) + ["grey_share", "product_share"]
      columns += channels.map { "axis_\($0)" }
    }
    var table = CSVRows(columns: columns)
    for filter in finding.compared {
      let match = filter.match
      var cells = [
        "\(filter.unit)", CSVRows.text(filter.norm), finding.bank[match.kernel].name,
        CSVRows.text(match.correlation), CSVRows.text(match.share), "\(match.rowShift)",
        "\(match.columnShift)", filter.isPoint ? "1" : "0",
      ]
      if let fit = filter.fit {
        var values = [fit.share] + Self.parameters(fit)
        values += [fit.function.orientation, fit.preferredFrequency]
        values += fit.weights.map { $0 * filter.norm }
        cells += values.map(CSVRows.text)
      } else if hasFits {
        // The share, seven parameters, orientation and frequency, and a weight for each channel.
        cells += [String](repeating: "", count: 10 + channels.count)
      }
      if let color = filter.color {
        cells += finding.isColour ? [color.kind.rawValue] : []
        cells += ([color.greyShare, color.productShare] + color.axis).map(CSVRows.text)
      }
      table.append(cells)
    }
    return table
  }

  /// `kernel_shares` and `gabor_shares` of the learned filters, `random_kernel_shares` and
  /// `random_gabor_shares` of the random ones, each in ascending order.
  var shares: FigureArrays {
    var tensors: [String: Tensor] = [:]
    var table = CSVRows(columns: ["filters", "explained_by", "share"])
    for (name, comparison) in [("kernel", finding.matches), ("gabor", finding.fits)] {
      guard let comparison else { continue }
      tensors["\(name)_shares"] = Tensor(comparison.learned.map { Float($0) })
      tensors["random_\(name)_shares"] = Tensor(comparison.random.map { Float($0) })
      for (set, values) in [("learned", comparison.learned), ("random", comparison.random)] {
        for value in values { table.append([set, name, CSVRows.text(value)]) }
      }
    }
    return FigureArrays(tensors, names: ["layers": .init([layer])], table: table)
  }

  /// `spectra` `[N, S, S]`, amplitudes; `frequencies` `[S]`, in cycles per pixel, of columns (right)
  /// and rows (down); `units` `[N]`.
  var spectra: FigureArrays {
    let side = HandcraftedFinding.Filter.spectrumSide
    return FigureArrays(
      [
        "units": Tensor(finding.compared.map(\.unit)),
        "spectra": Tensor(
          concatenatingRows: finding.compared.map { $0.spectrum.reshaped(to: [1, side, side]) }),
        "frequencies": Tensor((0..<side).map { Float($0 - side / 2) / Float(side) }),
      ], names: ["layers": .init([layer])])
  }
}
