public import Analysis
public import ArgumentParser
internal import Foundation
public import Galleries

extension PicturePadding: ExpressibleByArgument {}
extension FilteringScale: ExpressibleByArgument {}

/// By which filters a picture goes, and how.
public struct FilterOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      A filter, as listed above, or the matrix of a kernel, such as '0 1 0; 1 -4 1; 0 1 0' or \
      '1/9 * [1 1 1; 1 1 1; 1 1 1]'. May be given several times. \
      (default: \(FilterOptions.usual.joined(separator: ", ")))
      """, valueName: "filter"))
  public var kernel: [String] = []

  @Flag(
    help: """
      Turn each kernel by 180° before it is laid over the picture, as in mathematics; by default, \
      kernels are correlated with it, as in networks.
      """)
  public var convolution = false

  @Option(
    help: """
      What is beyond the border: reflect (mirrored, outermost pixels once), symmetric (mirrored, \
      outermost pixels twice), edge (the nearest pixel), zero, or none for windows inside the \
      picture only. Dilating and eroding always leave it out.
      """)
  public var padding = PicturePadding.reflect

  @Option(help: "Use every nth window of every nth row.")
  public var stride = 1

  @Option(help: "The distance between the cells of a window, in pixels.")
  public var dilation = 1

  @Flag(help: "Filter red, green and blue separately; otherwise, the picture becomes grey.")
  public var color = false

  @Option(
    help: ArgumentHelp(
      """
      Noise to add first: gaussian:20, with the standard deviation in levels of 0 to 255, or \
      salt-and-pepper:0.05, with the share of values. The caption then has the error of what is \
      comparable.
      """, valueName: "noise"))
  public var noise: String?

  @Option(help: "Random seed of the noise.")
  public var seed: UInt64 = 0

  @Option(
    help: """
      How results become colours: auto (as the filter's results suit), clip (levels 0 to 255, \
      others clipped), signed (zero in the middle), absolute (magnitudes), or full (from the least \
      to the greatest value).
      """)
  public var scale = FilteringScale.auto

  public init() {}

  /// What is shown if no filter is asked for: smoothing, sharpening, derivatives and edges.
  public static let usual = [
    "box:5", "gaussian:2", "median:5", "sharpen", "sobel-x", "sobel", "laplacian", "canny",
  ]
  private static let greatestStep = 1000
  private static let mostFilters = 100

  public func validate() throws {
    for (option, step) in [("--stride", stride), ("--dilation", dilation)] {
      guard (1...Self.greatestStep).contains(step) else {
        throw ValidationError("\(option) must be from 1 to 1,000, not \(step)")
      }
    }
    guard kernel.count <= Self.mostFilters else {
      throw ValidationError(
        "--kernel: expected at most \(Self.mostFilters) filters, found \(kernel.count)")
    }
    do throws(SelectionError) {
      _ = try filters()
    } catch {
      throw ValidationError("--kernel: \(error)")
    }
    do throws(SelectionError) {
      _ = try addedNoise()
    } catch {
      throw ValidationError("--noise: \(error)")
    }
  }

  package func filters() throws(SelectionError) -> [PictureFilter] {
    var filters: [PictureFilter] = []
    for text in kernel.isEmpty ? Self.usual : kernel { filters.append(try PictureFilter(text)) }
    guard kernel.isEmpty else { return filters }
    // Those that cannot be moved as asked for, such as edges with a stride, were not asked for.
    return filters.filter { $0.allows(geometry) }
  }

  package func addedNoise() throws(SelectionError) -> AddedNoise? {
    guard let noise else { return nil }
    return try AddedNoise(noise)
  }

  package var geometry: FilterGeometry {
    FilterGeometry(
      isConvolution: convolution, padding: padding, stride: max(1, stride),
      dilation: max(1, dilation))
  }
}
