public import TensorCore

/// A picture, and what filters make of it.
public struct PictureFiltering: Sendable {
  public struct Result: Sendable {
    public let filter: PictureFilter
    /// `[C, H', W']`, in levels of which the picture has 0 to 255; edges are 1, and 0 elsewhere.
    public let values: Tensor
    /// From the picture without noise, at the middles of the windows; nil if there was no noise, or
    /// if the values are on another scale.
    public let error: PictureError?
  }

  /// `[C, H, W]`, of one channel or of red, green and blue, in levels from 0 to 255.
  public let picture: Tensor
  public let noise: AddedNoise?
  public let seed: UInt64
  /// What was filtered, if noise was added.
  public let noisy: Tensor?
  public let noiseError: PictureError?
  public let geometry: FilterGeometry
  public let results: [Result]

  /// Adds noise, if there is any, and filters the picture.
  ///
  /// - Parameters:
  ///   - picture: `[C, H, W]`, in levels from 0 to 255.
  ///   - noise: Nil for none.
  ///   - progress: Called with the number of filters that are done, which may be a fraction.
  /// - Throws: `SelectionError` if a filter does not fit, before anything is computed; the errors of
  ///   `progress`.
  public init(
    of picture: Tensor, by filters: [PictureFilter], _ geometry: FilterGeometry = FilterGeometry(),
    noise: AddedNoise? = nil, seed: UInt64 = 0, progress: (Double) throws -> Void = { _ in }
  ) throws {
    precondition(
      picture.shape.rank == 3 && picture.count > 0, "\(picture.shape) is no picture")
    for filter in filters {
      try filter.check(height: picture.shape[1], width: picture.shape[2], geometry)
    }
    (self.picture, self.noise, self.seed, self.geometry) = (picture, noise, seed, geometry)
    let noisy = noise?.added(to: picture, seed: seed)
    self.noisy = noisy
    noiseError = noisy.map { PictureError(of: $0, from: picture) }
    results = try filters.enumerated().map { index, filter in
      let values = try filter.applied(to: noisy ?? picture, geometry) {
        try progress(Double(index) + $0)
      }
      try progress(Double(index + 1))
      let isComparable = noisy != nil && filter.keepsBrightness
      return Result(
        filter: filter, values: values,
        error: isComparable
          ? PictureError(
            of: values, from: filter.middles(of: picture, like: values, geometry)) : nil)
    }
  }
}
