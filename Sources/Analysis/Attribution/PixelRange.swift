public import Datasets

/// What a pixel can be in the network's input, for each channel.
public struct PixelRange: Sendable, Hashable {
  public let low: [Float]
  public let high: [Float]

  public init(low: [Float], high: [Float]) { (self.low, self.high) = (low, high) }

  /// From black to white as the preprocessing gives them; nil for inputs that are no pictures.
  public init?(of preprocessing: Preprocessing) {
    guard preprocessing.takesPictures else { return nil }
    func values(of pixel: Float) -> [Float] {
      zip(preprocessing.mean, preprocessing.deviation).map {
        (pixel * preprocessing.scale - $0) / $1
      }
    }
    self.init(low: values(of: 0), high: values(of: 255))
  }
}
