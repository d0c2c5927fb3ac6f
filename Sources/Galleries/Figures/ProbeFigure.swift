public import Analysis
internal import Drawing
internal import Files

/// How well linear classifiers do on the features of some layers, in the arrangement of Zeiler and
/// Fergus 2014, table 7.
///
/// - Parameters:
///   - finding: With at least one row and one column.
///   - model: The network's name, such as its checkpoint's.
///   - source: The pictures' name.
public func probeFigure(
  of finding: ProbeFinding, model: String, source: String
) -> CaptionedFigure {
  let cells = finding.rows.map { row in
    row.folds.map { folds in
      WordTable.Cell([accuracyText(folds)], tint: folds.meanAccuracy)
    }
  }
  let foldCount = finding.columns.map(\.training.count).max() ?? 1
  let folds = finding.rows.flatMap { $0.folds.joined() }
  return CaptionedFigure(
    title: "Linear classifiers on the features of layers",
    subtitle: [
      abbreviated(model), abbreviated(source), counted(finding.classCount, "class"),
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Test accuracy in percent, the mean over the \(countText(finding.classCount)) classes, of "
        + "classifiers on the features of one layer each; chance is "
        + "\(percentText(1 / Double(max(finding.classCount, 1)))).",
      foldCount > 1
        ? "Mean ± sample standard deviation over \(foldCount) folds."
        : "One fold, so there is no deviation.",
      pictureSentence(of: finding), finding.pooling.sentence, finding.scaling.sentence,
      classifierSentence(of: finding), searchSentence(of: folds), doubtSentence(of: folds),
      "After Zeiler and Fergus 2014, table 7."),
    scale: "0 … 100 % of the test pictures of a class, the mean over the classes",
    method: "linear probe",
    body: WordTable(
      rows: finding.rows.map { "\($0.title): \(abbreviated($0.layer))" },
      columns: finding.columns.map { column in
        column.perClass.map { "\(countText($0)) per class" } ?? "all training pictures"
      }, cells: cells))
}

/// The finding as lines of text, with the same numbers as the figure.
public func probeLines(of finding: ProbeFinding, source: String) -> [String] {
  let heads =
    ["\(source) (\(counted(finding.classCount, "class")))"]
    + finding.columns.map { column in
      column.perClass.map { "\(countText($0)) per class" } ?? "all"
    }
  let rows =
    [heads]
    + finding.rows.map { row in
      ["\(row.title) \(printable(row.layer))"] + row.folds.map(accuracyText)
    }
  let widths = heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    row.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - row[column].count)
      return column == 0 ? row[column] + space : space + row[column]
    }.joined(separator: "  ")
  }
}

/// `86.2 ± 0.8`, in percent.
private func accuracyText(_ folds: [ProbeFold]) -> String {
  let mean = fixedText(100 * folds.meanAccuracy)
  return folds.deviation.map { "\(mean) ± \(fixedText(100 * $0))" } ?? mean
}

/// With one decimal place.
private func fixedText(_ value: Double) -> String {
  let tenths = Int((10 * value).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}

private func rangeText(_ counts: [Int]) -> String {
  let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
  return least == most ? countText(least) : "\(countText(least)) to \(countText(most))"
}

private func pictureSentence(of finding: ProbeFinding) -> String {
  let sizes = finding.columns.map { column in
    let name = column.perClass.map { "\(countText($0)) per class: " } ?? ""
    return "\(name)\(rangeText(column.training)) training and \(rangeText(column.tested)) test "
      + "pictures"
  }
  let part =
    finding.hasTestPart
    ? "The test pictures are the data set's own test part."
    : finding.columns.allSatisfy { $0.perClass == nil }
      ? "Every picture is tested in one fold."
      : "Training pictures are drawn at random in each fold, and others tested."
  return "\(sizes.joined(separator: "; ")). \(part)"
}

private func classifierSentence(of finding: ProbeFinding) -> String {
  let kinds = Set(finding.rows.map(\.classifier))
  let machines = finding.rows.filter { $0.classifier == .svm }.flatMap { $0.folds.joined() }
  let solver =
    machines.allSatisfy(\.usesLibrary)
    ? "liblinear"
    : machines.contains(where: \.usesLibrary)
      ? "liblinear, or L-BFGS where memory is too short for it" : "L-BFGS"
  return paragraph(
    kinds.contains(.svm)
      ? "SVM: L2-regularised, squared hinge loss, one class against the rest (\(solver))." : "",
    kinds.contains(.softmax)
      ? "Softmax: L2-regularised multinomial logistic regression (L-BFGS)." : "")
}

private func searchSentence(of folds: [ProbeFold]) -> String {
  let searched = folds.map(\.searched).filter { $0 > 0 }
  guard let most = searched.max() else {
    return "C is \(listed(Set(folds.map(\.cost)).sorted().map { numberText($0) }))."
  }
  return "C is chosen in each fold on a fifth of \(countText(most)) training pictures, then the "
    + "classifier is fitted to all."
}

private func doubtSentence(of folds: [ProbeFold]) -> String {
  let ends = folds.count { $0.isAtEnd }
  let open = folds.count { !$0.hasConverged }
  let fits = counted(folds.count, "fit")
  return paragraph(
    ends > 0
      ? "In \(countText(ends)) of \(fits) the least or the greatest C was best." : "",
    open > 0 ? "\(countText(open)) of \(fits) did not converge." : "")
}

extension ProbePooling {
  fileprivate var sentence: String {
    switch self {
    case .grid:
      "Features: means of each map over a grid, of at most "
        + "\(countText(Self.mostGridFeatures)) in all if it has more than one place."
    case .mean: "Features: the mean of each map."
    case .flatten: "Features: all values of a layer."
    }
  }
}

extension FeatureScaling {
  fileprivate var sentence: String {
    switch self {
    case .standardize:
      "Each feature has mean 0 and deviation 1 over the training pictures of a fold."
    case .normalize: "The features of a picture have norm 1."
    case .none: "Features are not scaled."
    }
  }
}
