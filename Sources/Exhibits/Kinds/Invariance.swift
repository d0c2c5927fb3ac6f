internal import Analysis
public import ArgumentParser
internal import Datasets
internal import Drawing
internal import Files
internal import Foundation
public import Galleries
internal import Images
internal import Networks
internal import TensorCore

/// How features change while pictures are moved, scaled and rotated.
public struct Invariance: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions

    @Option(
      help: """
        Layers by name, separated by commas; by default the first convolution, the middle one of \
        the layers that a gallery shows, and the last hidden layer.
        """)
    public var layers: String?

    @Option(help: "Number of pictures; by default 5.")
    public var pictures: Int?

    @Option(
      help: ArgumentHelp(
        """
        What is done to the pictures, separated by commas: vertical, horizontal (translation), \
        scale, rotation; by default all.
        """, valueName: "names"))
    public var transformations: String?

    @Option(
      help: """
        Number of values of each transformation, at equal distances over its range; of a rotation, \
        one fewer for a whole turn.
        """)
    public var steps = 13

    @Option(
      help: ArgumentHelp(
        """
        The greatest translation in pixels of the input, in both directions; by default 60 at a \
        side of 224, and in proportion.
        """, valueName: "pixels"))
    public var translation: Double?

    @Option(
      help: ArgumentHelp(
        "The least and the greatest factor of scale, separated by a comma.",
        valueName: "least,greatest"))
    public var scales = "0.6,1.8"

    @Option(
      help: ArgumentHelp(
        """
        What is seen outside a transformed picture: edge (its nearest pixel), mean (its mean \
        colour), wrap (the picture again), or a colour as red,green,blue from 0 to 255.
        """, valueName: "fill"))
    public var fill = "edge"

    @Option(help: "Distance between features that the curves show.")
    public var distance = FeatureDistance.euclidean

    public init() {}

    public func validate() throws {
      try checkCount(pictures, of: "--pictures")
      guard (3...361).contains(steps) else {
        throw ValidationError("--steps must be from 3 to 361, not \(steps)")
      }
      do {
        _ = try chosenTransformations()
        _ = try factors()
        _ = try color()
      } catch let error as UsageError {
        throw ValidationError(error.description)
      }
    }
  }

  public static let kind = FigureKind(
    "invariance",
    abstract: "Draw how features change while pictures are moved, scaled and rotated.",
    heading: "Invariance",
    explanation: "How features change while pictures are moved, scaled and rotated.",
    examples: [
      .init(
        "Translation, scale and rotation for five pictures, with a table of verdicts",
        "samples/objects.safetensors --images samples/objects"),
      .init(
        "Rotation in steps of 10°, at every ReLU, with the numbers as a table",
        "samples/objects.safetensors --layers 'relu*' --transformations rotation --steps 37 "
          + "--arrays csv"),
    ])
  public static let galleryArguments = ["--pictures=3", "--steps=7"]
  /// `--layers` of a gallery names what is shown of each layer; invariance compares three depths.
  public static let unsharedOptions: Set<String> = ["layers"]

  private static let usualCount = 5
  /// Of a picture's side, as in the paper.
  private static let usualShare = 60.0 / 224

  private let layers: [String]
  private let pictures: Pictures
  private let count: Int
  private let sweeps: [TransformationSweep]
  private let surround: Surround
  private let surroundName: String
  private let distance: FeatureDistance
  private let isShareGiven: Bool

  public init(_ options: Options, in studio: Studio) throws {
    let network = studio.network
    let input = network.graph.inputShape
    guard input.rank == 3, input[1] > 1 || input[2] > 1 else {
      throw ExhibitUnavailable("'\(studio.model.name)' does not take pictures", isCommon: true)
    }
    if let names = options.layers {
      layers = try studio.layers(matching: names, for: .activations)
    } else {
      layers = network.layersOfDepth()
    }
    pictures = try studio.pictures(options.images).shown
    count =
      options.pictures ?? options.images.limit.map { min($0, Self.usualCount) }
      ?? Self.usualCount
    isShareGiven = options.pictures != nil || (options.images.limit ?? .max) <= Self.usualCount
    distance = options.distance
    sweeps = try options.sweeps(height: input[1], width: input[2], usualShare: Self.usualShare)
    surround = try options.surround(for: pictures)
    surroundName = options.surroundName
  }

  public func draw(into studio: Studio) throws {
    let names = sweeps.map(\.transformation.rawValue)
    guard !layers.isEmpty, !studio.resumesAll(names + ["table"]) else { return }
    studio.sayShare(min(count, pictures.count), of: pictures, in: Self.kind, isGiven: isShareGiven)
    let (network, model) = (studio.network, studio.model)
    studio.settle()
    defer { studio.releaseIdle() }
    let label = pictures.labels(in: model)
    var analysis = InvarianceAnalysis(
      network, layers: layers, sweeps: sweeps, surround: surround)
    let batchSize = try studio.batchSize(
      upTo: min(16, Studio.batchSize(for: network)), on: pictures, keeping: analysis.keep,
      // The originals' features and their sums in double precision.
      beside: 4 * studio.outputBytes(of: layers))
    /// With the inputs of those whose pictures are drawn.
    var swept: [(name: String, input: Tensor?)] = []
    var labelled = 0
    let total = min(count, pictures.count)
    let failures = try pictures.forEachReadable(total) { index in
      let example = try pictures.dataset.example(at: index)
      return (index, example.source, try pictures.preprocessing.tensor(for: example))
    } _: { index, source, input in
      let own = label(index)
      if own != nil { labelled += 1 }
      if let stray = analysis.add(input, index: index, classIndex: own, batchSize: batchSize) {
        studio.reportNonFinite(stray, for: input, named: source)
      }
      swept.append((source, swept.count < SweptPicture.mostStrips ? input : nil))
      studio.reporter.progress("invariance", swept.count, of: total)
    }
    studio.report(failures)
    let findings = analysis.findings
    guard !findings.allSatisfy(\.isEmpty) else {
      let reason = "no invariance of \(pictures.name): features are not finite, or all zero"
      guard studio.occasion == .gallery else { throw UsageError(reason) }
      return studio.reporter.warn(reason)
    }
    let remark = try pictures.displayRemark(of: findings.first?.pictures ?? [])
    let descriptions = layers.map(studio.layer)
    for finding in findings {
      let name = finding.sweep.transformation.rawValue
      guard !studio.resumes(name) else { continue }
      let shown = swept.enumerated().map { row, picture in
        SweptPicture(
          name: baseNameWithExtension(pictureName(picture.name)),
          className: finding.classes.isEmpty
            ? nil : model.classNames.shortName(finding.classes[row]),
          images: picture.input.map { images(of: $0, finding.sweep) } ?? [])
      }
      try studio.add(
        invarianceFigure(
          of: finding, pictures: shown, layers: descriptions, measure: distance,
          surround: surroundName, labelled: labelled
        ).remarking(remark),
        name: name, source: pictures.name, details: verdicts(of: [finding])
      ) { arrays(of: finding, swept.map(\.name), model) }
    }
    guard !studio.resumes("table"), !studio.takesOneFigure || findings.count > 1 else { return }
    for line in lines(of: findings) { studio.reporter.say(line) }
    try studio.add(
      invarianceTable(of: findings, layers: descriptions), name: "table", source: pictures.name,
      details: verdicts(of: findings)
    ) { tableArrays(of: findings) }
  }

  /// The pictures as they are seen at each amount.
  private func images(of input: Tensor, _ sweep: TransformationSweep) -> [Image] {
    var order = pictures.preprocessing
    order.arrays = .channelsFirst
    return sweep.amounts.compactMap { amount in
      let mapping = sweep.transformation.mapping(
        by: amount, height: input.shape[2], width: input.shape[3])
      let picture = transformed(input, by: mapping, surround: surround)
      let array = picture.arranged(as: .rowMajor)
        .reshaped(to: Shape(Array(picture.shape.extents.dropFirst())))
      return try? order.displayed(Example(.array(array), label: nil, source: ""))
    }
  }

  /// Whether each layer is invariant and equivariant, and the distances, by names for records.
  private func verdicts(of findings: [InvarianceFinding]) -> [String: String] {
    var record: [String: String] = [:]
    for finding in findings {
      for layer in finding.layers {
        let kinds = [
          ("invariant", Optional(layer.distances)), ("equivariant", layer.movedDistances),
        ]
        for (kind, values) in kinds {
          guard let values else { continue }
          let distance = finding.overall(values)
          let verdict = InvarianceVerdict(distance, spread: layer.spread)
          record["\(finding.sweep.transformation.rawValue) \(kind) \(layer.name)"] =
            "\(verdict?.rawValue ?? "unknown"), \(String(format: "%.4g", distance))"
        }
      }
    }
    return record
  }

  /// The table as text, one line for each layer and transformation.
  private func lines(of findings: [InvarianceFinding]) -> [String] {
    layers.indices.flatMap { index in
      findings.map { finding in
        let layer = finding.layers[index]
        func part(_ name: String, _ values: [[Double]]) -> String {
          let distance = finding.overall(values)
          let verdict = InvarianceVerdict(distance, spread: layer.spread)
          let share = layer.spread.map {
            ", \(percentText(distance / $0)) of that between pictures"
          }
          return "\(name) \(verdict.map(\.rawValue) ?? "–") (\(measureText(distance, decimals: 2))"
            + "\(verdict == nil ? "" : share ?? ""))"
        }
        return "\(layer.name), \(finding.sweep.transformation.rawValue): "
          + ([part("invariant", layer.distances)]
          + (layer.movedDistances.map { [part("equivariant", $0)] } ?? []))
          .joined(separator: ", ")
      }
    }
  }

  /// `amounts` `[A]`; `distances`, `cosine_distances` and `moved_distances` `[L, N, A]`, NaN for
  /// layers without maps; `spreads` `[L]`; and, if there are any, `probabilities` `[N, A]` of
  /// `classes` `[N]`.
  private func arrays(
    of finding: InvarianceFinding, _ files: [String], _ model: Model
  ) -> FigureArrays {
    let (rows, amounts) = (files.count, finding.sweep.amounts)
    func stack(_ values: (InvarianceFinding.Layer) -> [[Double]]?) -> Tensor {
      let none = [[Double]](
        repeating: [Double](repeating: .nan, count: amounts.count), count: rows)
      return Tensor(
        shape: [layers.count, rows, amounts.count],
        finding.layers.flatMap { (values($0) ?? none).joined().map { Float($0) } })
    }
    var tensors = [
      "amounts": Tensor(amounts.map { Float($0) }), "distances": stack(\.distances),
      "cosine_distances": stack(\.cosineDistances), "moved_distances": stack(\.movedDistances),
      "spreads": Tensor(finding.layers.map { Float($0.spread ?? .nan) }),
      "pictures": Tensor(finding.pictures),
    ]
    if !finding.probabilities.isEmpty {
      tensors["classes"] = Tensor(finding.classes)
      tensors["probabilities"] = Tensor(
        shape: [rows, amounts.count], finding.probabilities.joined().map { Float($0) })
    }
    var table = CSVRows(columns: [
      "transformation", "amount", "file", "layer", "distance", "cosine_distance", "moved_distance",
      "class", "probability",
    ])
    for (row, file) in files.enumerated() {
      for (step, amount) in amounts.enumerated() {
        for layer in finding.layers {
          table.append(
            [
              finding.sweep.transformation.rawValue, CSVRows.text(amount), file, layer.name,
              CSVRows.text(layer.distances[row][step]),
              CSVRows.text(layer.cosineDistances[row][step]),
              CSVRows.text(layer.movedDistances?[row][step] ?? .nan),
              finding.classes.isEmpty ? "" : model.classNames[finding.classes[row]],
              finding.classes.isEmpty ? "" : CSVRows.text(finding.probabilities[row][step]),
            ])
        }
      }
    }
    return FigureArrays(
      tensors, names: ["files": .init(files), "layers": .init(layers)], table: table)
  }

  /// The means over the sweeps: `distances`, `moved_distances` and `spreads` `[L, T]`.
  private func tableArrays(of findings: [InvarianceFinding]) -> FigureArrays {
    func matrix(_ value: (InvarianceFinding, InvarianceFinding.Layer) -> Double?) -> Tensor {
      Tensor(
        shape: [layers.count, findings.count],
        layers.indices.flatMap { layer in
          findings.map { Float(value($0, $0.layers[layer]) ?? .nan) }
        })
    }
    var table = CSVRows(columns: [
      "layer", "transformation", "distance", "invariant", "moved_distance", "equivariant", "spread",
    ])
    for layer in layers.indices {
      for finding in findings {
        let own = finding.layers[layer]
        let distance = finding.overall(own.distances)
        let moved = own.movedDistances.map(finding.overall) ?? .nan
        table.append([
          own.name, finding.sweep.transformation.rawValue, CSVRows.text(distance),
          InvarianceVerdict(distance, spread: own.spread)?.rawValue ?? "",
          CSVRows.text(moved), InvarianceVerdict(moved, spread: own.spread)?.rawValue ?? "",
          CSVRows.text(own.spread ?? .nan),
        ])
      }
    }
    return FigureArrays(
      [
        "distances": matrix { $0.overall($1.distances) },
        "moved_distances": matrix { finding, layer in layer.movedDistances.map(finding.overall) },
        "spreads": matrix { $1.spread },
      ],
      names: [
        "layers": .init(layers),
        "transformations": .init(findings.map(\.sweep.transformation.rawValue)),
      ], table: table)
  }
}
