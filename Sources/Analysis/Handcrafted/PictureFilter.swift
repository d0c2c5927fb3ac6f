public import TensorCore

/// Something that makes a picture of another by what is around each pixel.
public struct PictureFilter: Sendable {
  public enum Operation: Sendable {
    case kernel(HandcraftedKernel)
    /// The root of the sum of the squares of two kernels' answers.
    case magnitude(x: HandcraftedKernel, y: HandcraftedKernel)
    case median(rows: Int, columns: Int)
    case morphology(Morphology, StructuringElement)
    case canny(CannyEdges)
  }

  /// As typed, such as `median:5`; ``init(_:)`` makes the same filter of it.
  public let name: String
  /// In words.
  public let label: String
  public let operation: Operation

  public init(_ kernel: HandcraftedKernel) {
    (name, label, operation) = (kernel.name, kernel.label, .kernel(kernel))
  }

  private init(_ name: String, _ label: String, _ operation: Operation) {
    (self.name, self.label, self.operation) = (name, label, operation)
  }

  /// All filters that have a name, each with its arguments as help texts write them.
  public static let forms: [(name: String, arguments: String)] =
    HandcraftedKernel.forms.filter { $0.name != "sobel" } + [
      ("sobel", "side= or theta="), ("prewitt", "SIDE"), ("scharr", ""), ("median", "SIZE"),
      ("dilate", "SIZE,shape="), ("erode", "SIZE,shape="), ("open", "SIZE,shape="),
      ("close", "SIZE,shape="), ("canny", "LOW,HIGH,sigma="),
    ]

  /// Windows of more rows or columns take minutes for a photograph.
  private static let greatestWindow = 255

  /// The filter of a text: a kernel as `HandcraftedKernel.init(_:)` reads it, `sobel`, `prewitt` or
  /// `scharr` for the magnitude of the gradient, `median:5`, `open:5,shape=disk` or
  /// `canny:low=20,high=60,sigma=2`.
  ///
  /// - Throws: `SelectionError`.
  public init(_ text: String) throws(SelectionError) {
    if let matrix = try KernelMatrix(text) {
      self.init(matrix.kernel)
      return
    }
    var arguments = try FilterArguments(text)
    switch arguments.name {
    case "sobel" where !arguments.has("theta"):
      let side = try arguments.integer("side", in: HandcraftedKernel.sobelSides) ?? 3
      try arguments.end(["side", "theta"])
      self.init(
        side == 3 ? "sobel" : "sobel:\(side)", "Sobel, magnitude",
        .magnitude(x: .sobel(theta: 0, side: side), y: .sobel(theta: 90, side: side)))
    case "prewitt":
      let side = try arguments.integer("side", in: 2...HandcraftedKernel.greatestSide) ?? 3
      try arguments.end(["side"])
      self.init(
        side == 3 ? "prewitt" : "prewitt:\(side)", "Prewitt, magnitude",
        .magnitude(
          x: .prewitt(isVertical: false, side: side), y: .prewitt(isVertical: true, side: side)))
    case "scharr":
      try arguments.end([])
      self.init(
        "scharr", "Scharr, magnitude",
        .magnitude(x: .scharr(isVertical: false), y: .scharr(isVertical: true)))
    case "median":
      let (rows, columns) = try arguments.size(most: Self.greatestWindow) ?? (3, 3)
      try arguments.end(["size"])
      self.init(
        "median:\(sizeText(rows, columns))", "median of \(rows)×\(columns)",
        .median(rows: rows, columns: columns))
    case "canny":
      try self.init(canny: &arguments)
    case let name:
      if let morphology = Morphology(rawValue: name) {
        try self.init(morphology, &arguments)
      } else if let kernel = try HandcraftedKernel.named(&arguments) {
        self.init(kernel)
      } else {
        throw SelectionError(
          "no filter '\(name)'" + suggestion(for: name, among: Self.forms.map(\.name)))
      }
    }
  }

