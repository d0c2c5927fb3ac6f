import Analysis
import TensorCore
import TestSupport
import Testing

@Suite struct `Filtered pictures` {
  /// `p[r, c] = (37 r² + 59 c + 11 r c) mod 256`, as in the commands of the reference numbers.
  private static let picture = Tensor(
    shape: [1, 5, 6],
    (0..<5).flatMap { r in
      (0..<6).map { c -> Float in
        let value: Int = 37 * r * r + 59 * c + 11 * r * c
        return Float(value % 256)
      }
    })

  private func filtered(
    _ text: String, _ picture: Tensor = picture, convolution: Bool = false,
    padding: PicturePadding = .reflect, stride: Int = 1, dilation: Int = 1
  ) throws -> Tensor {
    try PictureFilter(text).applied(
      to: picture,
      FilterGeometry(
        isConvolution: convolution, padding: padding, stride: stride, dilation: dilation))
  }

  private func random(_ shape: Shape, seed: Int) -> Tensor {
    Tensor.random(shape, seed: seed).map { (($0 * 60 + 128).rounded()) }
  }

  // MARK: Slow loops

  /// The values below a window around a pixel; nil beyond the border without padding.
  private func window(
    _ picture: Tensor, _ channel: Int, _ row: Int, _ column: Int, rows: Int, columns: Int,
    _ padding: PicturePadding, dilation: Int, anchor: (Int, Int)
  ) -> [Double?] {
    let (height, width) = (picture.shape[1], picture.shape[2])
    let values = picture.elements
    func place(_ index: Int, _ count: Int) -> Int? {
      var index = index
      switch padding {
      case .edge: return min(max(index, 0), count - 1)
      case .zero, .none: return (0..<count).contains(index) ? index : nil
      case .reflect:
        guard count > 1 else { return 0 }
        // One step after the other.
        while !(0..<count).contains(index) {
          index = index < 0 ? -index : 2 * (count - 1) - index
        }
        return index
      case .symmetric:
        while !(0..<count).contains(index) {
          index = index < 0 ? -1 - index : 2 * count - 1 - index
        }
        return index
      }
    }
    return (0..<rows).flatMap { r in
      (0..<columns).map { c -> Double? in
        guard let y = place(row + (r - anchor.0) * dilation, height),
          let x = place(column + (c - anchor.1) * dilation, width)
        else { return padding == .zero ? 0 : nil }
        return Double(values[(channel * height + y) * width + x])
      }
    }
  }

  /// Every window of a picture, row by row.
  private func windows(
    _ picture: Tensor, rows: Int, columns: Int, _ padding: PicturePadding, stride: Int,
    dilation: Int, isTurned: Bool
  ) -> [[Double]] {
    let (height, width) = (picture.shape[1], picture.shape[2])
    let anchor =
      isTurned
      ? (rows - 1 - rows / 2, columns - 1 - columns / 2) : (rows / 2, columns / 2)
    var result: [[Double]] = []
    for channel in 0..<picture.shape[0] {
      // Without padding, the first window is that in the corner.
      let first = padding == .none ? (anchor.0 * dilation, anchor.1 * dilation) : (0, 0)
      for row in Swift.stride(from: first.0, to: height, by: stride) {
        for column in Swift.stride(from: first.1, to: width, by: stride) {
          let values = window(
            picture, channel, row, column, rows: rows, columns: columns, padding,
            dilation: dilation, anchor: anchor)
          if values.allSatisfy({ $0 != nil }) { result.append(values.compactMap(\.self)) }
        }
      }
    }
    return result
  }

