internal import Analysis
internal import Datasets
internal import Files
internal import Galleries
internal import Images
internal import TensorCore

/// The part of ``Embedding`` that splits features by the factors of the pictures.
struct EmbeddingFactors {
  /// If no factors are named, those that explain most.
  private static let usualCount = 6

  private let pictures: Pictures
  /// Into the data set: those that have all candidates.
  private let annotated: [Int]
  private let candidates: [FactorLevels]
  /// Whether these are what was asked for.
  private let areNamed: Bool
  private let leftOut: String

  /// - Parameters:
  ///   - names: Separated by commas; nil for the factors that explain most.
  ///   - bins: The number of ranges of numbers.
  /// - Throws: `UsageError` if the pictures have no such factors.
  init(_ names: String?, bins: Int, of pictures: Pictures, in studio: Studio) throws {
    self.pictures = pictures
    areNamed = names != nil
    var values: [Int: [String: Annotations.Value]] = [:]
    for index in pictures.indices {
      let factors = try pictures.factors(of: index)
      if !factors.isEmpty { values[index] = factors }
    }
    let known = values.values.reduce(into: Set<String>()) { $0.formUnion($1.keys) }.sorted()
    guard !known.isEmpty else {
      throw UsageError(
        "--factors: no picture of \(pictures.name) has a factor; a table beside the pictures, "
          + "annotations.csv, says them")
    }
    let wanted: [String]
    if let names {
      wanted = try namePatterns(names, of: "--by")
      for name in wanted where !known.contains(name) {
        throw UsageError(
          "--by: no picture of \(pictures.name) has a factor '\(name)'; there are "
            + known.joined(separator: ", "))
      }
    } else {
      let everywhere = known.filter { name in values.values.allSatisfy { $0[name] != nil } }
      guard !everywhere.isEmpty else {
        throw UsageError(
          "--factors: no factor has a value for every annotated picture of \(pictures.name); name "
            + "some with --by: \(known.joined(separator: ", "))")
      }
      wanted = everywhere
    }
    let annotated = pictures.indices.filter { index in
      wanted.allSatisfy { values[index]?[$0] != nil }
    }
    self.annotated = annotated
    guard annotated.count > 2 else {
      throw UsageError(
        "--factors: expected three or more pictures with values of \(wanted.joined(separator: ", "))"
          + ", found \(annotated.count) of \(pictures.count)")
    }
    if annotated.count < pictures.count {
      studio.reporter.warn(
        "\(pictures.count - annotated.count) of \(pictures.count) pictures are left out of the "
          + "factors: they have no value of \(wanted.count == 1 ? wanted[0] : "one of them")")
    }
    let all = wanted.map { name in
      Self.levels(name, annotated.compactMap { values[$0]?[name] }, bins: bins)
    }
    for name in wanted { try studio.sayIfMixed(name, of: pictures) }
    let useless = all.filter { $0.values.count < 2 || $0.values.count == annotated.count }
    candidates = all.filter { $0.values.count > 1 && $0.values.count < annotated.count }
    leftOut =
      useless.isEmpty
      ? ""
      : "Left out, because all pictures have the same value or each has its own: "
        + useless.map(\.name).joined(separator: ", ") + "."
    guard !candidates.isEmpty else {
      throw UsageError(
        "--factors: \(all.map(\.name).joined(separator: ", ")) of \(pictures.name): all pictures "
          + "have the same value, or each has its own")
    }
    if !useless.isEmpty {
      studio.sayOnce(
        "--factors: \(useless.map(\.name).joined(separator: ", ")) left out: all pictures have the "
          + "same value, or each has its own")
    }
  }

  private static func levels(
    _ name: String, _ values: [Annotations.Value], bins: Int
  ) -> FactorLevels {
    let numbers = values.compactMap { if case .number(let number) = $0 { number } else { nil } }
    guard numbers.count == values.count else {
      return FactorLevels(
        name,
        words: values.map { value in
          switch value {
          case .word(let word): word
          case .number(let number): number.description
          }
        })
    }
    return FactorLevels(
      name, numbers: numbers, turn: PointColoring.turn(of: name, over: numbers), bins: bins)
  }

