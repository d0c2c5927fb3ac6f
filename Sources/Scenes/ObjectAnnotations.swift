internal import Datasets
internal import Images

/// What is known about the object's place in the picture.
extension ObjectPicture {
  /// How much of each pixel of the picture is covered, as grey: white for all of it.
  func mask(_ coverage: Coverage) -> Image {
    let (region, raster) = (coverage.region, coverage.raster)
    var pixels = [UInt8](repeating: 0, count: 4 * width * height)
    for pixel in 0..<(width * height) { pixels[4 * pixel + 3] = 255 }
    guard !region.isEmpty else { return Image(width: width, height: height, pixels: pixels) }
    for y in 0..<region.height {
      for x in 0..<region.width {
        var covered: Float = 0
        for row in y * scale..<(y + 1) * scale {
          for column in x * scale..<(x + 1) * scale
          where raster.owners[row * raster.width + column] >= 0 { covered += 1 }
        }
        let start = 4 * ((region.y + y) * width + region.x + x)
        for color in 0..<3 { pixels[start + color] = level(covered) }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// The smallest box of whole pixels around what is visible; nil if nothing is.
  func box(_ coverage: Coverage) -> Annotations.Box? {
    let (region, raster) = (coverage.region, coverage.raster)
    var (left, top, right, bottom) = (Int.max, Int.max, -1, -1)
    for (sample, owner) in raster.owners.enumerated() where owner >= 0 {
      let (row, column) = (sample / raster.width / scale, sample % raster.width / scale)
      (left, right) = (min(left, column), max(right, column))
      (top, bottom) = (min(top, row), max(bottom, row))
    }
    guard left <= right else { return nil }
    return Annotations.Box(
      name: factors.objectClass.rawValue, x: Double(region.x + left), y: Double(region.y + top),
      width: Double(right - left + 1), height: Double(bottom - top + 1))
  }

  /// The parts that the object has: each at that of its visible samples that is nearest to their
  /// mean, or at the mean of its projected corners if none is visible.
  func parts(_ coverage: Coverage) -> [Annotations.Part] {
    let (region, raster) = (coverage.region, coverage.raster)
    let owned = solid.triangles.map { triangle in
      triangle.part.flatMap { ObjectPart.allCases.firstIndex(of: $0) }
    }
    var samples = [[PlanePoint]](repeating: [], count: ObjectPart.allCases.count)
    for (sample, owner) in raster.owners.enumerated() where owner >= 0 {
      guard let part = owned[Int(owner)] else { continue }
      samples[part].append(
        PlanePoint(
          Float(sample % raster.width) + 0.5, Float(sample / raster.width) + 0.5))
    }
    let origin = PlanePoint(Float(region.x), Float(region.y))
    return Set(owned.compactMap(\.self)).sorted().map { number in
      let (part, visible) = (ObjectPart.allCases[number], samples[number])
      let place =
        visible.isEmpty ? hiddenPlace(of: part) : nearestToMean(visible) / Float(scale) + origin
      return Annotations.Part(
        name: part.rawValue, x: Double(place.x), y: Double(place.y), isVisible: !visible.isEmpty)
    }
  }

  private func hiddenPlace(of part: ObjectPart) -> PlanePoint {
    let corners = solid.triangles.filter { $0.part == part }
      .flatMap { [$0.corners.x, $0.corners.y, $0.corners.z] }
    let places = corners.map { camera.project(points[Int($0)]) }
    return places.reduce(PlanePoint.zero) { $0 + PlanePoint($1.x, $1.y) }
      / (Float(places.count) * Float(scale))
  }
}

private func nearestToMean(_ points: [PlanePoint]) -> PlanePoint {
  let mean = points.reduce(.zero, +) / Float(points.count)
  func distance(_ point: PlanePoint) -> Float { ((point - mean) * (point - mean)).sum() }
  return points.min { distance($0) < distance($1) } ?? mean
}
