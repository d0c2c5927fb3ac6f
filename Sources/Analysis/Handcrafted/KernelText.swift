internal import Foundation
internal import TensorCore

extension HandcraftedKernel {
  /// The kernels that have a name, each with its arguments as help texts write them.
  public static let forms: [(name: String, arguments: String)] = [
    ("box", "SIZE"), ("gaussian", "SIGMA,size="), ("sobel-x", "SIDE"), ("sobel-y", "SIDE"),
    ("sobel", "theta=,side="), ("prewitt-x", "SIDE"), ("prewitt-y", "SIDE"), ("scharr-x", ""),
    ("scharr-y", ""), ("laplacian", "4 or 8"), ("log", "SIGMA,size="),
    ("gabor", "theta=,lambda=,sigma=,gamma=,psi=,size="), ("sharpen", "AMOUNT"), ("emboss", ""),
    ("identity", ""),
  ]

  /// The kernel of a text: a name with arguments, such as `box:5x1`, `gaussian:1.5` or
  /// `gabor:theta=45,lambda=4`, or a matrix, such as `0 1 0; 1 -4 1; 0 1 0`.
  ///
  /// - Throws: `SelectionError`.
  public init(_ text: String) throws(SelectionError) {
    if let matrix = try KernelMatrix(text) {
      self = matrix.kernel
      return
    }
    var arguments = try FilterArguments(text)
    guard let kernel = try Self.named(&arguments) else {
      throw SelectionError(
        "no kernel '\(arguments.name)'"
          + suggestion(for: arguments.name, among: Self.forms.map(\.name)))
    }
    self = kernel
  }

  /// Nil if no kernel has this name.
  static func named(_ arguments: inout FilterArguments) throws(SelectionError) -> HandcraftedKernel?
  {
    switch arguments.name {
    case "box", "mean", "average":
      let (rows, columns) = try arguments.size() ?? (3, 3)
      try arguments.end(["size"])
      return box(rows: rows, columns: columns)
    case "gaussian":
      let (sigma, size) = try width(&arguments, from: 0.1)
      return gaussian(sigma: sigma, size: size)
    case "log":
      // A narrower one has a single weight.
      let (sigma, size) = try width(&arguments, from: 0.4)
      return laplacianOfGaussian(sigma: sigma, size: size)
    case "sobel-x", "sobel-y":
      let side = try arguments.integer("side", in: sobelSides) ?? 3
      try arguments.end(["side"])
      return sobel(theta: arguments.name == "sobel-x" ? 0 : 90, side: side)
    case "sobel":
      let theta = try arguments.number("theta", from: -360, to: 360, onlyNamed: true)
      guard let theta else {
        throw SelectionError(
          "\(arguments.text): expected sobel-x, sobel-y or a direction, such as sobel:theta=45")
      }
      let side = try arguments.integer("side", in: sobelSides) ?? 3
      try arguments.end(["theta", "side"])
      return sobel(theta: theta, side: side)
    case "prewitt-x", "prewitt-y":
      let side = try arguments.integer("side", in: 2...greatestSide) ?? 3
      try arguments.end(["side"])
      return prewitt(isVertical: arguments.name == "prewitt-y", side: side)
    case "scharr-x", "scharr-y":
      try arguments.end([])
      return scharr(isVertical: arguments.name == "scharr-y")
    case "laplacian":
      let neighbors = try arguments.word("neighbors", among: ["4", "8"])
      return try padded(laplacian(neighbors: neighbors == "8" ? 8 : 4), &arguments, ["neighbors"])
    case "gabor": return try gabor(&arguments)
    case "sharpen":
      let amount = try arguments.number("amount", from: 0, to: 1000)
      return try padded(sharpen(amount: amount ?? 1), &arguments, ["amount"])
    case "emboss": return try padded(emboss, &arguments, [])
    case "identity": return try padded(identity, &arguments, [])
    default: return nil
    }
  }

  /// OpenCV's greatest, beyond which the numbers leave the range where floats are whole.
  static let sobelSides = 2...31