  @Test(arguments: PicturePadding.allCases, [(1, 1), (2, 1), (1, 2), (3, 2)])
  func `kernels and medians agree with loops`(padding: PicturePadding, steps: (Int, Int)) throws {
    let (stride, dilation) = steps
    for (seed, size) in [(3, 3), (2, 4), (5, 1), (8, 9)].enumerated() {
      let (rows, columns) = size
      let needed = padding == .none ? 9 * dilation : 1
      let picture = random([2, needed + 4, needed + 5 + seed], seed: seed)
      let weights = Tensor.random([rows, columns], seed: 7 + seed)
      let kernel = HandcraftedKernel(name: "random", label: "random", weights: weights)
      for isConvolution in [false, true] {
        let own = isConvolution ? weights.elements.reversed() : weights.elements
        let expected = windows(
          picture, rows: rows, columns: columns, padding, stride: stride, dilation: dilation,
          isTurned: isConvolution
        ).map { zip($0, own).reduce(0) { $0 + $1.0 * Double($1.1) } }
        let result = try PictureFilter(kernel).applied(
          to: picture,
          FilterGeometry(
            isConvolution: isConvolution, padding: padding, stride: stride, dilation: dilation))
        expectClose(
          result.elements, expected, relative: 1e-4, absolute: 5e-3, "\(size) \(isConvolution)")
      }
      let medians = windows(
        picture, rows: rows, columns: columns, padding, stride: stride, dilation: dilation,
        isTurned: false
      ).map { $0.sorted()[rows * columns / 2] }
      let result = try filtered(
        "median:\(rows)x\(columns)", picture, padding: padding, stride: stride, dilation: dilation)
      expectClose(result.elements, medians, "median of \(size)")
    }
  }

