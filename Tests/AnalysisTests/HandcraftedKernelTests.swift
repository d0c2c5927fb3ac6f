import Analysis
import TensorCore
import TestSupport
import Testing

@Suite struct `Handcrafted kernels` {
  // MARK: Text

  @Test(arguments: [
    ("box", "box:3", [3, 3]), ("box:5x1", "box:5x1", [5, 1]), ("Mean:size=2", "box:2", [2, 2]),
    ("gaussian:1.5", "gaussian:1.5", [13, 13]), ("gaussian", "gaussian:1", [9, 9]),
    ("gaussian:size=3x5,sigma=0.50", "gaussian:0.5,size=3x5", [3, 5]),
    ("sobel-x", "sobel-x", [3, 3]), ("sobel-y:5", "sobel-y:5", [5, 5]),
    ("sobel:theta=45", "sobel:theta=45", [3, 3]), ("prewitt-x:2", "prewitt-x:2", [2, 2]),
    ("scharr-y", "scharr-y", [3, 3]), ("laplacian:8", "laplacian:8", [3, 3]),
    ("log:2", "log:2", [17, 17]), ("sharpen:0.5", "sharpen:0.5", [3, 3]),
    ("emboss:size=5", "emboss:size=5", [5, 5]), ("identity", "identity", [1, 1]),
    ("gabor:45,4", "gabor:theta=45,lambda=4", [21, 21]),
    (
      "gabor:psi=90,size=7x9,theta=0,lambda=5,sigma=2,gamma=1",
      "gabor:theta=0,lambda=5,sigma=2,gamma=1,psi=90,size=7x9", [7, 9]
    ),
    (" 0 1 0;1 -4 1;0 1 0 ", "0 1 0; 1 -4 1; 0 1 0", [3, 3]),
    ("[[1, 2, 3], [4, 5, 6]]", "1 2 3; 4 5 6", [2, 3]), ("-1\n.5\n", "-1; .5", [2, 1]),
    ("1/9 * [1 1 1; 1 1 1; 1 1 1]", "1/9 * [1 1 1; 1 1 1; 1 1 1]", [3, 3]),
  ])
  func `are made of a text, and have one`(text: String, name: String, extents: [Int]) throws {
    let kernel = try HandcraftedKernel(text)
    #expect(kernel.name == name && kernel.weights.shape.extents == extents)
    let again = try HandcraftedKernel(kernel.name)
    #expect(again.name == name && again.weights.elements == kernel.weights.elements)
    #expect(!kernel.label.isEmpty && kernel.weights.elements.allSatisfy(\.isFinite))
    #expect(try PictureFilter(text).name == name)
  }

  @Test(arguments: [
    ("gausian:1", "no kernel 'gausian'; did you mean 'gaussian'?"),
    ("gaussian:0", "gaussian:0: sigma must be a number from 0.1 to 125, not '0'"),
    ("gaussian:nan", "gaussian:nan: sigma must be a number from 0.1 to 125, not 'nan'"),
    (
      "box:0x4",
      "box:0x4: size must be a side from 1 to 1001, such as 3, or rows and columns, such as 5x1, "
        + "not '0x4'"
    ),
    (
      "box:99999999999999999999",
      "box:99999999999999999999: size must be a side from 1 to 1001, such as 3, or rows and "
        + "columns, such as 5x1, not '99999999999999999999'"
    ),
    ("box:3,4", "box:3,4: '4' is one argument too many; box takes size"),
    ("log:2,foo=3", "log:2,foo=3: no argument 'foo'; log takes sigma, size"),
    ("scharr-x:3", "scharr-x:3: '3' is one argument too many; scharr-x takes no arguments"),
    (
      "gaussian:1,sigma=2",
      "gaussian:1,sigma=2: '1' is one argument too many; gaussian takes sigma, size"
    ),
    ("gaussian:sigma=1,sigma=2", "gaussian:sigma=1,sigma=2: sigma is given twice"),
    ("gaussian:", "gaussian:: expected a value between the commas, found nothing"),
    ("sharpen:size=4", "sharpen:size=4: size must be an odd number from 3 to 1001, not '4'"),
    (
      "gabor:lambda=900",
      "gabor:lambda=900: a kernel of 6049 rows or columns, of which there can be 1001; give a "
        + "smaller lambda or sigma, or a size"
    ),
    (
      "sobel",
      "sobel: expected sobel-x, sobel-y or a direction, such as sobel:theta=45"
    ),
    ("1 2; 3", "'1 2; 3': the first row has 2 numbers, and row 2 has 1"),
    ("1 a", "'1 a': expected numbers from -1e9 to 1e9 in a matrix, found 'a'"),
    ("1/0", "'1/0': expected numbers from -1e9 to 1e9 in a matrix, found '1/0'"),
    ("1e30", "'1e30': expected numbers from -1e9 to 1e9 in a matrix, found '1e30'"),
    ("[]", "'[]': expected a matrix, found no numbers"),
    ("2 * 3 * 4", "'2 * 3 * 4': expected a number, * and a matrix, found more than one *"),
  ])
  func `of a text that is none`(text: String, message: String) {
    #expect(errorText { try HandcraftedKernel(text) } == message)
  }

  @Test func `the greatest sides are as large as they are said to be`() throws {
    #expect(try HandcraftedKernel("box:1001x1").rows == HandcraftedKernel.greatestSide)
    #expect(try HandcraftedKernel("gaussian:125").rows == HandcraftedKernel.greatestSide)
    #expect(errorText { try HandcraftedKernel("") }?.hasPrefix("no kernel ''; there are") == true)
  }