  private init(
    _ morphology: Morphology, _ arguments: inout FilterArguments
  ) throws(SelectionError) {
    let (rows, columns) = try arguments.size(most: Self.greatestWindow) ?? (3, 3)
    let word = try arguments.word(
      "shape", among: StructuringElement.Form.allCases.map(\.rawValue))
    try arguments.end(["size", "shape"])
    let form = word.flatMap { StructuringElement.Form(rawValue: $0) } ?? .rectangle
    let suffix = form == .rectangle ? "" : ",shape=\(form.rawValue)"
    self.init(
      "\(morphology.rawValue):\(sizeText(rows, columns))\(suffix)",
      "\(morphology.rawValue), \(form.rawValue) of \(rows)×\(columns)",
      .morphology(morphology, StructuringElement(form, rows: rows, columns: columns)))
  }

  private init(canny arguments: inout FilterArguments) throws(SelectionError) {
    let low = try arguments.number("low", from: 0, to: 1e6)
    let high = try arguments.number("high", from: 0, to: 1e6)
    let sigma = try arguments.number("sigma", from: 0, to: 125) ?? 1
    try arguments.end(["low", "high", "sigma"])
    // One threshold decides the other, by the usual ratio.
    let usual = CannyEdges()
    let lower = low ?? min(high.map { $0 / 2 } ?? usual.low, usual.low)
    let upper = high ?? max(low.map { $0 * 2 } ?? usual.high, usual.high)
    guard lower <= upper else {
      throw SelectionError(
        "\(arguments.text): low must not be greater than high, which is \(shortText(upper))")
    }
    guard sigma == 0 || sigma >= 0.1 else {
      throw SelectionError(
        "\(arguments.text): sigma must be 0 or from 0.1, not \(shortText(sigma))")
    }
    self.init(
      "canny:low=\(shortText(lower)),high=\(shortText(upper)),sigma=\(shortText(sigma))",
      "Canny, σ \(shortText(sigma)), \(shortText(lower)) and \(shortText(upper))",
      .canny(CannyEdges(low: lower, high: upper, sigma: sigma)))
  }

  /// Whether its results are pictures on the scale of what was filtered, and may be compared with
  /// it.
  public var keepsBrightness: Bool {
    switch operation {
    case .kernel(let kernel): kernel.keepsBrightness
    case .median, .morphology: true
    case .magnitude, .canny: false
    }
  }

  /// Where other libraries have other numbers, in a sentence; nil if the usual ones agree.
  public var convention: String? {
    // Without arguments.
    switch name.prefix(while: { $0 != ":" }) {
    case "sobel-x", "sobel-y":
      "Sobel has OpenCV's whole numbers; scikit-image's are a quarter of those of 3×3."
    case "sobel":
      "Sobel has OpenCV's whole numbers and the root of the sum of squares; scikit-image's "
        + "magnitude is that of 3×3 divided by 4√2."
    case "prewitt-x", "prewitt-y": "Prewitt has whole numbers; scikit-image's are a third of them."
    case "prewitt":
      "Prewitt has whole numbers and the root of the sum of squares; scikit-image's magnitude is "
        + "that divided by 3√2."
    case "scharr-x", "scharr-y":
      "Scharr has OpenCV's whole numbers; scikit-image's are a sixteenth of them."
    case "scharr":
      "Scharr has OpenCV's whole numbers and the root of the sum of squares; scikit-image's "
        + "magnitude is that divided by 16√2."
    case "laplacian":
      "The Laplacian is negative at its middle, as in OpenCV and SciPy; scikit-image's has the "
        + "other sign."
    case "log":
      "The Laplacian of Gaussian is SciPy's minus its mean, so that its weights sum to zero."
    case "gabor":
      "Gabor filters are not normalized, as in OpenCV, whose ψ has the other sign; θ is the "
        + "direction across the stripes, clockwise from right."
    case "canny":
      "Canny's thresholds are of the gradient by Sobel's whole numbers, in levels from 0 to 255, "
        + "as in scikit-image; OpenCV smooths nothing, and adds the gradient's magnitudes by "
        + "default."
    default: nil
    }
  }

