internal import Foundation

/// Fits Gabor functions to filters.
///
/// The weights of the channels are linear, so they are eliminated (variable projection: Golub and
/// Pereyra 1973, in Kaufman's form of 1975), and the other seven parameters are found by
/// Levenberg–Marquardt steps (Marquardt 1963) from several starting values: the highest peaks of
/// the filter's power spectrum, each with several Gaussians, and the same Gaussians without a wave.
/// The best result is kept. Nothing is random.
///
/// Bounds: the centre is in the middle half of the window, in both directions; there is no wave, or at
/// least half a cycle over the window's longer side and at most the Nyquist frequency; and both
/// standard deviations are from 0.8 pixels to twice the longer side. So a single great weight, such
/// as one in a corner, is not explained: a function with its centre there, or a smaller one, would
/// be that weight and nothing else, whatever the rest of the filter is.
struct GaborFitting {
  /// Smaller windows have hardly more values than the function has parameters.
  static let leastSide = 5

  private static let mostPeaks = 3
  /// Of each starting value.
  private static let trialSteps = 8
  /// How many of them are followed until the end, and for how many more steps.
  private static let mostPursued = 4
  private static let mostSteps = 60
  /// A step that explains less than this share more ends the search.
  private static let tolerance = 1e-9
  private static let leastSigma = GaborFit.leastDeviation
  /// From the middle of the window, as a share of its side.
  private static let farthestCentre = 0.25

  private let height: Int
  private let width: Int
  /// With a sum of squares of 1.
  private let channels: [[Double]]

  /// - Parameter channels: One array of `height` × `width` values for each channel.
  /// - Returns: Nil if all values are zero or one is not finite.
  init?(_ channels: [[Double]], height: Int, width: Int) {
    guard let unit = unitNorm(channels) else { return nil }
    self.channels = unit
    (self.height, self.width) = (height, width)
  }

  var fit: GaborFit {
    let firsts = starts.map(state)
    // All of them some steps, and the best of those until the end.
    let tried = firsts.map { climb(from: $0, steps: Self.trialSteps) }
    let order = tried.indices.sorted { (tried[$0].share, -$0) > (tried[$1].share, -$1) }
    var best = tried[order[0]]
    for index in order.prefix(Self.mostPursued) {
      let last = climb(from: tried[index], steps: Self.mostSteps)
      if last.share > best.share { best = last }
    }
    let greatest = best.weights.max { abs($0) < abs($1) } ?? 0
    let function = best.parameters.function.canonical(negated: greatest < 0)
    return GaborFit(
      function: function, weights: best.weights.map { greatest < 0 ? -$0 : $0 },
      share: min(1, max(best.share, 0)),
      startShare: min(1, firsts.reduce(0) { max($0, $1.share) }),
      preferredFrequency: function.preferredFrequency(height: height, width: width))
  }

  // MARK: Parameters

  private static let count = 7
  private static let frequencyIndex = 3
  private static let phaseIndex = 6

  /// x, y, θ, 1/λ, the logarithms of both standard deviations, ψ.
  private struct Parameters {
    let values: [Double]

    init(values: [Double]) { self.values = values }

    init(_ function: GaborFunction) {
      values = [
        function.x, function.y, function.theta, function.frequency, log(function.sigma),
        log(function.sigma / function.gamma), function.phase,
      ]
    }

    var function: GaborFunction {
      GaborFunction(
        x: values[0], y: values[1], theta: values[2], frequency: values[3], sigma: exp(values[4]),
        gamma: exp(values[4] - values[5]), phase: values[6])
    }
  }

  private var longest: Double { Double(max(height, width)) }

  private var bounds: [ClosedRange<Double>] {
    let (x, y) = (Self.farthestCentre * Double(width), Self.farthestCentre * Double(height))
    let sigma = log(Self.leastSigma)...log(2 * longest)
    let free = -Double.infinity...Double.infinity
    return [
      -x...x, -y...y, free, slowestFrequency(height: height, width: width)...0.5, sigma, sigma,
      free,
    ]
  }

  // MARK: Starting values

  private var starts: [Parameters] {
    let energy = (0..<(height * width)).map { place in
      channels.reduce(0) { $0 + $1[place] * $1[place] }
    }
    let places = PixelWindow(height: height, width: width).map { ($0, $1) }
    var (x, y) = (0.0, 0.0)
    for (share, place) in zip(energy, places) {
      x += share * place.0
      y += share * place.1
    }
    var spread = 0.0
    for (share, place) in zip(energy, places) {
      spread += 0.5 * share * ((place.0 - x) * (place.0 - x) + (place.1 - y) * (place.1 - y))
    }
    // The square of a Gaussian is narrower by √2.
    let sigma = max(Self.leastSigma, (2 * spread).squareRoot())
    let strongest = places[energy.indices.max { (energy[$0], -$0) < (energy[$1], -$1) } ?? 0]
    let gaussians = [
      (x, y, sigma), (x, y, max(Self.leastSigma, sigma / 2)),
      (strongest.0, strongest.1, max(Self.leastSigma, longest / 6)),
    ]
    // Twice as fine as the filter's own grid.
    let spectrum = FilterSpectrum(
      of: channels, height: height, width: width, side: 2 * max(height, width) + 1)
    let peaks = spectrum.peaks(
      from: slowestFrequency(height: height, width: width), most: Self.mostPeaks)
    let starts = peaks.flatMap { peak in
      gaussians.map { start(at: $0, wave: peak) }
    }
    return starts + gaussians.map { start(at: $0, wave: (0, 0)) }
  }