  @Test(arguments: [1, 2, 7])
  func `a picture may be smaller than a window`(side: Int) throws {
    let picture = random([1, side, 1], seed: side)
    for padding in PicturePadding.allCases where padding != .none {
      for text in ["box:9x4", "median:4x9", "dilate:9", "open:9,shape=disk", "gaussian:3", "canny"]
      {
        let result = try filtered(text, picture, padding: padding)
        #expect(result.shape == picture.shape && result.elements.allSatisfy(\.isFinite), "\(text)")
      }
      let expected = windows(
        picture, rows: 9, columns: 4, padding, stride: 1, dilation: 1, isTurned: false
      ).map { $0.reduce(0, +) / 36 }
      expectClose(
        try filtered("box:9x4", picture, padding: padding).elements, expected, absolute: 1e-3)
    }
    #expect(
      errorText { try filtered("box:9", picture, padding: .none) }
        == "box:9: a window of 9×9 pixels does not fit into the picture of \(side)×1 without padding"
    )
  }

  // MARK: Properties of kernels

  @Test func `an impulse answers with the kernel, turned by a correlation`() throws {
    var values = [Float](repeating: 0, count: 81)
    values[40] = 1
    let impulse = Tensor(shape: [1, 9, 9], values)
    for text in ["1 2 3; 4 5 6; 7 8 9", "gabor:theta=20,lambda=4,psi=60,size=5", "emboss"] {
      let kernel = try HandcraftedKernel(text)
      for isConvolution in [false, true] {
        let result = try filtered(text, impulse, convolution: isConvolution, padding: .zero)
        let reach = kernel.rows / 2
        let seen = (4 - reach...4 + reach).flatMap { row in
          (4 - reach...4 + reach).map { result.elements[9 * row + $0] }
        }
        let expected = isConvolution ? kernel : kernel.turned
        expectClose(seen, expected.weights.elements.map(Double.init), absolute: 1e-6, text)
      }
    }
  }

  @Test(arguments: PicturePadding.allCases, [1, 2])
  func `a separable kernel is two passes, whatever is around the picture`(
    padding: PicturePadding, step: Int
  ) throws {
    let picture = random([3, 31, 29], seed: 5)
    let kernel = try HandcraftedKernel("gaussian:1.5")
    #expect(kernel.takesTwoPasses)
    let factors = try #require(kernel.factors)
    func line(_ shape: Shape, _ values: [Float]) -> PictureFilter {
      PictureFilter(
        HandcraftedKernel(
          name: "line", label: "line", weights: Tensor(shape: shape, values)))
    }
    let columns = line([13, 1], factors.column)
    let rows = line([1, 13], factors.row)
    var dense = FilterGeometry(padding: padding)
    let two = try rows.applied(to: columns.applied(to: picture, dense), dense)
    dense.stride = step
    let one = try PictureFilter(kernel).applied(to: picture, dense)
    let (height, width) = (two.shape[1], two.shape[2])
    let expected = (0..<3).flatMap { channel in
      Swift.stride(from: 0, to: height, by: step).flatMap { row in
        Swift.stride(from: 0, to: width, by: step).map {
          Double(two.elements[(channel * height + row) * width + $0])
        }
      }
    }
    expectClose(one.elements, expected, absolute: 1e-3)
    // One that is none.
    #expect(try HandcraftedKernel("log:2").factors == nil)
    #expect(try HandcraftedKernel("gabor:theta=30,lambda=5").factors == nil)
    #expect(try HandcraftedKernel("0 0; 0 0").factors == nil)
  }

  @Test func `flat pictures keep their level, or vanish`() throws {
    let flat = Tensor(shape: [1, 12, 15], repeating: 77)
    for filter in ["box:4", "gaussian:2", "sharpen:3", "emboss", "median:5", "open:4", "close:3"] {
      #expect(try filtered(filter, flat).elements.allSatisfy { abs($0 - 77) < 0.01 }, "\(filter)")
    }
    for filter in ["sobel", "prewitt-x:5", "scharr-y", "laplacian", "log:2", "canny"] {
      #expect(try filtered(filter, flat).elements.allSatisfy { abs($0) < 0.01 }, "\(filter)")
    }
  }

  @Test func `the slope of a ramp`() throws {
    // 3 levels for each column, 5 for each row.
    let ramp = Tensor(
      shape: [1, 7, 8], (0..<56).map { Float(3 * ($0 % 8) + 5 * ($0 / 8)) })
    func middle(_ text: String) throws -> Float {
      try filtered(text, ramp).elements[8 * 3 + 4]
    }
    // 8 is the sum of the positive weights times their distance.
    #expect(try middle("sobel-x") == 3 * 8 && middle("sobel-y") == 5 * 8)
    #expect(try middle("prewitt-x") == 3 * 6 && middle("scharr-y") == 5 * 32)
    let magnitude = 8 * Float(9 + 25).squareRoot()
    #expect(abs(try middle("sobel") - magnitude) < 1e-3)
    #expect(try middle("laplacian") == 0)
  }

  // MARK: Reference numbers

  @Test func `numbers of SciPy, scikit-image and OpenCV`() throws {
    // SciPy 1.17.1: scipy.ndimage.gaussian_filter(p, 1.0, mode="mirror").
    expectClose(
      try filtered("gaussian:1").elements,
      [
        79.7963, 100.341, 140.395, 162.415, 146.225, 128.8, 100.521, 113.802, 139.136, 155.35,
        142.071, 126.436, 129.434, 127.784, 124.385, 135.777, 136.448, 125.852, 130.41, 121.168,
        104.285, 119.607, 135.58, 130.077, 124.897, 115.068, 97.6284, 116.422, 137.98, 134.533,
      ], absolute: 1e-3)
    // scipy.ndimage.convolve and correlate(p, [[1, 2, 3], [4, 5, 6]], mode="constant"), rows 2 and 3.
    expectClose(
      Array(
        try filtered("1 2 3; 4 5 6", convolution: true, padding: .zero).elements[12..<24]),
      [1979, 2823, 2798, 2261, 2748, 2118, 1404, 1963, 2169, 1863, 2581, 2133])
    expectClose(
      Array(try filtered("1 2 3; 4 5 6", padding: .zero).elements[12..<24]),
      [2509, 2843, 3198, 3041, 2628, 1392, 2382, 1951, 2025, 2611, 2173, 1179])
    func row2(_ text: String) throws -> [Float] {
      Array(try filtered(text, padding: .symmetric).elements[12..<18])
    }
    // scipy.ndimage.laplace(p, mode="reflect")[2].
    expectClose(try row2("laplacian"), [-101, -438, 330, 74, -438, 249])
    // scikit-image 0.26.0: skimage.filters.scharr_v(p)[2] and prewitt_h(p)[2].
    expectClose(
      try row2("scharr-x").map { $0 / 16 }, [81, -46, -46, 114, -94, -127], absolute: 1e-3)
    expectClose(
      try row2("prewitt-y").map { $0 / 3 },
      [47.3333, -23.3333, -86.6667, -64.6667, -42.6667, -28], absolute: 1e-3)
    // skimage.filters.sobel(p / 255)[1:3].
    expectClose(
      try filtered("sobel", padding: .symmetric).elements[6..<18].map {
        $0 / (255 * 4 * Float(2).squareRoot())
      },
      [
        0.467821, 0.361678, 0.210746, 0.121125, 0.32641, 0.161125, 0.257621, 0.0833737, 0.31082,
        0.361551, 0.260659, 0.334798,
      ], absolute: 1e-5)
    // scipy.ndimage.gaussian_laplace(p, 1.0, mode="reflect")[2], minus uniform_filter(p, 9)[2] times
    // the sum of the weights.
    expectClose(
      try row2("log:1"), [-27.4762, -43.9042, 11.9546, -13.2244, -27.1806, 45.4678], absolute: 1e-3)
    // scipy.ndimage.median_filter(p, 3, mode="reflect")[:2].
    #expect(
      try filtered("median:3", padding: .symmetric).elements.prefix(12) == [
        37, 59, 118, 177, 177, 61, 59, 107, 135, 177, 135, 61,
      ])
  }

  // MARK: Morphology

  @Test func `opening and dilating have OpenCV's numbers`() throws {
    // OpenCV 5.0.0: cv2.morphologyEx(p, cv2.MORPH_OPEN, ones((3, 3))).
    #expect(
      try filtered("open:3").elements == [
        0, 59, 61, 61, 61, 39, 37, 59, 61, 61, 61, 39, 77, 77, 54, 54, 54, 39, 77, 77, 5, 25, 25,
        25, 77, 77, 5, 25, 25, 25,
      ])
    // cv2.dilate(p, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))[:2].
    #expect(
      try filtered("dilate:3,shape=cross").elements.prefix(12) == [
        59, 118, 177, 247, 236, 236, 148, 229, 247, 247, 247, 131,
      ])
  }

  @Test(arguments: StructuringElement.Form.allCases, [(3, 3), (4, 4), (2, 5), (7, 7), (1, 4)])
  func `the laws of morphology`(form: StructuringElement.Form, size: (Int, Int)) throws {
    let picture = random([2, 17, 19], seed: size.0 + 10 * size.1)
    let ending = "\(size.0)x\(size.1),shape=\(form.rawValue)"
    func applied(_ name: String, _ picture: Tensor) throws -> Tensor {
      try filtered("\(name):\(ending)", picture)
    }
    let (opened, closed) = (try applied("open", picture), try applied("close", picture))
    #expect(try applied("open", opened).elements == opened.elements)
    #expect(try applied("close", closed).elements == closed.elements)
    let own = picture.elements
    #expect(zip(opened.elements, own).allSatisfy { $0 <= $1 })
    #expect(zip(closed.elements, own).allSatisfy { $0 >= $1 })
    // A dilated picture is an eroded negative, for elements that are the same when turned.
    if !size.0.isMultiple(of: 2), !size.1.isMultiple(of: 2) {
      let negative = picture.map { 255 - $0 }
      #expect(
        try applied("dilate", picture).elements
          == applied("erode", negative).elements.map { 255 - $0 })
    }
    // What is greater stays greater.
    let brighter = picture.map { $0 + 3 }
    #expect(
      try zip(applied("erode", brighter).elements, applied("erode", picture).elements)
        .allSatisfy { $0 == $1 + 3 })
  }

  @Test func `a disk is as round as that of scikit-image`() {
    // scikit-image 0.26.0: skimage.morphology.disk(3).
    let disk = StructuringElement(.disk, rows: 7, columns: 7)
    #expect(
      disk.cells.map { $0.map { "\($0)" }.joined() } == [
        "0001000", "0111110", "0111110", "1111111", "0111110", "0111110", "0001000",
      ])
    for side in 1...9 {
      #expect(StructuringElement(.disk, rows: side, columns: side).cells.joined().contains(1))
    }
  }

  @Test func `dilation of one bright pixel, with gaps and strides`() throws {
    var values = [Float](repeating: 0, count: 81)
    values[40] = 9
    let picture = Tensor(shape: [1, 9, 9], values)
    let wide = try filtered("dilate:3", picture, dilation: 2)
    #expect(
      wide.elements.indices.filter { wide.elements[$0] == 9 } == [
        20, 22, 24, 38, 40, 42, 56, 58, 60,
      ])
    let sparse = try filtered("dilate:3", picture, stride: 2)
    #expect(sparse.shape == [1, 5, 5] && sparse.elements[12] == 9)
    let inside = try filtered("open:3", picture, padding: .none)
    #expect(inside.shape == [1, 5, 5] && inside.elements.allSatisfy { $0 == 0 })
  }

  // MARK: Canny

  @Test(arguments: [0.0, 1, 2], [false, true])
  func `a step has one edge, one pixel wide`(sigma: Double, isVertical: Bool) throws {
    let step = Tensor(
      shape: [1, 20, 20], (0..<400).map { (isVertical ? $0 / 20 : $0 % 20) < 10 ? 30 : 180 })
    let edges = try filtered("canny:sigma=\(sigma)", step, padding: .edge).elements
    for index in 0..<400 {
      let (row, column) = (index / 20, index % 20)
      let (across, along) = isVertical ? (row, column) : (column, row)
      // The first of the two pixels beside the step, and none at the border.
      #expect(edges[index] == (across == 9 && (1...18).contains(along) ? 1 : 0))
    }
  }

  @Test func `thresholds`() throws {
    // Steps of 20 and of 60 levels, whose gradients are 80 and 240 without smoothing.
    let steps = Tensor(
      shape: [1, 12, 30], (0..<360).map { $0 % 30 < 10 ? 0 : $0 % 30 < 20 ? 20 : 80 })
    func columns(_ text: String) throws -> [Int] {
      let edges = try filtered(text, steps).elements
      return (0..<30).filter { edges[30 * 5 + $0] == 1 }
    }
    #expect(try columns("canny:low=50,high=80,sigma=0") == [9, 19])
    #expect(try columns("canny:low=50,high=81,sigma=0") == [19])
    #expect(try columns("canny:low=50,high=240,sigma=0") == [19])
    #expect(try columns("canny:low=50,high=241,sigma=0") == [])
    #expect(try PictureFilter("canny").name == "canny:low=25.5,high=51,sigma=1")
    #expect(try PictureFilter("canny:80").name == "canny:low=80,high=160,sigma=1")
    #expect(try PictureFilter("canny:high=20").name == "canny:low=10,high=20,sigma=1")
    // A weak end of a strong edge stays, a weak edge alone does not.
    let fading = Tensor(
      shape: [1, 40, 20], (0..<800).map { $0 % 20 < 10 ? 0 : Float($0 / 20) })
    let edges = try filtered("canny:low=40,high=120,sigma=0", fading).elements
    // Where the picture also rises downwards.
    let rows = (1..<39).filter { edges[20 * $0 + 10] == 1 }
    #expect(rows == Array(10..<39), "from a gradient of 40 on")
    let weak = try filtered("canny:low=40,high=400,sigma=0", fading).elements
    #expect(weak.allSatisfy { $0 == 0 })
  }

  @Test func `the edge of a disk is that of scikit-image`() throws {
    // scikit-image 0.26.0, of y, x = numpy.mgrid[:24, :24]:
    // skimage.feature.canny(((x - 11.3)**2 + (y - 12.1)**2 < 60) * 200 / 255, 1.5, 0.1, 0.2,
    // mode="nearest").
    let expected = """
      ........................
      ........................
      ........................
      ........................
      ........................
      ........########........
      ......##.......###......
      .....##..........#......
      .....#...........##.....
      ....#.............#.....
      ....#.............#.....
      ....#..............#....
      ....#..............#....
      ....#..............#....
      ....#.............#.....
      ....#.............#.....
      .....#...........##.....
      .....##..........#......
      ......##.......###......
      .......#########........
      ........................
      ........................
      ........................
      ........................
      """
    let disk = Tensor(
      shape: [1, 24, 24],
      (0..<576).map { index in
        let (y, x) = (Double(index / 24) - 12.1, Double(index % 24) - 11.3)
        return x * x + y * y < 60 ? 200 : 0
      })
    let edges = try filtered("canny:sigma=1.5", disk, padding: .edge).elements
    let seen = (0..<24).map { row in
      (0..<24).map { edges[24 * row + $0] == 1 ? "#" : "." }.joined()
    }.joined(separator: "\n")
    #expect(seen == expected)
  }

  @Test(arguments: [
    ("canny:50,20", "canny:50,20: low must not be greater than high, which is 20"),
    ("canny:sigma=0.01", "canny:sigma=0.01: sigma must be 0 or from 0.1, not 0.01"),
    (
      "median:300",
      "median:300: size must be a side from 1 to 255, such as 3, or rows and columns, such as 5x1, "
        + "not '300'"
    ),
    (
      "open:3,shape=star", "open:3,shape=star: shape must be rectangle or disk or cross, not 'star'"
    ),
    ("medain:3", "no filter 'medain'; did you mean 'median'?"),
  ])
  func `of a text that is none`(text: String, message: String) {
    #expect(errorText { try PictureFilter(text) } == message)
  }

  @Test func `edges have no stride`() {
    #expect(
      errorText { try filtered("canny", stride: 2) }
        == "canny:low=25.5,high=51,sigma=1: the edges have no stride and no dilation, found 2 and 1"
    )
  }

  // MARK: Noise

  @Test func `noise depends on its seed, and stays in the levels`() throws {
    let grey = Tensor(shape: [1, 200, 200], repeating: 100)
    for text in ["gaussian:20", "salt-and-pepper:0.1"] {
      let noise = try AddedNoise(text)
      #expect(noise.name == text)
      let noisy = noise.added(to: grey, seed: 4)
      #expect(noisy.elements == noise.added(to: grey, seed: 4).elements)
      #expect(noisy.elements != noise.added(to: grey, seed: 5).elements)
      #expect(noisy.elements.allSatisfy { (0...255).contains($0) })
    }
    // 40,000 normal deviates: five standard errors.
    let gaussian = try AddedNoise("gaussian:20").added(to: grey, seed: 1)
    #expect(abs(PictureError(of: gaussian, from: grey).rmse - 20) < 0.36)
    #expect(abs(gaussian.sum() / 40_000 - 100) < 0.5)
    let salted = try AddedNoise("salt-and-pepper:0.1").added(to: grey, seed: 1).elements
    let (salt, pepper) = (salted.count { $0 == 255 }, salted.count { $0 == 0 })
    #expect(abs(salt - 2000) < 220 && abs(pepper - 2000) < 220)
    #expect(salted.allSatisfy { [0, 100, 255].contains($0) })
    #expect(try AddedNoise("gaussian:0").added(to: grey, seed: 1).elements == grey.elements)
    #expect(
      errorText { try AddedNoise("salt:0.1") }
        == "no noise 'salt'; there are 'gaussian', 'salt-and-pepper'")
  }

  @Test func `errors in levels and decibels`() {
    let zero = Tensor(shape: [1, 1, 2], repeating: 0)
    let error = PictureError(of: Tensor(shape: [1, 1, 2], [3, 4]), from: zero)
    #expect(error.rmse == 12.5.squareRoot())
    // scikit-image 0.26.0: skimage.metrics.peak_signal_noise_ratio([0, 0], [3, 4], data_range=255).
    #expect(abs(error.psnr - 37.16170) < 1e-4)
    #expect(PictureError(of: zero, from: zero).psnr == .infinity)
  }

  @Test(arguments: PicturePadding.allCases, [1, 2])
  func `the mean of neighbours removes noise, and the median salt and pepper`(
    padding: PicturePadding, stride: Int
  ) throws {
    // A smooth picture.
    let picture = Tensor(
      shape: [1, 64, 60], (0..<3840).map { Float($0 % 60 + 2 * ($0 / 60)) + 30 })
    func errors(_ noise: String) throws -> (before: Double, [Double?]) {
      let finding = try PictureFiltering(
        of: picture, by: ["box:3", "median:3", "sobel", "identity"].map { try PictureFilter($0) },
        FilterGeometry(padding: padding, stride: stride), noise: AddedNoise(noise), seed: 3)
      return (try #require(finding.noiseError?.rmse), finding.results.map { $0.error?.rmse })
    }
    // Black around the picture spoils its border.
    guard padding != .zero else { return }
    let gaussian = try errors("gaussian:15")
    let (mean, _) = (try #require(gaussian.1[0]), gaussian.1[2])
    // A third, as of the mean of nine independent numbers.
    #expect(mean < 0.45 * gaussian.before && gaussian.1[2] == nil)
    let salted = try errors("salt-and-pepper:0.1")
    let (average, median) = (try #require(salted.1[0]), try #require(salted.1[1]))
    #expect(median < 0.3 * average && average < salted.before)
    // The places are compared with those of the picture.
    let unchanged = try #require(salted.1[3])
    #expect(abs(unchanged - salted.before) < 0.2 * salted.before)
  }

  @Test func `without noise there is no error`() throws {
    let finding = try PictureFiltering(of: Self.picture, by: [PictureFilter("box:3")])
    #expect(finding.noisy == nil && finding.noiseError == nil && finding.results[0].error == nil)
  }
}