  /// How far it reaches beyond a pixel.
  private func reach(_ geometry: FilterGeometry) -> WindowReach {
    switch operation {
    case .kernel(let kernel), .magnitude(let kernel, _): kernel.reach(geometry)
    case .median(let rows, let columns):
      geometry.reach(rows: rows, columns: columns, isTurned: false)
    case .morphology(let morphology, let element): morphology.reach(element, geometry)
    case .canny: WindowReach(above: 0, below: 0, left: 0, right: 0)
    }
  }

  /// Rows and columns of its windows; empty if it has none of its own.
  public var windowSizes: [[Int]] {
    switch operation {
    case .kernel(let kernel), .magnitude(let kernel, _): [[kernel.rows, kernel.columns]]
    case .median(let rows, let columns): [[rows, columns]]
    case .morphology(_, let element): [[element.rows, element.columns]]
    case .canny: []
    }
  }

  /// Whether it has windows that can be some pixels apart, if they are to be.
  public func allows(_ geometry: FilterGeometry) -> Bool {
    if case .canny = operation { return geometry.stride == 1 && geometry.dilation == 1 }
    return true
  }

  /// Whether a picture can be filtered.
  ///
  /// - Throws: `SelectionError` if no window fits into it, or if the filter has none that could
  ///   move as asked for.
  public func check(
    height: Int, width: Int, _ geometry: FilterGeometry
  ) throws(SelectionError) {
    guard allows(geometry) else {
      throw SelectionError(
        "\(name): the edges have no stride and no dilation, found \(geometry.stride) and "
          + "\(geometry.dilation)")
    }
    let reach = reach(geometry)
    let (down, across) = (reach.above + reach.below, reach.left + reach.right)
    guard
      geometry.extent(height, reach: down) != nil, geometry.extent(width, reach: across) != nil
    else {
      throw SelectionError(
        "\(name): a window of \(down + 1)×\(across + 1) pixels does not fit into the picture of "
          + "\(height)×\(width) without padding")
    }
  }

  /// Filters each channel of a picture.
  ///
  /// - Parameters:
  ///   - picture: `[C, H, W]`, in levels from 0 to 255; ``check(height:width:_:)`` has passed it.
  ///   - progress: Called with the share that is done; what it throws ends the work.
  /// - Returns: `[C, H', W']`; edges are 1, and 0 elsewhere.
  public func applied(
    to picture: Tensor, _ geometry: FilterGeometry = FilterGeometry(),
    progress: (Double) throws -> Void = { _ in }
  ) throws -> Tensor {
    try check(height: picture.shape[1], width: picture.shape[2], geometry)
    switch operation {
    case .kernel(let kernel): return try kernel.filtered(picture, geometry, progress: progress)
    case .magnitude(let x, let y):
      let across = try x.filtered(picture, geometry) { try progress($0 / 2) }
      let down = try y.filtered(picture, geometry) { try progress((1 + $0) / 2) }
      return across.zip(down) { ($0 * $0 + $1 * $1).squareRoot() }
    case .median(let rows, let columns):
      return median(of: picture, rows: rows, columns: columns, geometry)
    case .morphology(let morphology, let element):
      return morphology.applied(to: picture, element, geometry)
    case .canny(let canny):
      return try canny.edges(of: picture, padding: geometry.padding, progress: progress)
    }
  }

  /// The pixels of a picture at the middles of the windows.
  ///
  /// - Parameter result: `[C, H', W']`.
  func middles(of picture: Tensor, like result: Tensor, _ geometry: FilterGeometry) -> Tensor {
    let reach = reach(geometry)
    return picture.sampled(
      from: geometry.padding == .none ? (reach.above, reach.left) : (0, 0),
      every: geometry.stride, (result.shape[1], result.shape[2]))
  }
}