  private static func width(
    _ arguments: inout FilterArguments, from least: Double
  ) throws(SelectionError) -> (Double, (rows: Int, columns: Int)?) {
    let sigma = try arguments.number("sigma", from: least, to: 125) ?? 1
    let size = try arguments.size(onlyNamed: true)
    try arguments.end(["sigma", "size"])
    return (sigma, size)
  }

  private static func padded(
    _ kernel: HandcraftedKernel, _ arguments: inout FilterArguments, _ others: [String]
  ) throws(SelectionError) -> HandcraftedKernel {
    let side = try arguments.oddSide()
    try arguments.end(others + ["size"])
    return side.map(kernel.padded) ?? kernel
  }

  private static func gabor(
    _ arguments: inout FilterArguments
  ) throws(SelectionError) -> HandcraftedKernel {
    let theta = try arguments.number("theta", from: -360, to: 360) ?? 0
    let lambda = try arguments.number("lambda", from: 2, to: 1000) ?? 6
    let sigma = try arguments.number("sigma", from: 0.1, to: 500)
    let gamma = try arguments.number("gamma", from: 0.05, to: 20) ?? 0.5
    let psi = try arguments.number("psi", from: -360, to: 360) ?? 0
    let size = try arguments.size(onlyNamed: true)
    try arguments.end(["theta", "lambda", "sigma", "gamma", "psi", "size"])
    let wave = Gabor(theta: theta, lambda: lambda, sigma: sigma, gamma: gamma, psi: psi)
    let side = max(wave.extent.rows, wave.extent.columns)
    guard size != nil || side <= Double(greatestSide) else {
      throw SelectionError(
        "\(arguments.text): a kernel of \(Int(side)) rows or columns, of which there can be "
          + "\(greatestSide); give a smaller lambda or sigma, or a size")
    }
    return gabor(wave, size: size)
  }
}

/// A kernel that is typed as a matrix of numbers.
struct KernelMatrix {
  let kernel: HandcraftedKernel

  /// Sums of many products with greater weights would leave the range of floats.
  private static let greatestWeight = 1e9

  /// - Returns: Nil if the text begins as no matrix does.
  init?(_ text: String) throws(SelectionError) {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard let first = trimmed.first, first.isNumber || "[(+-−.".contains(first) else { return nil }
    let matrix: MatrixText
    do throws(MatrixText.Problem) {
      matrix = try MatrixText(trimmed)
    } catch {
      let problem =
        switch error {
        case .empty: "expected a matrix, found no numbers"
        case .severalFactors: "expected a number, * and a matrix, found more than one *"
        case .notANumber(let word): Self.unusable(word)
        case .ragged(let columns, let row, let found):
          "the first row has \(columns) numbers, and row \(row) has \(found)"
        }
      throw SelectionError("'\(text)': \(problem)")
    }
    let (grid, words) = (matrix.grid, matrix.words)
    if let index = grid.values.firstIndex(where: { abs($0) > Self.greatestWeight }) {
      let word = words[index / grid.columns][index % grid.columns]
      throw SelectionError("'\(text)': \(Self.unusable(word))")
    }
    guard max(grid.rows, grid.columns) <= HandcraftedKernel.greatestSide else {
      throw SelectionError(
        "a matrix of \(grid.rows)×\(grid.columns) numbers; there can be "
          + "\(HandcraftedKernel.greatestSide) rows and columns")
    }
    kernel = HandcraftedKernel(
      name: words.map { $0.joined(separator: " ") }.joined(separator: "; ")
        .withFactor(matrix.factor),
      label: "\(grid.rows)×\(grid.columns) matrix",
      weights: Tensor(shape: [grid.rows, grid.columns], grid.values.map { Float($0) }))
  }

  private static func unusable(_ word: String) -> String {
    "expected numbers from -1e9 to 1e9 in a matrix, found '\(word)'"
  }
}

extension String {
  /// A matrix with its factor.
  fileprivate func withFactor(_ factor: String?) -> String {
    factor.map { "\($0) * [\(self)]" } ?? self
  }
}
