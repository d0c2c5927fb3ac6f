extension Recipe {
  /// - Throws: `RecipeError` for the first value that is out of range.
  public func check() throws(RecipeError) {
    try check(
      "architecture", architecture.isEmpty && from == nil ? "" : nil, expected: "a name")
    if let from { try check("from", from.isEmpty ? "" : nil, expected: "a checkpoint") }
    try check("data", data.isEmpty ? "" : nil, expected: "a path or scenes")
    if let labels { try check("labels", labels.isEmpty ? "" : nil, expected: "a table") }
    try checkChanges()
    if let classes { try checkClasses(classes) }
    try check("epochs", epochs, in: 1...1_000_000)
    try check("batchSize", batchSize, in: 1...65_536)
    try check("labelSmoothing", labelSmoothing, from: 0, below: 1)
    try check("validationFraction", validationFraction, from: 0, below: 1)
    if let dropout { try check("dropout", dropout, from: 0, below: 1) }
    for epoch in checkpointEpochs { try check("checkpointEpochs", epoch, in: 0...1_000_000) }
    try checkOptimizer()
    try checkSchedule()
    try checkAugmentation()
    try check("mixup", mixup, from: 0, to: 1000)
    try checkLayers()
    try checkEarlyStopping()
  }

  private func checkClasses(_ classes: [String]) throws(RecipeError) {
    try check("classes", classes.isEmpty ? classes : nil, expected: "at least one name")
    var seen: Set<String> = []
    for name in classes {
      try check("classes", seen.insert(name).inserted ? nil : name, expected: "every name once")
    }
  }

  private func checkOptimizer() throws(RecipeError) {
    try check("optimizer.learningRate", optimizer.learningRate, above: 0)
    try check("optimizer.momentum", optimizer.momentum, from: 0, below: 1)
    try check("optimizer.weightDecay", optimizer.weightDecay, from: 0, below: .infinity)
    try check("optimizer.epsilon", optimizer.epsilon, above: 0)
    try check("optimizer.clipNorm", optimizer.clipNorm, from: 0, below: .infinity)
    try check("optimizer.filterRadius", optimizer.filterRadius, from: 0, below: .infinity)
    try check("optimizer.averageDecay", optimizer.averageDecay, from: 0, below: 1)
    try check(
      "optimizer.betas", optimizer.betas.count == 2 ? nil : optimizer.betas,
      expected: "two numbers")
    for beta in optimizer.betas { try check("optimizer.betas", beta, from: 0, below: 1) }
    try check(
      "optimizer.nesterov", optimizer.nesterov && optimizer.momentum == 0 ? "momentum 0" : nil,
      expected: "a momentum above 0")
  }

  private func checkLayers() throws(RecipeError) {
    try check("layers.copiedRate", layers.copiedRate, from: 0, below: .infinity)
    for pattern in layers.rates.keys.sorted() {
      try check("layers.rates", layers.rates[pattern] ?? 0, from: 0, below: .infinity)
    }
    for pattern in layers.freeze + layers.rates.keys {
      try check("layers", pattern.isEmpty ? "" : nil, expected: "names of layers")
    }
    try check("layers.unfreezeEpochs", layers.unfreezeEpochs, in: 0...1_000_000)
    try check("layers.unfreezeLayers", layers.unfreezeLayers, in: 1...1_000_000)
  }

  private func checkEarlyStopping() throws(RecipeError) {
    try check("earlyStopping.patience", earlyStopping.patience, in: 0...1_000_000)
    try check("earlyStopping.minimumGain", earlyStopping.minimumGain, from: 0, below: .infinity)
    // Test pictures that decide when to stop are no longer a test.
    try check(
      "earlyStopping.patience",
      earlyStopping.isOn && validationFraction == 0 ? "validationFraction 0" : nil,
      expected: "a validationFraction above 0, because the test pictures must not decide",
      relatedKeys: ["validationFraction"])
  }

  private func checkSchedule() throws(RecipeError) {
    let milestones = schedule.milestones
    let isRising = zip(milestones, milestones.dropFirst()).allSatisfy(<)
    try check(
      "schedule.milestones", isRising && milestones.allSatisfy { $0 > 0 } ? nil : milestones,
      expected: "rising epochs above 0")
    try check(
      "schedule.milestones", schedule.name == .step && milestones.isEmpty ? "none" : nil,
      expected: "at least one for the step schedule", relatedKeys: ["schedule.name"])
    try check("schedule.gamma", schedule.gamma, above: 0, to: 1)
    try check(
      "schedule.warmupEpochs", schedule.warmupEpochs, from: 0, to: Double(epochs),
      relatedKeys: ["epochs"])
    try check(
      "schedule.minimum", schedule.minimum, from: 0, to: optimizer.learningRate,
      relatedKeys: ["optimizer.learningRate"])
    try check("schedule.patience", schedule.patience, in: 0...1_000_000)
  }

  /// What a user should know of settings that are allowed and change nothing, one line each.
  public var remarks: [String] {
    guard schedule.name == .step else { return [] }
    let late = schedule.milestones.filter { $0 >= epochs }
    guard !late.isEmpty else { return [] }
    let (noun, verb) = late.count == 1 ? ("milestone", "comes") : ("milestones", "come")
    let length = "\(epochs) epoch\(epochs == 1 ? "" : "s")"
    let effect =
      late.count == schedule.milestones.count
      ? "so the learning rate is never lowered"
      : "so the learning rate is lowered \(schedule.milestones.count - late.count) of "
        + "\(schedule.milestones.count) times"
    return [
      "the \(noun) \(late.map(String.init).joined(separator: ", ")) of the step schedule \(verb) "
        + "after the last of \(length), \(effect)"
    ]
  }

  /// - Parameter input: The shape of one picture `[C, H, W]`, series `[C, L]` or volume
  ///   `[C, D, H, W]`.
  /// - Throws: `RecipeError` if a shift or a square that is cut out is as large as that.
  public func checkAugmentation(ofInput input: [Int]) throws(RecipeError) {
    let extents = input.dropFirst().suffix(2)
    guard let side = extents.min() else { return }
    let whole =
      extents.count == 1
      ? "the length of the series"
      : "the shorter side of the \(extents.map(String.init).joined(separator: "×")) "
        + (input.count == 4 ? "frames" : "pictures")
    for (key, value) in [
      ("augmentation.padCrop", augmentation.padCrop), ("augmentation.cutout", augmentation.cutout),
    ] where value > 0 && value >= side {
      throw RecipeError(key, "expected less than \(side), \(whole), found \(value)")
    }
  }

  private func checkAugmentation() throws(RecipeError) {
    try check("augmentation.padCrop", augmentation.padCrop, in: 0...4096)
    try check("augmentation.cutout", augmentation.cutout, in: 0...4096)
    try check("augmentation.brightness", augmentation.brightness, from: 0, to: 1)
    try check("augmentation.contrast", augmentation.contrast, from: 0, to: 1)
    try check("augmentation.saturation", augmentation.saturation, from: 0, to: 1)
    try check("augmentation.noise", augmentation.noise, from: 0, to: 1)
  }

  private func check(
    _ key: String, _ wrong: Any?, expected: String, relatedKeys: [String] = []
  ) throws(RecipeError) {
    guard let wrong else { return }
    let found = "\(wrong)"
    throw RecipeError(
      key, "expected \(expected), found \(found.isEmpty ? "nothing" : found)",
      relatedKeys: relatedKeys)
  }

  private func check(_ key: String, _ value: Int, in range: ClosedRange<Int>) throws(RecipeError) {
    guard range.contains(value) else {
      throw RecipeError(
        key,
        "expected a number from \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
  }

  private func check(_ key: String, _ value: Double, above bound: Double) throws(RecipeError) {
    guard value > bound, value.isFinite else {
      throw RecipeError(key, "expected a number above \(brief(bound)), found \(brief(value))")
    }
  }

  private func check(
    _ key: String, _ value: Double, above lower: Double, to upper: Double
  ) throws(RecipeError) {
    guard value > lower, value <= upper else {
      throw RecipeError(
        key,
        "expected a number above \(brief(lower)) and up to \(brief(upper)), found \(brief(value))")
    }
  }

  private func check(
    _ key: String, _ value: Double, from lower: Double, to upper: Double,
    relatedKeys: [String] = []
  ) throws(RecipeError) {
    guard value >= lower, value <= upper else {
      throw RecipeError(
        key, "expected a number from \(brief(lower)) to \(brief(upper)), found \(brief(value))",
        relatedKeys: relatedKeys)
    }
  }

  private func check(
    _ key: String, _ value: Double, from lower: Double, below upper: Double
  ) throws(RecipeError) {
    guard value >= lower, value < upper else {
      let bound = upper.isFinite ? " and below \(brief(upper))" : ""
      throw RecipeError(
        key, "expected a number from \(brief(lower))\(bound), found \(brief(value))")
    }
  }

  /// Integers without `.0`.
  private func brief(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
