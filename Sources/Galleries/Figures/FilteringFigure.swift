public import Analysis
internal import Drawing
internal import Files
internal import Images
internal import TensorCore

/// A picture, and what filters make of it, each with its kernel beside it.
///
/// - Parameters:
///   - source: The picture's name.
///   - scale: How numbers become colours.
public func filteringFigure(
  of finding: PictureFiltering, source: String, scale: FilteringScale = .auto
) -> CaptionedFigure {
  let panels = FilteringPanels(finding, scale)
  let filters = finding.results.map(\.filter)
  let title =
    filters.count == 1
    ? "A picture filtered: \(filters[0].label)"
    : "A picture through \(counted(filters.count, "filter"))"
  return CaptionedFigure(
    title: title,
    subtitle: [
      abbreviated(source), panels.sizeText, finding.geometry.isConvolution ? "convolution" : "",
      "padding \(finding.geometry.padding.rawValue)", panels.stepText,
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: panels.caption,
    scale: panels.colors.map(\.summary).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }.joined(separator: "; "),
    method: filters.map(\.name).joined(separator: ", "), body: panels.body)
}

private struct FilteringPanels {
  /// The longer side that pictures should about have: of a few, and of many.
  private static let (side, smallSide) = (256.0, 208.0)
  /// As many results as are still large.
  private static let fewResults = 2
  /// Panels of narrow pictures still have room for their headings.
  private static let narrowest = 170.0
  private static let widestLine = 1180.0
  private static let spacing = 20.0
  /// Bars have room for their labels, also below narrow results.
  private static let shortestBar = 100.0

  let finding: PictureFiltering
  let colors: [FilteredColors]
  /// Points for a pixel of the picture.
  private let zoom: Double
  private let textWidth: Double
  /// How many times larger pixels of results are than those of the picture.
  private let magnification: Int

  init(_ finding: PictureFiltering, _ scale: FilteringScale) {
    self.finding = finding
    colors = finding.results.map { FilteredColors(of: $0, scale) }
    let (height, width) = (finding.picture.shape[1], finding.picture.shape[2])
    zoom = pixelZoom(
      toward: finding.results.count > Self.fewResults ? Self.smallSide : Self.side, width: width,
      height: height)
    textWidth = max(Self.narrowest, (zoom * Double(width)).rounded())
    magnification =
      finding.geometry.stride == 1
      ? 1 : Self.magnification(of: colors.map(\.image), zoom, width: width, height: height)
  }

  /// With a stride, results are so much smaller than the picture that small ones are magnified, but
  /// not beyond the picture.
  private static func magnification(
    of images: [Image], _ zoom: Double, width: Int, height: Int
  ) -> Int {
    let (columns, rows) = images.reduce((1, 1)) { (max($0.0, $1.width), max($0.1, $1.height)) }
    let wanted = (smallestResult / (zoom * Double(max(columns, rows)))).rounded(.down)
    return max(1, min(Int(min(wanted, 1e6)), width / columns, height / rows))
  }

  /// The longer side of results, in points, that are magnified if they can be.
  private static let smallestResult = 120.0

  private var geometry: FilterGeometry { finding.geometry }
  private var isColored: Bool { finding.picture.shape[0] == 3 }

  // MARK: Panels

  var body: any Drawable {
    let drawings = finding.results.map { drawing(of: $0.filter) }
    let results = zip(finding.results, colors).map(result)
    guard results.count > 1 else {
      // The picture, the kernel, and what they make.
      return Row(spacing: Self.spacing, before + drawings + results)
    }
    let slot = drawings.reduce(0) { max($0, $1.size.width) }
    let place = results.reduce(0) { max($0, $1.size.width) }
    let groups = zip(drawings, results).map { drawing, result in
      Row(
        spacing: Self.spacing,
        [Slot(drawing, width: slot), Slot(result, width: place)])
    }
    let width = slot + place + 2 * Self.spacing
    let perLine = max(1, Int(Self.widestLine / width))
    let lines = stride(from: 0, to: groups.count, by: perLine).map { start in
      Row(
        spacing: 2 * Self.spacing, Array(groups[start..<min(start + perLine, groups.count)]))
    }
    return Column(spacing: Theme.panelSpacing, [Row(spacing: Self.spacing, before)] + lines)
  }

  private func panel(
    _ heading: String, _ detail: String, _ content: any Drawable, _ key: (any Drawable)?,
    width: Double
  ) -> any Drawable {
    let head = Column(
      spacing: 1,
      [
        Text(heading, .heading, oneLineWithin: width), Text(detail, .tick, oneLineWithin: width),
      ])
    return Column(spacing: 8, [head, content] + [key].compactMap(\.self))
  }