  /// With the phase that fits best, of the channel that has most of the wave.
  private func start(
    at gaussian: (x: Double, y: Double, sigma: Double), wave: (x: Double, y: Double)
  ) -> Parameters {
    let frequency = (wave.x * wave.x + wave.y * wave.y).squareRoot()
    var function = GaborFunction(
      x: gaussian.x, y: gaussian.y, theta: atan2(wave.y, wave.x), frequency: frequency,
      sigma: gaussian.sigma)
    guard frequency > 0 else { return Parameters(values: clamped(Parameters(function).values)) }
    let even = function.values(height: height, width: width)
    function.phase = -.pi / 2
    let odd = function.values(height: height, width: width)
    var greatest = 0.0
    for channel in channels {
      let (real, imaginary) = (dot(channel, even), dot(channel, odd))
      let power = real * real + imaginary * imaginary
      if power > greatest {
        greatest = power
        // A cos(ωa + ψ) = A cos ψ cos ωa − A sin ψ sin ωa.
        function.phase = atan2(-imaginary, real)
      }
    }
    if greatest == 0 { function.phase = 0 }
    return Parameters(values: clamped(Parameters(function).values))
  }

  /// Within the bounds; without a wave, it stays without.
  private func clamped(_ values: [Double]) -> [Double] {
    values.indices.map { index in
      index == Self.frequencyIndex && values[index] == 0
        ? 0 : min(max(values[index], bounds[index].lowerBound), bounds[index].upperBound)
    }
  }

  // MARK: Steps

  private struct State {
    let parameters: Parameters
    let values: [Double]
    let norm: Double
    let weights: [Double]
    let share: Double
  }

  /// The best weights for some parameters, and what they explain.
  private func state(of parameters: Parameters) -> State {
    let values = parameters.function.values(height: height, width: width)
    let norm = dot(values, values)
    // A function that is nearly 0 in the whole window explains nothing.
    let weights = channels.map { norm > 1e-12 ? dot($0, values) / norm : 0 }
    return State(
      parameters: parameters, values: values, norm: norm, weights: weights,
      share: weights.reduce(0) { $0 + $1 * $1 * norm })
  }

  /// Takes steps as long as they explain more.
  private func climb(from first: State, steps: Int) -> State {
    var (state, damping) = (first, 1e-3)
    for _ in 0..<steps {
      guard let slope = slope(at: state) else { break }
      var next: State?
      while next == nil, damping < 1e8 {
        if let step = slope.step(damping: damping) {
          let moved = Parameters(
            values: clamped(zip(state.parameters.values, step).map(+)))
          let candidate = self.state(of: moved)
          if candidate.share > state.share { next = candidate }
        }
        damping *= next == nil ? 5 : 0.2
      }
      guard let next else { break }
      let gain = next.share - state.share
      state = next
      if gain < Self.tolerance { break }
    }
    return state
  }

  /// The normal equations of a step, without parameters that are at their bounds and would leave.
  private func slope(at state: State) -> NormalEquations? {
    let total = state.weights.reduce(0) { $0 + $1 * $1 }
    guard total > 0 else { return nil }
    let columns = derivatives(at: state)
    // What the function times its weights should be, seen along the weights.
    let residual = (0..<(height * width)).map { place in
      var sum = 0.0
      for (channel, weight) in zip(channels, state.weights) { sum += weight * channel[place] }
      return sum / total - state.values[place]
    }
    let along = columns.map { dot($0, state.values) }
    var equations = NormalEquations(count: Self.count)
    let bounds = self.bounds
    for row in 0..<Self.count {
      equations.right[row] = dot(columns[row], residual)
      for column in 0...row {
        let product =
          dot(columns[row], columns[column]) - along[row] * along[column] / state.norm
        equations.matrix[row * Self.count + column] = product
        equations.matrix[column * Self.count + row] = product
      }
      let value = state.parameters.values[row]
      let isLeaving =
        value <= bounds[row].lowerBound && equations.right[row] < 0
        || value >= bounds[row].upperBound && equations.right[row] > 0
      // Without a wave, frequency and phase change nothing, and stay.
      let isWave = row == Self.frequencyIndex || row == Self.phaseIndex
      equations.isFree[row] = !isLeaving && !(isWave && state.parameters.function.frequency == 0)
    }
    return equations
  }

  /// Of the function by each parameter.
  private func derivatives(at state: State) -> [[Double]] {
    let function = state.parameters.function
    let (cosine, sine) = (cos(function.theta), sin(function.theta))
    let (sigma, other) = (function.sigma, function.sigma / function.gamma)
    let (along, across) = (1 / (sigma * sigma), 1 / (other * other))
    let angular = 2 * Double.pi * function.frequency
    var columns = [[Double]](
      repeating: [Double](repeating: 0, count: height * width), count: Self.count)
    let places = PixelWindow(height: height, width: width).map {
      ($0 - function.x, $1 - function.y)
    }
    for (place, (dx, dy)) in places.enumerated() {
      let a = dx * cosine + dy * sine
      let b = dy * cosine - dx * sine
      let envelope = exp(-0.5 * (along * a * a + across * b * b))
      let (wave, turned) = (
        envelope * cos(angular * a + function.phase), envelope * sin(angular * a + function.phase)
      )
      let byA = -along * a * wave - angular * turned
      let byB = -across * b * wave
      columns[0][place] = -byA * cosine + byB * sine
      columns[1][place] = -byA * sine - byB * cosine
      columns[2][place] = byA * b - byB * a
      columns[3][place] = -2 * .pi * a * turned
      columns[4][place] = along * a * a * wave
      columns[5][place] = across * b * b * wave
      columns[6][place] = -turned
    }
    return columns
  }
}
