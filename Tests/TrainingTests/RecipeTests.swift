import Files
import Foundation
import Networks
import TestSupport
import Testing
import Training

@Suite struct Recipes {
  private func read(_ json: String, missing: MissingKeys = MissingKeys()) throws -> Recipe {
    let folder = try TemporaryFolder()
    let path = try folder.write(json, "recipe.json")
    do {
      return try Recipe.read(path, limit: 1 << 20, missing: missing) {
        try JSONDecoder().decode(RecipeDraft.self, from: $0)
      }
    } catch {
      throw FileError(error.kind, "recipe", error.reason)
    }
  }

  @Test func `two keys are enough`() throws {
    let recipe = try read(#"{"architecture":"lenet5","data":"mnist"}"#)
    #expect(recipe == Recipe(architecture: "lenet5", data: "mnist"))
    #expect(recipe.checkpointEpochs == [1, 2, 5, 10, 20, 30, 40, 64])
  }

  @Test func `changes of the architecture are read, and written so that they are read again`()
    throws
  {
    let recipe = try read(
      """
      {"architecture": "lenet5", "data": "a", "changes": {"remove": "fc4", "resize": {"fc3": 20},
       "pooling": "stride", "normalization": "none", "activation": "tanh", "dropout": 0.5}}
      """)
    let expected = ArchitectureChanges(
      remove: ["fc4"], resize: ["fc3": 20], pooling: .stride,
      normalization: ArchitectureChanges.Normalization.none, activation: .tanh, dropout: 0.5)
    #expect(recipe.changes == expected)
    let again = try JSONDecoder().decode(Recipe.self, from: JSONEncoder().encode(recipe))
    #expect(again == recipe)
    let plain = try JSONEncoder().encode(Recipe(architecture: "lenet5", data: "a"))
    #expect(!String(decoding: plain, as: UTF8.self).contains("changes"))
  }

  @Test(arguments: [
    (
      #"{"delete": ["fc4"]}"#,
      "changes.delete: is not a key of a recipe; expected one of "
        + "remove, resize, pooling, normalization, activation, dropout"
    ),
    (
      #"{"pooling": "mean"}"#,
      "changes.pooling: expected one of max, average, stride, convolution; found mean"
    ),
    (#"{"dropout": 1}"#, "changes: dropout: expected a number from 0 and below 1, found 1.0"),
    (#"{"remove": 7}"#, "changes.remove: expected a list"),
  ])
  func `changes that are none are an error`(changes: String, reason: String) throws {
    let error = try #require(throws: FileError.self) {
      try read(#"{"architecture": "lenet5", "data": "a", "changes": \#(changes)}"#)
    }
    #expect(error.reason == reason)
  }

  @Test func `every key is read, and written so that it is read again`() throws {
    let recipe = try read(
      """
      {"architecture": "allcnn", "data": "a", "testData": "b", "classes": ["cat", "dog"],
       "epochs": 7, "batchSize": 3, "seed": 18446744073709551615, "dropout": 0.25,
       "labelSmoothing": 0.1, "initialization": "glorot", "checkpointEpochs": [3], "validationFraction": 0.2,
       "optimizer": {"name": "adamw", "learningRate": 1, "momentum": 0.5, "nesterov": true,
         "weightDecay": 0.01, "decayBiases": false, "betas": [0.8, 0.9], "epsilon": 1e-6,
         "clipNorm": 2, "filterRadius": 0.1, "averageDecay": 0.99},
       "schedule": {"name": "step", "milestones": [2, 4], "gamma": 0.5, "warmupEpochs": 0.5,
         "minimum": 0.001, "patience": 3},
       "augmentation": {"flip": true, "padCrop": 4, "cutout": 8, "brightness": 0.1,
         "contrast": 0.2, "saturation": 0.3, "noise": 0.4},
       "from": "c.onnx", "labels": "d.csv", "mixup": 0.2, "sampling": "balanced",
       "layers": {"freeze": ["a*"], "rates": {"b": 0.5}, "copiedRate": 0.1,
         "newClassifier": true, "unfreezeEpochs": 1, "unfreezeLayers": 2},
       "earlyStopping": {"patience": 3, "measure": "accuracy", "minimumGain": 0.01}}
      """)
    let expected = Recipe(
      architecture: "allcnn", data: "a", testData: "b", classes: ["cat", "dog"], epochs: 7,
      batchSize: 3,
      optimizer: OptimizerSettings(
        name: .adamw, learningRate: 1, momentum: 0.5, nesterov: true, weightDecay: 0.01,
        decayBiases: false, betas: [0.8, 0.9], epsilon: 1e-6, clipNorm: 2, filterRadius: 0.1,
        averageDecay: 0.99),
      schedule: Schedule(
        name: .step, milestones: [2, 4], gamma: 0.5, warmupEpochs: 0.5, minimum: 0.001,
        patience: 3),
      augmentation: Augmentation(
        flip: true, padCrop: 4, cutout: 8, brightness: 0.1, contrast: 0.2, saturation: 0.3,
        noise: 0.4),
      initialization: .glorot, dropout: 0.25, labelSmoothing: 0.1, seed: .max,
      checkpointEpochs: [3],
      validationFraction: 0.2, from: "c.onnx", mixup: 0.2, sampling: .balanced,
      layers: LayerSettings(
        freeze: ["a*"], rates: ["b": 0.5], copiedRate: 0.1, newClassifier: true,
        unfreezeEpochs: 1, unfreezeLayers: 2),
      earlyStopping: EarlyStopping(patience: 3, measure: .accuracy, minimumGain: 0.01),
      labels: "d.csv")
    #expect(recipe == expected)
    let encoded = try JSONEncoder().encode(recipe)
    #expect(try JSONDecoder().decode(Recipe.self, from: encoded) == expected)
  }

  @Test(arguments: [
    (#"{"name":"adam"}"#, 0.001), (#"{"name":"adamw"}"#, 0.001), (#"{"name":"sgd"}"#, 0.01),
    ("{}", 0.01), (#"{"name":"adam","learningRate":0.02}"#, 0.02),
  ]) func `an optimizer has a rate of its own`(optimizer: String, rate: Double) throws {
    let recipe = try read(
      #"{"architecture":"mlp","data":"a","optimizer":\#(optimizer)}"#)
    #expect(recipe.optimizer.learningRate == rate)
  }

  @Test func `milestones that never come are said`() {
    func remarks(_ milestones: [Int], epochs: Int = 10) -> [String] {
      Recipe(
        architecture: "mlp", data: "a", epochs: epochs,
        schedule: Schedule(name: .step, milestones: milestones)
      ).remarks
    }
    #expect(remarks([3, 9]) == [])
    #expect(
      remarks([3, 10]) == [
        "the milestone 10 of the step schedule comes after the last of 10 epochs, so the learning "
          + "rate is lowered 1 of 2 times"
      ])
    #expect(
      remarks([30, 60], epochs: 1) == [
        "the milestones 30, 60 of the step schedule come after the last of 1 epoch, so the learning "
          + "rate is never lowered"
      ])
    #expect(Recipe(architecture: "mlp", data: "a").remarks == [])
  }

  @Test(arguments: [
    ([3, 20, 30], "the shorter side of the 20×30 pictures", 20),
    ([1, 12], "the length of the series", 12),
    ([1, 4, 20, 16], "the shorter side of the 20×16 frames", 16),
  ]) func `shifts and cutouts leave something of each example`(
    input: [Int], whole: String, side: Int
  ) throws {
    var recipe = Recipe(architecture: "mlp", data: "a")
    for (key, path) in [
      ("padCrop", \Recipe.augmentation.padCrop), ("cutout", \Recipe.augmentation.cutout),
    ] {
      recipe.augmentation = Augmentation()
      recipe[keyPath: path] = side - 1
      try recipe.checkAugmentation(ofInput: input)
      recipe[keyPath: path] = side
      #expect(
        throws: RecipeError(
          "augmentation.\(key)", "expected less than \(side), \(whole), found \(side)")
      ) { try recipe.checkAugmentation(ofInput: input) }
    }
    // No shift is less than a pixel.
    recipe.augmentation = Augmentation()
    try recipe.checkAugmentation(ofInput: [1, 1, 1])
  }

  private static let defects: [(json: String, reason: String)] = [
    (#""epoch":3"#, "epoch: is not a key of a recipe; did you mean epochs?"),
    (
      #""optimizer":{"lerningRate":3}"#,
      "optimizer.lerningRate: is not a key of a recipe; did you mean learningRate?"
    ),
    (
      #""schedule":{"shape":3}"#,
      """
      schedule.shape: is not a key of a recipe; expected one of name, milestones, gamma, \
      warmupEpochs, minimum, patience
      """
    ),
    (
      #""optimizer":{"name":"rmsprop"}"#,
      "optimizer.name: expected one of sgd, adam, adamw; found rmsprop"
    ),
    (
      #""initialization":"zero""#,
      "initialization: expected one of he, glorot, paper; found zero"
    ),
    (#""epochs":"many""#, "epochs: expected an integer"),
    (#""optimizer":{"learningRate":"high"}"#, "optimizer.learningRate: expected a number"),
    (#""checkpointEpochs":3"#, "checkpointEpochs: expected a list"),
    (#""checkpointEpochs":[1,"a"]"#, "checkpointEpochs[1]: expected an integer"),
    (#""schedule":3"#, "schedule: expected keys and values"),
    (#""epochs":0"#, "epochs: expected a number from 1 to 1000000, found 0"),
    (#""batchSize":-1"#, "batchSize: expected a number from 1 to 65536, found -1"),
    (#""classes":[]"#, "classes: expected at least one name, found []"),
    (#""classes":["a","b","a"]"#, "classes: expected every name once, found a"),
    (#""dropout":1"#, "dropout: expected a number from 0 and below 1, found 1"),
    (
      #""optimizer":{"learningRate":-0.5}"#,
      "optimizer.learningRate: expected a number above 0, found -0.5"
    ),
    (
      #""optimizer":{"weightDecay":-1}"#,
      "optimizer.weightDecay: expected a number from 0, found -1"
    ),
    (#""optimizer":{"betas":[0.9]}"#, "optimizer.betas: expected two numbers, found [0.9]"),
    (
      #""optimizer":{"nesterov":true,"momentum":0}"#,
      "optimizer.nesterov: expected a momentum above 0, found momentum 0"
    ),
    (
      #""schedule":{"name":"step"}"#,
      "schedule.milestones: expected at least one for the step schedule, found none"
    ),
    (
      #""schedule":{"milestones":[4,2]}"#,
      "schedule.milestones: expected rising epochs above 0, found [4, 2]"
    ),
    (
      #""schedule":{"gamma":0}"#,
      "schedule.gamma: expected a number above 0 and up to 1, found 0"
    ),
    (
      #""schedule":{"warmupEpochs":11}"#,
      "schedule.warmupEpochs: expected a number from 0 to 10, found 11"
    ),
    (
      #""schedule":{"minimum":1}"#,
      "schedule.minimum: expected a number from 0 to 0.01, found 1"
    ),
    (
      #""augmentation":{"noise":1.5}"#,
      "augmentation.noise: expected a number from 0 to 1, found 1.5"
    ),
    (
      #""checkpointEpochs":[-1]"#, "checkpointEpochs: expected a number from 0 to 1000000, found -1"
    ),
    (
      #""validationFraction":1"#,
      "validationFraction: expected a number from 0 and below 1, found 1"
    ),
    (#""mixup":-1"#, "mixup: expected a number from 0 to 1000, found -1"),
    (#""sampling":"fair""#, "sampling: expected one of shuffled, balanced; found fair"),
    (
      #""optimizer":{"averageDecay":1}"#,
      "optimizer.averageDecay: expected a number from 0 and below 1, found 1"
    ),
    (
      #""layers":{"unfreezeLayers":0}"#,
      "layers.unfreezeLayers: expected a number from 1 to 1000000, found 0"
    ),
    (
      #""layers":{"rates":{"a":-1}}"#, "layers.rates: expected a number from 0, found -1"
    ),
    (#""layers":{"freez":[]}"#, "layers.freez: is not a key of a recipe; did you mean freeze?"),
    (
      #""earlyStopping":{"patience":2}"#,
      "earlyStopping.patience: expected a validationFraction above 0, because the test pictures "
        + "must not decide, found validationFraction 0"
    ),
  ]

  @Test(arguments: defects)
  func `a wrong value is named by its key`(json: String, reason: String) {
    let expected = FileError(.malformed, "recipe", reason)
    #expect(throws: expected) {
      try read("{\"architecture\":\"lenet5\",\"data\":\"mnist\",\(json)}")
    }
  }

  @Test func `a missing key is named`() {
    #expect(throws: FileError(.malformed, "recipe", "data: is missing")) {
      try read(#"{"architecture":"lenet5"}"#)
    }
  }

  @Test func `a network to start from needs no architecture`() throws {
    #expect(
      try read(#"{"from":"a.onnx","data":"mnist"}"#)
        == Recipe(architecture: "", data: "mnist", from: "a.onnx"))
    #expect(throws: FileError(.malformed, "recipe", "architecture: is missing")) {
      try read(#"{"data":"mnist"}"#)
    }
  }

  @Test func `what is given otherwise may be left out, and does not replace what is there`() throws
  {
    let given = MissingKeys(architecture: "lenet5", data: "mnist", options: ["data": "--data"])
    #expect(
      try read(#"{"epochs":3}"#, missing: given)
        == Recipe(architecture: "lenet5", data: "mnist", epochs: 3))
    #expect(
      try read(#"{"architecture":"mlp","data":"a"}"#, missing: given)
        == Recipe(architecture: "mlp", data: "a"))
    #expect(
      try read("{}", missing: MissingKeys(from: "a.onnx", data: "mnist"))
        == Recipe(architecture: "", data: "mnist", from: "a.onnx"))
    #expect(
      throws: FileError(
        .malformed, "recipe", "data: is missing; give it in the recipe or with --data")
    ) {
      try read(#"{"architecture":"mlp"}"#, missing: MissingKeys(data: "", options: given.options))
    }
    // What was trained says everything itself.
    #expect(throws: RecipeError("data", "is missing")) {
      try JSONDecoder().decode(Recipe.self, from: Data(#"{"architecture":"mlp"}"#.utf8))
    }
  }

  @Test func `a missing file is said to be missing`() {
    #expect(throws: FileError(.missing, "no/recipe.yaml", "no such file")) {
      try Recipe.read("no/recipe.yaml", limit: 1 << 20) {
        try JSONDecoder().decode(RecipeDraft.self, from: $0)
      }
    }
  }
}
