internal import Analysis
internal import Files
internal import Foundation
internal import Galleries
package import Networks
internal import TensorCore
package import Training

/// Why networks for pictures are convolutional: a fully connected network, one that is locally
/// connected, convolutional ones, and ones without pools, on the same pictures.
package enum ArchitectureExperiment {
  /// An architecture with changes, such as `lenet5 pooling=stride`.
  package struct Design: Sendable, Hashable {
    package let architecture: Architecture
    package let changes: ArchitectureChanges?
    let label: String

    /// - Throws: `UsageError` if there is no such architecture or change.
    package init(_ text: String) throws(UsageError) {
      let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let name = words.first, let architecture = Architecture(rawValue: name) else {
        throw UsageError(
          "--network: no architecture '\(words.first ?? "")'"
            + suggestion(for: words.first ?? "", among: Architecture.allCases.map(\.rawValue)))
      }
      guard architecture.usualInputShape.rank == 3 else {
        throw UsageError(
          "--network: expected an architecture for pictures, found '\(name)', which takes inputs "
            + "like \(architecture.usualInputShape)")
      }
      var changes = ArchitectureChanges()
      for word in words.dropFirst() {
        do throws(ArchitectureChangeError) {
          try changes.add(word)
          try changes.check()
        } catch {
          throw UsageError("--network: \(text): \(error)")
        }
      }
      self.init(
        architecture, changes.isEmpty ? nil : changes,
        label: changes.isEmpty ? name : "\(name), \(changes)")
    }

    init(_ architecture: Architecture, _ changes: ArchitectureChanges? = nil, label: String) {
      (self.architecture, self.changes, self.label) = (architecture, changes, label)
    }

    fileprivate var fileName: String {
      let text = ([architecture.rawValue] + [changes?.description].compactMap(\.self))
        .joined(separator: "-")
      return String(
        text.map { $0.isLetter && $0.isASCII || $0.isNumber || "._-".contains($0) ? $0 : "_" })
    }
  }

  /// All at most as large as trains in a minute on two cores.
  package static let usualDesigns = [
    Design(.mlp, label: "fully connected"),
    Design(.local, label: "locally connected"),
    Design(.lenet5, label: "convolutional, max pooling"),
    Design(
      .lenet5, ArchitectureChanges(pooling: .stride), label: "convolutional, strides for pools"),
    Design(
      .lenet5, ArchitectureChanges(pooling: .convolution),
      label: "all convolutional, convolutions for pools"),
  ]

  /// In pixels.
  package static let usualShifts = [0, 1, 2, 3, 4, 6]

  /// - Parameters:
  ///   - recipe: How all of them are trained; its architecture and changes are replaced.
  ///   - seeds: How often each network is trained, with other random numbers.
  package static func runs(
    _ designs: [Design], _ recipe: Recipe, seeds: Int = 1
  ) -> [ExperimentRun] {
    designs.flatMap { design in
      var own = recipe
      own.architecture = design.architecture.rawValue
      own.changes = design.changes
      return Draw.all(seeds).map { draw in
        ExperimentRun(
          name: design.fileName, label: design.label, own, design.architecture, draw: draw)
      }
    }
  }

  /// - Parameters:
  ///   - measures: In the order of the runs.
  ///   - sources: The pictures of all runs.
  package static func report(
    _ measures: [RunMeasures], on sources: TrainingSources
  ) throws -> ExperimentReport {
    let networks = RepeatedRuns.grouped(measures)
    let guessing = try Guessing(sources)
    let guesses = [guessing.training, guessing.test]
    let pixels = measures.first?.shifted.map(\.pixels) ?? []
    let shown = pixels.filter { $0 > 0 }
    var columns = [
      ExperimentTable.network,
      .count("Parameters", "parameters", \.parameters),
      .count("Multiply-adds", "multiply_adds", \.multiplyAdds),
      .percent("Training accuracy", "training_accuracy", guess: guessing.training) {
        1 - $0.trainingError
      },
      .percent("Test accuracy", "test_accuracy", guess: guessing.test, \.testAccuracy),
    ]
    columns += shown.map { shift in
      .percent("shifted by \(shift) px", "accuracy_shifted_\(shift)", guess: guessing.test) { run in
        run.shifted.first { $0.pixels == shift }?.accuracy ?? .nan
      }
    }
    let table = ExperimentTable(columns, of: networks)
    let repeats = repeatRemark(networks)
    func shifted(_ network: RepeatedRuns) -> [RepeatedMeasure] {
      pixels.map { shift in
        network.measure { run in run.shifted.first { $0.pixels == shift }?.accuracy ?? .nan }
      }
    }
    let tested = measures.first?.testPictures ?? 0
    let certainty = standardErrorRemark(
      "a test accuracy", networks.map { $0.measure(\.testAccuracy).mean }, pictures: tested)
    // The mean of four directions is at least as certain as one of them.
    let shiftCertainty = standardErrorRemark(
      "an accuracy on shifted pictures", networks.flatMap(shifted).map(\.mean),
      pictures: ShiftedPictures.count(of: tested, sources.preprocessing))
    let subtitle = subtitle(of: measures)
    let shifting =
      "Accuracy on shifted pictures is the mean of shifts up, down, left and right, of up to "
      + "\(grouped(ShiftedPictures.most)) test pictures whose border is repeated; no network was "
      + "trained on shifted pictures unless the recipe says so."
    var figures = [
      (
        name: "table",
        figure: experimentTableFigure(
          title: "Fully connected, locally connected and convolutional networks",
          subtitle: subtitle, heads: table.heads, rows: table.rows,
          caption: "All were trained by the same recipe. Multiply-adds are for one picture. A "
            + "locally connected network has the windows of a convolutional one, but shares no "
            + "filters (LeCun 1989); strides or convolutions instead of pools are after Springenberg "
            + "et al. 2015, section 2."
            + (shown.isEmpty ? "" : " " + shifting) + " " + guessSentence(guesses) + repeats
            + certainty + (shown.isEmpty ? "" : shiftCertainty))
      ),
      (
        name: "curves",
        figure: experimentCurvesFigure(
          title: "How different architectures learned", subtitle: subtitle,
          networks: networks.map { ($0.label, $0.curve) }, guesses: guessing.pair,
          caption: "Each point is an epoch\(meanPoint(networks)). Training accuracy is measured "
            + "during the epoch. \(guessSentence(guesses))")
      ),
    ]
    if !shown.isEmpty {
      figures.append(
        (
          name: "shifts",
          figure: shiftFigure(
            title: "Accuracy on shifted test pictures", subtitle: subtitle, shifts: pixels,
            networks: networks.map { ($0.label, shifted($0)) }, guess: guessing.test,
            caption: "\(shifting) \(guessSentence([guessing.test]))\(repeats)\(shiftCertainty)")
        ))
    }
    return ExperimentReport(
      table: table, figures: figures, runs: ExperimentTable.runs(columns, of: networks))
  }
}
