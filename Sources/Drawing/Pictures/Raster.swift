public import Images

/// A matrix of numbers, row by row from the top left: a feature map, a filter, a saliency map.
public struct Raster: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// `width · height` numbers.
  public let values: [Float]

  public init(width: Int, height: Int, values: [Float]) {
    precondition(
      width >= 0 && height >= 0 && values.count == width * height,
      "\(values.count) numbers do not make a raster of \(width)×\(height)")
    self.width = width
    self.height = height
    self.values = values
  }

  /// Splits the numbers of a [C, H, W] tensor into its C maps.
  public static func maps(of values: [Float], width: Int, height: Int) -> [Raster] {
    let count = width * height
    precondition(
      count > 0 && values.count.isMultiple(of: count),
      "\(values.count) numbers do not make rasters of \(width)×\(height)")
    return stride(from: 0, to: values.count, by: count).map { start in
      Raster(width: width, height: height, values: Array(values[start..<start + count]))
    }
  }

  /// The sum of the C maps of a [C, H, W] tensor.
  public static func sum(of values: [Float], width: Int, height: Int) -> Raster {
    let count = width * height
    var sums = [Float](repeating: 0, count: count)
    for start in stride(from: 0, to: values.count, by: max(count, 1)) {
      for place in 0..<count { sums[place] += values[start + place] }
    }
    return Raster(width: width, height: height, values: sums)
  }

  /// The greatest finite number, or that of the greatest magnitude if the map is signed; nil if no
  /// number is finite.
  public func extreme(isSigned: Bool) -> Float? {
    var extreme: Float?
    for value in values where value.isFinite {
      guard let known = extreme else {
        extreme = value
        continue
      }
      if isSigned ? abs(value) > abs(known) : value > known { extreme = value }
    }
    return extreme
  }

  /// One pixel per number: `range` is mapped to `0...1`, and that to a colour. Non-finite numbers
  /// are transparent; tiles, pictures and heat maps show them hatched.
  public func image(_ colormap: Colormap, range: ClosedRange<Float>) -> Image {
    let table = colormap.table
    let lower = Double(range.lowerBound)
    let last = Double(table.count - 1)
    // In double precision, the quotient is finite for every range of floats.
    let factor = last / max(Double(range.upperBound) - lower, .leastNormalMagnitude)
    let pixels = [UInt8](unsafeUninitializedCapacity: 4 * values.count) { bytes, count in
      let target = UnsafeMutableRawBufferPointer(bytes)
      values.withUnsafeBufferPointer { values in
        table.withUnsafeBufferPointer { table in
          for index in 0..<values.count {
            let value = Double(values[index])
            let position = min(max((value - lower) * factor, 0), last)
            let color = value.isFinite ? table[Int(position + 0.5)] : SIMD4(repeating: 0)
            target.storeBytes(of: color, toByteOffset: 4 * index, as: SIMD4<UInt8>.self)
          }
        }
      }
      count = 4 * values.count
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// The number of values that are NaN or infinite.
  public var nonFiniteCount: Int { values.count { !$0.isFinite } }

  /// One pixel per number, with a scale of its own.
  public func image(_ colormap: Colormap, scaling: Scaling = .full) -> Image {
    image(colormap, range: scaling.range(of: values))
  }
}

/// Red, green and blue planes of numbers, each row by row, such as a filter of a first layer.
public struct ColorRaster: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// [3, H, W]: all of red, then green, then blue.
  public let values: [Float]

  /// - Parameters:
  ///   - values: [3, H, W].
  ///   - isBlueFirst: Whether their planes are blue, green and red, as in Caffe's networks.
  public init(width: Int, height: Int, values: [Float], isBlueFirst: Bool = false) {
    let area = width * height
    precondition(
      width >= 0 && height >= 0 && values.count == 3 * area,
      "\(values.count) numbers do not make a colour raster of \(width)×\(height)")
    self.width = width
    self.height = height
    self.values =
      isBlueFirst
      ? Array(values[(2 * area)...] + values[area..<(2 * area)] + values[..<area]) : values
  }

  /// One pixel per position: `range` is mapped to black…full in all three planes, which keeps hues;
  /// with a symmetric range, zero is mid-grey. A position where any plane is not finite is
  /// transparent.
  public func image(range: ClosedRange<Float>) -> Image {
    let plane = width * height
    let lower = Double(range.lowerBound)
    let factor = 255 / max(Double(range.upperBound) - lower, .leastNormalMagnitude)
    var pixels = [UInt8](repeating: 255, count: 4 * plane)
    for channel in 0..<3 {
      for place in 0..<plane {
        let value = Double(values[channel * plane + place])
        guard value.isFinite else {
          pixels[4 * place + 3] = 0
          continue
        }
        pixels[4 * place + channel] = UInt8(min(max((value - lower) * factor, 0), 255) + 0.5)
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// The number of positions with a value that is NaN or infinite.
  public var nonFiniteCount: Int {
    let plane = width * height
    return (0..<plane).count { place in
      (0..<3).contains { !values[$0 * plane + place].isFinite }
    }
  }

  /// One pixel per position, with a scale of its own.
  public func image(scaling: Scaling = .symmetric) -> Image {
    image(range: scaling.range(of: values))
  }
}
