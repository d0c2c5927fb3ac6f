import Analysis
import Drawing
import Galleries
import Images
import TensorCore
import TestSupport
import Testing

/// What is drawn of a picture and its filters.
@Suite struct `Filtering figures` {
  private func picture(_ width: Int, _ height: Int, channels: Int = 1) -> Tensor {
    Tensor.random([channels, height, width], seed: width + 100 * height)
      .map { min(max(($0 * 50 + 120).rounded(), 0), 255) }
  }

  private func finding(
    _ filters: [String], _ picture: Tensor, _ geometry: FilterGeometry = FilterGeometry(),
    noise: String? = nil
  ) throws -> PictureFiltering {
    try PictureFiltering(
      of: picture, by: filters.map { try PictureFilter($0) }, geometry,
      noise: noise.map { try AddedNoise($0) }, seed: 7)
  }

  private static let all = [
    "box:3", "gaussian:1,size=5", "gaussian:2", "sobel-x", "sobel", "prewitt", "scharr",
    "laplacian:8", "log:1", "gabor:theta=45,lambda=8", "sharpen", "emboss", "1 2; 3 4",
    "box:1x41", "median:3", "median:31", "open:5,shape=disk", "dilate:2x9", "canny", "identity",
  ]

  @Test(.slow, arguments: [(1, 1), (5, 300), (300, 5), (60, 40), (330, 210)], [1, 3])
  func `every filter of pictures of all shapes`(size: (Int, Int), channels: Int) throws {
    let picture = picture(size.0, size.1, channels: channels)
    for noise in [nil, "salt-and-pepper:0.1"] {
      let finding = try finding(Self.all, picture, noise: noise)
      try expectSound(filteringFigure(of: finding, source: "a.png"))
    }
    guard size == (60, 40) else { return }
    for filter in Self.all {
      let finding = try finding([filter], picture, FilterGeometry(isConvolution: true))
      try expectSound(filteringFigure(of: finding, source: "a.png"))
    }
  }

  @Test(.slow, arguments: FilteringScale.allCases)
  func `all scales, strides and paddings`(scale: FilteringScale) throws {
    for padding in PicturePadding.allCases {
      let geometry = FilterGeometry(padding: padding, stride: 3, dilation: 2)
      let finding = try finding(
        Self.all.filter { $0 != "canny" && !$0.contains("41") && !$0.contains("31") },
        picture(93, 85), geometry, noise: "gaussian:10")
      let figure = filteringFigure(of: finding, source: "a.png", scale: scale)
      try expectSound(figure)
      #expect(figure.subtitle.contains("stride 3, dilation 2"))
      #expect(figure.subtitle.contains("padding \(padding.rawValue)"))
    }
  }

  // MARK: Colours

  private func image(
    _ filter: String, _ values: [Float], channels: Int = 1, scale: FilteringScale = .auto
  ) throws -> [[UInt8]] {
    let picture = Tensor(shape: [channels, 1, values.count / channels], values)
    let image = filteredImage(of: try finding([filter], picture).results[0], scale: scale)
    return (0..<image.width).map { Array(image.pixels[(4 * $0)..<(4 * $0 + 3)]) }
  }