  private func picture(_ image: Image, zoom: Double) -> Picture {
    Picture(
      image,
      size: visibleSize(image, zoom: zoom), interpolation: zoom >= 1 ? .nearest : .smooth,
      frame: Theme.outline)
  }

  private var before: [any Drawable] {
    let own = panel(
      "Picture", "levels 0 … 255", picture(Image(levels: finding.picture), zoom: zoom), nil,
      width: textWidth)
    guard let noisy = finding.noisy, let error = finding.noiseError else { return [own] }
    return [
      own,
      panel(
        "With noise", errorText(error), picture(Image(levels: noisy), zoom: zoom), nil,
        width: textWidth),
    ]
  }

  private func result(
    _ result: PictureFiltering.Result, _ colors: FilteredColors
  ) -> any Drawable {
    let shown = visibleSize(colors.image, zoom: zoom * Double(magnification))
    return panel(
      result.filter.label,
      result.error.map(errorText) ?? colors.detail,
      picture(colors.image, zoom: zoom * Double(magnification)),
      colors.bar(length: max(shown.width, Self.shortestBar))
        ?? result.error.map { _ in Text(colors.detail, .tick, oneLineWithin: textWidth) },
      width: textWidth)
  }

  private func drawing(of filter: PictureFilter) -> any Drawable {
    let width = KernelDrawing.side
    func kernel(_ kernel: HandcraftedKernel, _ heading: String) -> any Drawable {
      let drawing = KernelDrawing(kernel)
      return panel(
        "\(heading), \(kernel.rows)×\(kernel.columns)", "weights sum to \(sumText(kernel))",
        drawing.content, drawing.key, width: width)
    }
    switch filter.operation {
    case .kernel(let own): return kernel(own, "Kernel")
    case .magnitude(let x, let y):
      return Column(spacing: 12, [kernel(x, "Kernel x"), kernel(y, "Kernel y")])
    case .median(let rows, let columns):
      let cells = [[Int]](repeating: [Int](repeating: 1, count: columns), count: rows)
      return panel(
        "Window, \(rows)×\(columns)", "the middle of its values",
        KernelDrawing(cells: cells).content,
        nil, width: width)
    case .morphology(let morphology, let element):
      let words =
        switch morphology {
        case .dilate: "the greatest of the grey cells"
        case .erode: "the least of the grey cells"
        case .open: "erode, then dilate"
        case .close: "dilate, then erode"
        }
      return panel(
        "Element, \(element.rows)×\(element.columns)", words,
        KernelDrawing(cells: element.cells).content, nil, width: width)
    case .canny(let canny):
      let steps = [
        canny.sigma > 0 ? "Gaussian, σ \(numberText(canny.sigma))" : "no smoothing",
        "gradient by Sobel", "thinned across the edge",
        "from \(numberText(canny.high)) on, as long as it is "
          + "at least \(numberText(canny.low))",
      ]
      return panel(
        "Steps", "thresholds of the gradient",
        Column(
          spacing: 6,
          steps.enumerated().map { Text("\($0 + 1). \($1)", .label, width: width) }), nil,
        width: width)
    }
  }

  private func sumText(_ kernel: HandcraftedKernel) -> String {
    // Rounding leaves a little.
    abs(kernel.sum) < 1e-6 * max(kernel.sumOfMagnitudes, 1e-30) ? "0" : numberText(kernel.sum)
  }

  // MARK: Words

  var sizeText: String {
    let shape = finding.picture.shape
    return "\(shape[2])×\(shape[1]) pixels, \(isColored ? "colour" : "grey")"
  }

