import ArgumentParser
import Exhibits
import Files
import Foundation
import Networks
import Training

/// Several networks, trained and measured on the same pictures.
struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Train several networks on the same pictures, and compare them.",
    discussion: """
      Writes a table (table.txt, table.csv, table.png), figures, and each network's training run \
      in runs/NAME. Finished runs are kept when an interrupted experiment is continued with --resume.
      """,
    subcommands: [AblationCommand.self, ArchitecturesCommand.self, TransferCommand.self])
}

/// Trains a network without some of its layers.
struct AblationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ablation",
    abstract: "Train a network without some of its layers: which does it need?",
    discussion: """
      After Zeiler and Fergus 2014, table 3. The next layers adapt to what they read. For eight \
      layers like AlexNet's, those left out are 7; 6 and 7; 3 and 4; 3, 4, 6 and 7.

        fovea experiment ablation --data cifar-10 --output output/ablation
        fovea experiment ablation --data mnist -a lenet5 --without fc4 --without conv2,fc4
      """)

  @Option(name: .shortAndLong, help: "Name of the complete architecture.")
  var architecture: String?

  @Option(
    help: ArgumentHelp(
      """
      Layers to leave out, separated by commas, in one network. Can be given several times.
      """, valueName: "layers"))
  var without: [String] = []

  @OptionGroup var pictures: ExperimentPictures
  @OptionGroup var options: ExperimentOptions

  /// Trains each network for about a minute per epoch or less on two cores.
  private static let usualLimit = 10_000

  func run() throws {
    var recipe = try options.recipe(
      architecture: architecture ?? "alexnet-mini", epochs: 20, data: pictures.data)
    recipe.architecture = architecture ?? recipe.architecture
    let known = try options.architecture(of: recipe)
    let removals = try without.map { try namePatterns($0, of: "--without") }
    let runs = try AblationExperiment.runs(recipe, known, without: removals, seeds: pictures.seeds)
    try options.run(
      runs, on: pictures, named: "ablation",
      limit: pictures.limit ?? (options.recipe == nil ? Self.usualLimit : nil),
      report: AblationExperiment.report(_:on:))
  }
}

/// Trains networks of different architecture.
struct ArchitecturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "architectures",
    abstract: "Compare fully connected, locally connected and convolutional networks.",
    discussion: """
      By default a fully connected network, a locally connected one, a convolutional one with max \
      pooling, one with strides and one with convolutions in place of the pools: their parameters, \
      multiply-adds, accuracy, training curves, and accuracy on shifted test pictures.

        fovea experiment architectures --data mnist
        fovea experiment architectures --data cifar-10 --network mlp --network 'lenet5 pooling=average'
      """)

  @Option(
    help: ArgumentHelp(
      """
      An architecture, with changes as train --change takes them, separated by spaces. Can be given \
      several times; replaces the usual ones.
      """, valueName: "network"))
  var network: [String] = []

  @Option(
    help: ArgumentHelp(
      "By how many pixels test pictures are shifted, separated by commas.", valueName: "pixels"))
  var shifts: String?

  @OptionGroup var pictures: ExperimentPictures
  @OptionGroup var options: ExperimentOptions

  func validate() throws { _ = try chosenShifts() }

  private func chosenShifts() throws -> [Int] {
    guard let shifts else { return ArchitectureExperiment.usualShifts }
    let numbers = shifts.split(separator: ",", omittingEmptySubsequences: false)
      .map { Int($0.trimmingCharacters(in: .whitespaces)) }
    guard numbers.allSatisfy({ $0.map((0...4096).contains) ?? false }) else {
      throw ValidationError(
        "--shifts: expected numbers from 0 to 4096, separated by commas, found '\(shifts)'")
    }
    return Set(numbers.compactMap(\.self)).union([0]).sorted()
  }

  func run() throws {
    let designs =
      network.isEmpty
      ? ArchitectureExperiment.usualDesigns
      : try network.map { try ArchitectureExperiment.Design($0) }
    var recipe = try options.recipe(
      architecture: designs.first?.architecture.rawValue ?? "mlp", epochs: 8, data: pictures.data)
    if options.recipe == nil {
      // Shifted training pictures would teach every network what is to be compared.
      recipe.augmentation = Augmentation()
    }
    try options.run(
      ArchitectureExperiment.runs(designs, recipe, seeds: pictures.seeds), on: pictures,
      named: "architectures",
      limit: pictures.limit, shifts: chosenShifts(), report: ArchitectureExperiment.report(_:on:))
  }
}