  @Test func `levels are drawn as they are`() throws {
    let values: [Float] = [0, 1, 100, 254, 255]
    let grey = values.map { [UInt8](repeating: UInt8($0), count: 3) }
    #expect(try image("identity", values) == grey)
    #expect(try image("median:1", values) == grey)
    // Twice as bright is clipped.
    #expect(
      try image("2", values, scale: .clip) == [0, 2, 200, 255, 255].map { [$0, $0, $0] })
    // Red, green and blue.
    #expect(
      try image("identity", [1, 2, 30, 40, 5, 6], channels: 3) == [[1, 30, 5], [2, 40, 6]])
  }

  @Test func `signed results have equal ends, and zero is white or mid-grey`() throws {
    // Mirrored at its ends, the picture has no slope there: 0, 100, 50, 0.
    let ends = try image("-1 0 1", [10, 10, 110, 60])
    for (seen, value) in zip(ends, [0.0, 100, 50, 0]) {
      let bytes = Colormap.blueWhiteRed(0.5 + 0.5 * value / 100).bytes
      #expect(seen == [bytes.red, bytes.green, bytes.blue])
    }
    #expect(try image("-1 0 1", [10, 10, 110, 60], scale: .absolute)[0] == [0, 0, 0])
    let colored = try image("-1 0 1", [0, 0, 90, 90, 50, 50, 50, 50, 1, 1, 1, 1], channels: 3)
    #expect(colored[0] == [128, 128, 128] && colored[1] == [255, 128, 128])
  }

  @Test func `edges are white, and other results begin at black`() throws {
    let step = (0..<144).map { Float($0 % 12 < 6 ? 0 : 200) }
    let finding = try finding(
      ["canny", "sobel", "3"], Tensor(shape: [1, 12, 12], step))
    let images = finding.results.map { filteredImage(of: $0) }
    for image in images { #expect(Set(image.pixels).isSuperset(of: [0, 255])) }
    #expect(Set(images[0].pixels) == [0, 255])
    // A single step has one slope.
    #expect(Set(images[1].pixels) == [0, 255])
    let figure = filteringFigure(of: finding, source: "a.png")
    #expect(figure.scale == "edges 1; 0 … 800; 0 … 600")
    #expect(figure.method == "canny:low=25.5,high=51,sigma=1, sobel, 3")
  }

  // MARK: Words

  @Test func `a caption says what was done`() throws {
    let picture = picture(30, 20)
    func caption(
      _ filters: [String], _ geometry: FilterGeometry = FilterGeometry(), noise: String? = nil
    ) throws -> String {
      filteringFigure(of: try finding(filters, picture, geometry, noise: noise), source: "a.png")
        .caption
    }
    let correlated = try caption(["sobel-x"])
    #expect(correlated.contains("Cross-correlation, as in networks"))
    #expect(correlated.contains("mirrored at its outermost pixels (reflect)"))
    #expect(correlated.contains("99.5th percentile of magnitudes"))
    #expect(correlated.contains("scikit-image's are a quarter of those of 3×3"))
    #expect(!correlated.contains("RMSE"))
    let convolved = try caption(["sobel-x"], FilterGeometry(isConvolution: true, padding: .zero))
    #expect(convolved.contains("True convolution: each kernel is turned by 180°"))
    #expect(convolved.contains("the picture is black (zero)"))
    // No kernel is laid over it, and nothing is looked for beyond the border.
    let opened = try caption(["open:3"])
    #expect(!opened.contains("orrelation") && !opened.contains("mirrored"))
    #expect(opened.contains("leave out what is beyond the border"))
    let noisy = try caption(["box:3", "sobel"], noise: "gaussian:20")
    #expect(noisy.contains("Gaussian noise of σ 20 levels"))
    #expect(noisy.contains("(seed 7): RMSE "))
    #expect(noisy.contains(" after box 3×3") && !noisy.contains("after Sobel"))
  }

  @Test func `kernels are numbers if there is room, otherwise colours`() throws {
    func labels(_ filter: String) throws -> [String] {
      filteringFigure(of: try finding([filter], picture(30, 20)), source: "a.png").sheet.labels
    }
    #expect(try labels("box:3").contains("each divided by 9"))
    #expect(try labels("box:3").contains("weights sum to 1"))
    #expect(try labels("sobel-x").contains("weights sum to 0"))
    #expect(try labels("gaussian:3").contains("weight"))
    #expect(try !labels("gaussian:1,size=3").contains("weight"))
    #expect(try labels("emboss").contains("Kernel, 3×3"))
  }

  @Test func `a picture without noise is seen pixel by pixel`() throws {
    let values: [Float] = [0, 255, 255, 0]
    let picture = Tensor(shape: [1, 2, 2], values)
    let seen = try SeenFigure(
      filteringFigure(of: finding(["identity"], picture), source: "a.png"))
    let pictures = seen.parts(of: Picture.self)
    // Before and after; the kernel is a single number.
    #expect(pictures.count == 2)
    for part in pictures {
      #expect(part.frame.size == Size(width: 256, height: 256))
      seen.expectCells(
        values.map { $0 == 0 ? .black : .white }, columns: 2, in: part.frame)
    }
  }

  @Test(arguments: [(2, 1), (3, 1), (4, 2), (20, 10), (60, 30)])
  func `strided results are not larger than the picture`(stride: Int, times: Int) throws {
    let figure = filteringFigure(
      of: try finding(["median:3", "sobel-x"], picture(60, 40), FilterGeometry(stride: stride)),
      source: "a.png")
    let pictures = try SeenFigure(figure).parts(of: Picture.self)
    try #require(pictures.count >= 3)
    let before = pictures[0]
    let pixel = before.frame.width / 60
    for part in pictures.dropFirst() where part.content.image.width == (59 / stride) + 1 {
      #expect(part.frame.width <= before.frame.width && part.frame.height <= before.frame.height)
      #expect(part.frame.width == Double(times * part.content.image.width) * pixel)
    }
    #expect(
      figure.caption.contains(
        times == 1
          ? "their pixels are as large as the picture's."
          : "their pixels are \(times) times as large as the picture's."), "\(figure.caption)")
    try expectSound(figure)
  }

  @Test func `windows have no weights' colours, and an outlined cell`() throws {
    for (filter, cells, place) in [
      ("median:4x5", 20, (2, 2)), ("dilate:4", 16, (2, 2)), ("erode:3,shape=cross", 5, (1, 1)),
    ] {
      let figure = filteringFigure(of: try finding([filter], picture(30, 20)), source: "a.png")
      let grid = try #require(try SeenFigure(figure).parts(of: MarkedGrid.self).first?.content)
      #expect(grid.cells.count { $0.ground != .plain } == cells)
      #expect(Set(grid.cells.map(\.ground)).count <= 2 && grid.cells.allSatisfy(\.text.isEmpty))
      let outline = try #require(grid.outlines.first)
      #expect(outline.rows == place.0..<(place.0 + 1))
      #expect(outline.columns == place.1..<(place.1 + 1))
      #expect(figure.caption.contains("outlined is the cell at the pixel that the result is of"))
      #expect(figure.caption.contains("is the one after the middle") == filter.contains("4"))
    }
    let kernel = filteringFigure(of: try finding(["box:2"], picture(30, 20)), source: "a.png")
    #expect(kernel.caption.contains("is the one after the middle"))
  }

  @Test func `a sheet`() throws {
    let disk = Tensor(
      shape: [1, 24, 32],
      (0..<768).map { index in
        let (y, x) = (Double(index / 32) - 12, Double(index % 32) - 16)
        return x * x + y * y < 70 ? 200 : 40
      })
    let figure = filteringFigure(
      of: try finding(["box:3", "sobel-x", "sobel", "median:3", "canny"], disk), source: "disk.png")
    try expectSound(figure)
    try expectSnapshot(graphics(of: figure), named: "filtering")
  }
}