  var stepText: String {
    [(geometry.stride, "stride"), (geometry.dilation, "dilation")]
      .filter { $0.0 > 1 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
  }

  private func errorText(_ error: PictureError) -> String {
    "RMSE \(numberText(error.rmse)), PSNR "
      + (error.psnr.isFinite ? "\(numberText(error.psnr)) dB" : "∞")
  }

  private var hasKernels: Bool {
    finding.results.contains {
      switch $0.filter.operation {
      case .kernel, .magnitude: true
      default: false
      }
    }
  }

  private var hasMorphology: Bool {
    finding.results.contains {
      if case .morphology = $0.filter.operation { true } else { false }
    }
  }

  /// Whether something other than morphology looks beyond the border.
  private var usesPadding: Bool {
    finding.results.contains {
      if case .morphology = $0.filter.operation { false } else { true }
    }
  }

  var caption: String {
    let mappings = colors.map(\.mapping).reduce(into: [FilteredColors.Mapping]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let conventions = finding.results.compactMap(\.filter.convention).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    return paragraph(
      arithmeticSentence, paddingSentence, stepSentence, channelSentence, noiseSentence,
      mappings.map { FilteredColors.sentence($0, isColored: isColored) }.joined(separator: " "),
      hasKernels ? "Kernels: red weights are positive, blue negative, white zero." : "",
      anchorSentence,
      conventions.joined(separator: " "), zoomSentence,
      thinSentence(
        [Image(levels: finding.picture)] + colors.map(\.image),
        zoom: zoom * Double(magnification)))
  }

  /// Which cell of a window is at the pixel that the result is of.
  private var anchorSentence: String {
    let sizes = finding.results.flatMap { $0.filter.windowSizes }
    let isOutlined = finding.results.contains {
      switch $0.filter.operation {
      case .median(let rows, let columns): KernelDrawing.isOutlined([rows, columns])
      case .morphology(_, let element): KernelDrawing.isOutlined([element.rows, element.columns])
      default: false
      }
    }
    let isEven = sizes.joined().contains { $0.isMultiple(of: 2) }
    return paragraph(
      isOutlined ? "Windows: outlined is the cell at the pixel that the result is of." : "",
      isEven
        ? "With an even number of rows or columns, the cell at the result's pixel is the one after the "
          + "middle, as in OpenCV and SciPy." : "")
  }

  private var arithmeticSentence: String {
    guard hasKernels else { return "" }
    return geometry.isConvolution
      ? "True convolution: each kernel is turned by 180° before it is laid over the picture; "
        + "kernels are drawn before that."
      : "Cross-correlation, as in networks: each kernel is laid over the picture as it is drawn; a "
        + "true convolution would turn it by 180°."
  }

  private var paddingSentence: String {
    paragraph(
      usesPadding ? borderSentence : "",
      hasMorphology && geometry.padding != .none
        ? "Dilating and eroding leave out what is beyond the border." : "")
  }

  private var borderSentence: String {
    switch geometry.padding {
    case .reflect: "Beyond its border, the picture is mirrored at its outermost pixels (reflect)."
    case .symmetric: "Beyond its border, the picture is mirrored at the border (symmetric)."
    case .edge: "Beyond its border, the picture's nearest pixels are repeated (edge)."
    case .zero: "Beyond its border, the picture is black (zero)."
    case .none: "Only windows that lie in the picture as a whole are used, so results are smaller."
    }
  }

  private var stepSentence: String {
    paragraph(
      geometry.stride > 1
        ? "Every \(ordinal(geometry.stride)) window of every \(ordinal(geometry.stride)) row is "
          + "used, so results are smaller; their pixels are "
          + (magnification == 1
            ? "as large as the picture's." : "\(magnification) times as large as the picture's.")
        : "",
      geometry.dilation > 1
        ? "The cells of a window are \(geometry.dilation) pixels apart." : "")
  }

  private func ordinal(_ number: Int) -> String {
    switch (number / 10 % 10, number % 10) {
    case (let tens, 1) where tens != 1: "\(number)st"
    case (let tens, 2) where tens != 1: "\(number)nd"
    case (let tens, 3) where tens != 1: "\(number)rd"
    default: "\(number)th"
    }
  }

  private var channelSentence: String {
    isColored
      ? "Red, green and blue are filtered separately."
      : "Grey is 0.299 of red, 0.587 of green and 0.114 of blue, as in OpenCV; scikit-image has "
        + "other weights."
  }

  private var noiseSentence: String {
    guard let noise = finding.noise, let error = finding.noiseError else { return "" }
    let words =
      switch noise {
      case .gaussian(let sigma):
        "Gaussian noise of σ \(numberText(sigma)) levels, clipped to 0 … 255, was added"
      case .saltAndPepper(let share):
        "Salt and pepper: \(percentText(share)) of the values became 0 or 255"
      }
    let errors = finding.results.compactMap { result in
      result.error.map { "\(errorText($0)) after \(result.filter.label)" }
    }
    return "\(words) (seed \(finding.seed)): \(errorText(error)) from the picture without noise"
      + (errors.isEmpty
        ? "." : "; \(listed(errors)). PSNR is 20 log₁₀(255 / RMSE).")
  }

  private var zoomSentence: String {
    switch zoom {
    case 1: ""
    case ..<1: "Pictures are reduced."
    default: "Pictures are \(enlargement(zoom))."
    }
  }
}

/// Something at the upper left corner of a place with a width of its own.
private struct Slot: Composite {
  let parts: [Part]
  let size: Size

  init(_ content: any Drawable, width: Double) {
    parts = [Part(content, at: Point(0, 0))]
    size = Size(width: max(width, content.size.width), height: content.size.height)
  }
}