  /// Draws a figure for each factor and the table of their shares.
  ///
  /// - Parameter scans: One for each layer, complete.
  func draw(_ scans: [EmbeddingScan], into studio: Studio) throws {
    let collected = scans.compactMap(\.collected)
    let rows = collected.map { features in
      Dictionary(uniqueKeysWithValues: zip(features.pictures, features.pictures.indices))
    }
    let places = annotated.indices.filter { place in
      rows.allSatisfy { $0[annotated[place]] != nil }
    }
    guard collected.count == scans.count, places.count > 2 else {
      throw UsageError(
        "--factors: fewer than three pictures of \(pictures.name) have finite features")
    }
    let shown = places.map { annotated[$0] }
    let features = zip(collected, rows).map { own, rows in
      Tensor(
        concatenatingRows: shown.compactMap { rows[$0] }.map { own.features.rows($0..<($0 + 1)) })
    }
    var factors = candidates.map { $0.only(places) }.filter { $0.values.count > 1 }
    if !areNamed, factors.count > Self.usualCount, let last = features.last {
      let strengths = strengths(of: factors, in: last)
      let strongest = factors.indices.sorted { (-strengths[$0], $0) < (-strengths[$1], $1) }
        .prefix(Self.usualCount)
      studio.sayOnce(
        "embedding: the \(Self.usualCount) of \(factors.count) factors that explain most at "
          + "'\(scans[scans.count - 1].layer)'; --by names others")
      factors = strongest.map { factors[$0] }
    }
    studio.settle()
    var findings: [FactorFinding] = []
    for (scan, features) in zip(scans, features) {
      findings.append(
        try factorVariance(
          of: features, by: factors, layer: scan.layer, pictures: shown,
          featureCount: scan.ownFeatureCount))
      studio.reporter.progress("factors", findings.count, of: scans.count)
    }
    let layers = scans.map { studio.layer($0.layer) }
    let details = [
      "layers": scans.map(\.layer).joined(separator: ","), "pictures": "\(shown.count)",
    ]
    if !studio.resumes("factors") {
      try studio.add(
        factorTable(of: findings, layers: layers, leftOut: leftOut), name: "factors",
        source: pictures.name, details: details.merging(shares(in: findings)) { $1 }
      ) { tableArrays(of: findings) }
    }
    for factor in factors where !studio.takesOneFigure {
      let name = "factors-\(factor.name)"
      guard !studio.resumes(name) else { continue }
      let coloring = try PointColoring(factor: factor.name, of: pictures)
      let examples = try examples(of: factor, among: shown)
      var drawn: [Int] = []
      let figure = try factorFigure(
        of: factor.name, in: findings, layers: layers,
        colors: try coloring.colors(of: shown, in: studio),
        examples: examples
      ) {
        drawn.append(shown[$0])
        return try pictures.seen(shown[$0])
      }
      try studio.add(
        figure.remarking(pictures.displayRemark(of: drawn)), name: name, source: pictures.name,
        details: details
      ) { arrays(of: factor, in: findings) }
    }
  }

  /// One picture for each value, by its place among those shown; of a range of numbers, the one
  /// with the median number.
  private func examples(of factor: FactorLevels, among shown: [Int]) throws -> [Int] {
    try factor.values.indices.map { level in
      let own = shown.indices.filter { factor.levels[$0] == level }
      guard factor.isBinned else { return own[0] }
      let sorted = try own.map { place -> (number: Double, place: Int) in
        guard case .number(let number) = try pictures.factors(of: shown[place])[factor.name]
        else { return (0, place) }
        return (number, place)
      }.sorted { $0 < $1 }
      return sorted[sorted.count / 2].place
    }
  }

  private func shares(in findings: [FactorFinding]) -> [String: String] {
    var shares: [String: String] = [:]
    for finding in findings {
      for part in finding.parts {
        shares["\(finding.layer) \(part.factor.name)"] = CSVRows.text(part.variance.share)
      }
      shares["\(finding.layer) residual"] = CSVRows.text(finding.residual.share)
    }
    return shares
  }

  /// `shares` `[L, F + 1]` of all variance, the residual last, and `component_counts` of each part;
  /// `chances` `[F]`.
  private func tableArrays(of findings: [FactorFinding]) -> FigureArrays {
    let names = (findings.first?.parts ?? []).map(\.factor.name) + ["residual"]
    func parts(_ finding: FactorFinding) -> [VarianceShare] {
      finding.parts.map(\.variance) + [finding.residual]
    }
    var table = CSVRows(columns: ["layer", "factor", "share", "normalized_share", "components"])
    for finding in findings {
      for (name, part) in zip(names, parts(finding)) {
        table.append([
          finding.layer, name, CSVRows.text(part.share),
          CSVRows.text(finding.normalized(part.share)), "\(part.componentCount)",
        ])
      }
    }
    return FigureArrays(
      [
        "shares": Tensor(
          shape: [findings.count, names.count],
          findings.flatMap { parts($0).map { Float($0.share) } }),
        "component_counts": Tensor(
          shape: [findings.count, names.count],
          findings.flatMap { parts($0).map { Float($0.componentCount) } }),
        "chances": Tensor((findings.first?.parts ?? []).map { Float($0.chance) }),
      ],
      names: ["layers": .init(findings.map(\.layer)), "factors": .init(names)], table: table)
  }

  /// For each layer L: `L/coordinates` `[N, 2]` of the features, `L/factor_coordinates` `[N, 2]`
  /// along the components of the marginal means, and `L/means` `[values, 2]`; `levels` `[N]`.
  private func arrays(of factor: FactorLevels, in findings: [FactorFinding]) -> FigureArrays {
    var tensors = [
      "levels": Tensor(factor.levels), "pictures": Tensor(findings.first?.pictures ?? []),
    ]
    for finding in findings {
      guard let part = finding.parts.first(where: { $0.factor.name == factor.name }) else {
        continue
      }
      tensors["\(finding.layer)/coordinates"] = finding.coordinates
      tensors["\(finding.layer)/factor_coordinates"] = part.coordinates
      tensors["\(finding.layer)/means"] = part.means
    }
    return FigureArrays(
      tensors,
      names: [
        "files": .init(
          (findings.first?.pictures ?? []).map { (try? pictures.sourceName(of: $0)) ?? "" }),
        "values": .init(factor.values),
      ])
  }
}
