import Exhibits
import Files
import Foundation
import Galleries
import Networks
import Synchronization
import TestSupport
import Testing
import Training

@Suite(.serialized) struct `Experiments` {
  private func recipe(_ data: String, _ change: (inout Recipe) -> Void = { _ in }) -> Recipe {
    var recipe = Recipe(
      architecture: "lenet5", data: data, epochs: 2, batchSize: 8,
      optimizer: OptimizerSettings(learningRate: 0.02), seed: 3, checkpointEpochs: [])
    change(&recipe)
    return recipe
  }

  private func experiment(
    _ recipe: Recipe, without layers: [[String]] = [["fc4"], ["fc3", "fc4"]],
    into folder: String, limit: Int? = nil
  ) throws -> Experiment {
    let memory = MemoryBudget.ofMachine()
    let sources = try TrainingSources(
      recipe, .lenet5, memory: memory, limit: limit, holdsOut: true)
    let runs = try AblationExperiment.runs(recipe, .lenet5, without: layers)
    var experiment = try Experiment(runs, on: sources, into: folder, memory: memory)
    experiment.shifts = [0, 2]
    return experiment
  }

  /// Every file below a folder but the logs, which contain times.
  private func contents(_ folder: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder)
    where kindOfFile("\(folder)/\(name)") == .regular && !name.hasSuffix("log.csv") {
      contents[name] = try readFile("\(folder)/\(name)")
    }
    return contents
  }

  @Test func `train each network, and measure it`() throws {
    let folder = try TemporaryFolder()
    let recipe = recipe(try folder.pictures(["a": 20, "bb": 20]))
    let experiment = try experiment(recipe, into: folder["/out"], limit: 30)
    #expect(experiment.runs.map(\.name) == ["complete", "without-fc4", "without-fc3-fc4"])
    var (began, epochs): ([String: [String]], Int) = ([:], 0)
    let measures = try experiment.run(resuming: false) { event in
      switch event {
      case .began(let run, _, let changes): began[run.name] = changes
      case .training(.epoch(let epoch, _), _, _, _): epochs += epoch.epoch > 0 ? 1 : 0
      default: break
      }
    }
    #expect(epochs == 6)
    #expect(began["complete"] == [])
    #expect(began["without-fc4"]?.contains("fc4 is left out, and with it relu4") == true)
    // A fifth is held out, and 30 of the others are used.
    #expect(measures.allSatisfy { $0.trainingPictures == 30 && $0.testPictures == 8 })
    for run in measures {
      #expect((0...1).contains(run.trainingError) && (0...1).contains(run.testError))
      // All test pictures are shifted, by nothing at first.
      #expect(run.shifted.map(\.pixels) == [0, 2])
      #expect(abs((run.shifted.first?.accuracy ?? 9) - run.testAccuracy) < 1e-9)
      #expect(run.history.epochs.last?.epoch == 2)
    }
    let saved = measures.map { $0.parameters }
    #expect(saved[0] > saved[1] && saved[1] > 0)

    let report = try AblationExperiment.report(measures, on: experiment.sources)
    let paths = try report.write(to: folder["/out"])
    #expect(
      paths.map { URL(filePath: $0).lastPathComponent }
        == ["table.txt", "table.csv", "table.png", "errors.png", "curves.png"])
    let rows = try folder.text("out/table.csv").split(separator: "\n").map(String.init)
    #expect(
      rows[0]
        == "network,parameters,parameters_saved,multiply_adds,training_error,test_error,"
        + "test_accuracy_lost")
    #expect(rows[1].hasPrefix("\"lenet5, complete\",\(saved[0]),0,"))
    #expect(rows[2].hasPrefix("without fc4,\(saved[1]),"))
    #expect(rows.count == 4)
    #expect(folder.exists("out/runs/without-fc4/final.safetensors"))
    #expect(folder.exists("out/runs/without-fc4/curves.png"))
  }

  /// Stopped in the first epoch, in the second one of the first run, and in the second run.
  @Test(.slow, arguments: [2, 6, 11])
  func `that are continued equal uninterrupted ones`(steps: Int) throws {
    let folder = try TemporaryFolder()
    let recipe = recipe(try folder.pictures(["a": 16, "bb": 16]))
    let whole = try experiment(recipe, into: folder["/whole"])
    _ = try AblationExperiment.report(whole.run(resuming: false), on: whole.sources).write(
      to: folder["/whole"])

    var parts = try experiment(recipe, into: folder["/parts"])
    let left = Mutex(steps)
    parts.shouldStop = {
      left.withLock {
        $0 -= 1
        return $0 <= 0
      }
    }
    #expect(throws: TrainingStopped.self) { _ = try parts.run(resuming: false) }
    #expect(Experiment.exists(in: folder["/parts"]))
    parts.shouldStop = { false }
    var kept = 0
    let measures = try parts.run(resuming: true) { event in
      if case .kept = event { kept += 1 }
    }
    #expect(kept == (steps > 8 ? 1 : 0))
    _ = try AblationExperiment.report(measures, on: parts.sources).write(to: folder["/parts"])
    #expect(try contents(folder["/whole"]) == contents(folder["/parts"]))

    // All runs are finished: nothing is trained again.
    let again = try parts.run(resuming: true) { event in
      if case .began = event { Issue.record("trained again") }
    }
    #expect(again == measures)
  }

  @Test func `are not continued with another recipe or other pictures`() throws {
    let folder = try TemporaryFolder()
    let data = try folder.pictures(["a": 10, "bb": 10])
    let out = folder["/out"]
    let first = try experiment(recipe(data), without: [["fc4"]], into: out)
    _ = try first.run(resuming: false)
    func problem(_ experiment: Experiment) -> String {
      let error = #expect(throws: FileError.self) { _ = try experiment.run(resuming: true) }
      return error?.reason ?? ""
    }
    let other = try experiment(recipe(data) { $0.seed = 4 }, without: [["fc4"]], into: out)
    #expect(
      problem(other)
        == "the run was made with seed 3, not 4; use --restart to make all anew, or another --output"
    )
    let fewer = try experiment(recipe(data), without: [["fc4"]], into: out, limit: 5)
    #expect(
      problem(fewer).hasPrefix("the run was made with 16 training and 4 test pictures, not 5 and 4")
    )
    // Another network is added to those that are finished.
    var kept = 0
    _ = try experiment(recipe(data), without: [["fc4"], ["fc3"]], into: out).run(resuming: true) {
      if case .kept = $0 { kept += 1 }
    }
    #expect(kept == 2)
  }

  @Test func `whose networks cannot be made fail before any is trained`() throws {
    let folder = try TemporaryFolder()
    let recipe = recipe(try folder.pictures(["a": 10, "bb": 10]))
    let error = #expect(throws: RecipeError.self) {
      _ = try experiment(recipe, without: [["fc4"], ["fc9"]], into: folder["/out"])
    }
    #expect(error?.key == "changes")
    #expect(error?.reason.contains("no layer 'fc9'") == true)
    #expect(error?.reason.contains("(in the run 'without fc9')") == true)
    #expect(throws: UsageError.self) {
      _ = try experiment(recipe, without: [["fc4"], ["fc4"]], into: folder["/out"])
    }
    #expect(!folder.exists("out"))
  }

  /// Zeiler and Fergus (2014), table 3.
  @Test(arguments: [
    (Architecture.alexnetMini, ["fc7", "fc6, fc7", "conv3, conv4", "conv3, conv4, fc6, fc7"]),
    (.alexnetOriginal, ["fc7", "fc6, fc7", "conv3, conv4", "conv3, conv4, fc6, fc7"]),
    (
      .alexnet,
      [
        "classifier.4", "classifier.1, classifier.4", "features.6, features.8",
        "features.6, features.8, classifier.1, classifier.4",
      ]
    ),
  ])
  func `leave out the paper's layers`(architecture: Architecture, layers: [String]) throws {
    let recipe = Recipe(architecture: architecture.rawValue, data: "")
    let runs = try AblationExperiment.runs(recipe, architecture, without: [])
    #expect(runs.dropFirst().map(\.label) == layers.map { "without \($0)" })
  }

  @Test func `say which layers there are if the network is not like AlexNet`() throws {
    let error = #expect(throws: UsageError.self) {
      try AblationExperiment.runs(
        Recipe(architecture: "lenet5", data: ""), .lenet5, without: [])
    }
    #expect(
      error?.description
        == "lenet5 has not the eight layers of AlexNet, so give those to leave out, such as "
        + "--without fc4; it has conv1, conv2, fc3, fc4")
  }

  @Test func `repeat each network with other random numbers`() throws {
    let folder = try TemporaryFolder()
    let recipe = recipe(try folder.pictures(["a": 10, "bb": 10])) { $0.epochs = 1 }
    let memory = MemoryBudget.ofMachine()
    let sources = try TrainingSources(recipe, .lenet5, memory: memory, holdsOut: true)
    func experiment(_ seeds: Int) throws -> Experiment {
      try Experiment(
        AblationExperiment.runs(recipe, .lenet5, without: [["fc4"]], seeds: seeds), on: sources,
        into: folder["/out"], memory: memory)
    }
    let once = try experiment(1).run(resuming: false)
    let repeated = try experiment(2)
    #expect(
      repeated.runs.map(\.name) == ["complete", "complete-2", "without-fc4", "without-fc4-2"])
    #expect(repeated.runs.map(\.recipe.seed) == [3, 4, 3, 4])
    #expect(repeated.runs[1].label == "lenet5, complete, 2 of 2")
    // Those of the first seed are kept.
    var kept: [Int] = []
    let measures = try repeated.run(resuming: true) { event in
      if case .kept(_, let number) = event { kept.append(number) }
    }
    #expect(kept == [1, 3] && measures[0] == once[0] && measures[2] == once[1])
    let report = try AblationExperiment.report(measures, on: sources)
    let names = try report.write(to: folder["/out"]).map { URL(filePath: $0).lastPathComponent }
    #expect(
      names == ["table.txt", "table.csv", "runs.csv", "table.png", "errors.png", "curves.png"])
    func rows(_ name: String) throws -> [[String]] {
      try folder.text("out/\(name)").split(separator: "\n")
        .map { $0.replacing("lenet5, complete", with: "all").replacing("\"", with: "") }
        .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }
    let table = try rows("table.csv")
    #expect(
      table[0] == [
        "network", "parameters", "parameters_saved", "multiply_adds", "training_error",
        "training_error_deviation", "test_error", "test_error_deviation", "test_accuracy_lost",
        "test_accuracy_lost_deviation", "runs",
      ])
    #expect(table.count == 3 && table.allSatisfy { $0.count == 11 })
    // Mean and sample deviation of two numbers.
    let (first, second) = (measures[2].testError, measures[3].testError)
    #expect(abs((Double(table[2][6]) ?? 9) - (first + second) / 2) < 1e-6)
    #expect(abs((Double(table[2][7]) ?? 9) - abs(first - second) / 2.0.squareRoot()) < 1e-6)
    // Each is compared with the complete network of the same seed.
    let lost = [first - measures[0].testError, second - measures[1].testError]
    #expect(abs((Double(table[2][8]) ?? 9) - (lost[0] + lost[1]) / 2) < 1e-6)
    let runs = try rows("runs.csv")
    #expect(runs.count == 5 && runs[0].last == "seed")
    #expect(runs.dropFirst().map(\.last) == ["3", "4", "3", "4"])
    // Of two classes, guessing is wrong for every other picture.
    let text = try folder.text("out/table.txt").split(separator: "\n")
    #expect(text.last?.hasPrefix("chance") == true && text.last?.contains("50.00 %") == true)
    #expect(text.dropFirst().contains { $0.contains(" ± ") })
  }

  @Test func `of unequal classes are compared with always the most frequent one`() throws {
    let folder = try TemporaryFolder()
    let recipe = recipe(try folder.pictures(["a": 40, "bb": 12, "ccc": 4])) { $0.epochs = 1 }
    let experiment = try experiment(recipe, without: [["fc4"]], into: folder["/out"])
    let report = try AblationExperiment.report(
      experiment.run(resuming: false), on: experiment.sources)
    let row = try #require(report.table.rows.last)
    // 8 of 11 test pictures are of the class a, and 32 of 45 training pictures.
    #expect(row[0] == "always the most frequent class")
    #expect(Array(row[4...]) == ["28.89 %", "27.27 %", "–"])
    for (_, figure) in report.figures {
      #expect(figure.caption.contains("Always the most frequent class"))
      #expect(!figure.caption.contains("Chance"))
    }
  }

  @Test(.slow) func `of architectures compare them on shifted pictures`() throws {
    let folder = try TemporaryFolder()
    let recipe = recipe(try folder.pictures(["a": 10, "bb": 10])) { $0.epochs = 1 }
    let designs = ArchitectureExperiment.usualDesigns
    let memory = MemoryBudget.ofMachine()
    var experiment = try Experiment(
      ArchitectureExperiment.runs(designs, recipe),
      on: TrainingSources(recipe, .mlp, memory: memory, holdsOut: true),
      into: folder["/out"], memory: memory)
    experiment.shifts = [0, 1]
    #expect(
      experiment.runs.map(\.name) == [
        "mlp", "local", "lenet5", "lenet5-pooling_stride", "lenet5-pooling_convolution",
      ])
    let report = try ArchitectureExperiment.report(
      experiment.run(resuming: false), on: experiment.sources)
    let names = try report.write(to: folder["/out"]).map { URL(filePath: $0).lastPathComponent }
    #expect(names == ["table.txt", "table.csv", "table.png", "curves.png", "shifts.png"])
    for name in ["table", "shifts"] {
      let figure = try #require(report.figures.first { $0.name == name }?.figure)
      #expect(figure.caption.contains("The standard error of "), "\(figure.caption)")
    }
    let head = try folder.text("out/table.csv").split(separator: "\n")[0]
    #expect(
      head == "network,parameters,multiply_adds,training_accuracy,test_accuracy,accuracy_shifted_1")
    let own = try ArchitectureExperiment.Design("lenet5 pooling=average dropout=0.2")
    #expect(own.architecture == .lenet5 && own.changes?.pooling == .average)
    #expect(throws: UsageError.self) { try ArchitectureExperiment.Design("lenet") }
    #expect(throws: UsageError.self) { try ArchitectureExperiment.Design("lenet5 pooling=mean") }
  }
}