  // MARK: Weights

  @Test func `known weights`() throws {
    func weights(_ text: String) throws -> [Float] {
      try HandcraftedKernel(text).weights.elements
    }
    #expect(try weights("sobel-x") == [-1, 0, 1, -2, 0, 2, -1, 0, 1])
    #expect(try weights("sobel-y") == [-1, -2, -1, 0, 0, 0, 1, 2, 1])
    #expect(try weights("prewitt-x") == [-1, 0, 1, -1, 0, 1, -1, 0, 1])
    #expect(try weights("prewitt-y:4").prefix(8) == [-3, -3, -3, -3, -1, -1, -1, -1])
    #expect(try weights("scharr-y") == [-3, -10, -3, 0, 0, 0, 3, 10, 3])
    #expect(try weights("laplacian") == [0, 1, 0, 1, -4, 1, 0, 1, 0])
    #expect(try weights("laplacian:8") == [1, 1, 1, 1, -8, 1, 1, 1, 1])
    #expect(try weights("sharpen") == [0, -1, 0, -1, 5, -1, 0, -1, 0])
    #expect(try weights("emboss") == [-2, -1, 0, -1, 1, 1, 0, 1, 2])
    #expect(try weights("box:2x5") == [Float](repeating: 0.1, count: 10))
    // OpenCV 5.0.0: numpy.outer(*cv2.getDerivKernels(1, 0, 5)[::-1]).
    #expect(
      try weights("sobel-x:5") == [
        -1, -2, 0, 2, 1, -4, -8, 0, 8, 4, -6, -12, 0, 12, 6, -4, -8, 0, 8, 4, -1, -2, 0, 2, 1,
      ])
    // Mixed of both axes.
    let (x, y) = (try weights("sobel-x"), try weights("sobel-y"))
    expectClose(
      try weights("sobel:theta=30"),
      zip(x, y).map { 0.75.squareRoot() * Double($0) + 0.5 * Double($1) }, absolute: 1e-6)
  }

  @Test func `a Gabor filter has OpenCV's numbers, with the other phase`() throws {
    // OpenCV 5.0.0: cv2.getGaborKernel((5, 7), 2, radians(30), 5, 0.7, -radians(40)).
    let expected = [
      -0.226052, -0.245611, 0.187015, 0.52572, 0.24672, -0.34964, -0.0447634, 0.622776, 0.634558,
      -0.0279684, -0.273648, 0.41212, 0.923461, 0.351827, -0.417919, 0.0596275, 0.829292, 0.766044,
      -0.191842, -0.623567, 0.441011, 0.85242, 0.223951, -0.586961, -0.501255, 0.577548, 0.47615,
      -0.275098, -0.586787, -0.208951, 0.412839, 0.0401049, -0.423371, -0.327323, 0.0109468,
    ]
    let kernel = try HandcraftedKernel(
      "gabor:theta=30,lambda=5,sigma=2,gamma=0.7,psi=40,size=7x5")
    expectClose(kernel.weights.elements, expected, absolute: 1e-5)
  }

  @Test(arguments: [0.1, 0.5, 1, 2.3, 20])
  func `Gaussians sum to one, and second derivatives to zero`(sigma: Double) {
    let gaussian = HandcraftedKernel.gaussian(sigma: sigma)
    #expect(abs(gaussian.sum - 1) < 1e-5 && gaussian.keepsBrightness && !gaussian.isDifference)
    for size in [(1, 1), (2, 2), (4, 7), (9, 9)] {
      let sized = HandcraftedKernel.gaussian(sigma: sigma, size: size)
      #expect(abs(sized.sum - 1) < 1e-5)
      // The same from all sides.
      #expect(sized.weights.elements == sized.turned.weights.elements)
    }
    guard sigma >= 0.4 else { return }
    let log = HandcraftedKernel.laplacianOfGaussian(sigma: sigma)
    #expect(abs(log.sum) < 1e-5 * log.sumOfMagnitudes && log.isDifference)
  }

  // MARK: Bank

  @Test(arguments: [1, 2, 3, 4, 5, 7, 11, 32])
  func `a bank has distinct kernels of its side, which can be typed`(side: Int) throws {
    let bank = HandcraftedKernel.bank(side: side)
    #expect(bank.count >= (side < 3 ? side : 30))
    #expect(Set(bank.map(\.name)).count == bank.count)
    let units = bank.map { $0.weights * (1 / $0.weights.norm) }
    for (index, kernel) in bank.enumerated() {
      #expect(kernel.weights.shape == [side, side], "\(kernel.name)")
      #expect(
        try HandcraftedKernel(kernel.name).weights.elements == kernel.weights.elements,
        "\(kernel.name)")
      for other in 0..<index {
        #expect(abs(units[index].dot(units[other])) < 0.9999, "\(kernel.name)")
      }
    }
    if side >= 3 {
      for name in ["box", "gaussian", "prewitt", "log", "gabor"] + (side < 32 ? ["sobel"] : []) {
        #expect(bank.contains { $0.name.hasPrefix(name) }, "\(name)")
      }
    }
  }

  @Test func `there is no bank of nothing`() {
    #expect(HandcraftedKernel.bank(side: 0).isEmpty && HandcraftedKernel.bank(side: -3).isEmpty)
  }
}
