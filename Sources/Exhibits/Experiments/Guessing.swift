internal import Datasets
internal import Drawing
internal import Files
internal import Galleries

/// What guessing reaches on the pictures of an experiment.
struct Guessing {
  let training: Guess
  let test: Guess

  init(_ sources: TrainingSources) throws {
    func guess(_ part: (any Dataset)?) throws -> Guess {
      let labels =
        try part.map { part in try (0..<part.count).map { try part.label(at: $0) } } ?? []
      return Guess(labels: labels.compactMap(\.self), classes: sources.classNames.count)
    }
    (training, test) = (try guess(sources.training), try guess(sources.test))
  }

  /// For figures with a panel for each.
  var pair: (training: Guess, test: Guess) { (training, test) }
}

/// What captions say of guesses.
///
/// - Parameter isError: Whether errors are shown, and not accuracies.
func guessSentence(_ guesses: [Guess], isError: Bool = false) -> String {
  let share =
    isError ? "one minus one over the number of classes" : "one over the number of classes"
  let measure = isError ? "error" : "accuracy"
  guard guesses.contains(where: { !$0.isChance }) else {
    return "Chance is the \(measure) of guessing, \(share)."
  }
  return
    "Always the most frequent class: the \(measure) of giving this one answer for every picture"
    + (guesses.contains(where: \.isChance)
      ? "; among equally frequent classes that is chance, \(share)." : ".")
}

/// What captions say of how certain the share of right or wrong choices among pictures is: the
/// standard deviation of the binomial distribution, of independent pictures; empty if nothing is
/// known.
///
/// - Parameters:
///   - name: What the standard error is of, such as `the complete network's test error`.
///   - shares: The greatest of their standard errors is said.
func standardErrorRemark(_ name: String, _ shares: [Double], pictures: Int) -> String {
  let variance = shares.filter(\.isFinite).map { $0 * (1 - $0) }.max()
  guard let variance, pictures > 0 else { return "" }
  let size = fixedText(100 * (variance / Double(pictures)).squareRoot(), decimals: 2)
  return
    " The standard error of \(name) is \(shares.count > 1 ? "at most " : "")\(size) points; one "
    + "of \(grouped(pictures)) pictures is \(fixedText(100 / Double(pictures), decimals: 2)) points."
}
