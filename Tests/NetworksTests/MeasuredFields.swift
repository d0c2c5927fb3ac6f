import Networks
import TensorCore
import TestSupport
import Testing

/// Which pixels every element of every node depends on, found by pictures of a single pixel.
struct MeasuredFields {
  private let network: Network
  private let shape: Shape
  private let recording: Recording

  init(_ network: Network) {
    self.network = network
    shape = network.graph.inputShape
    let (size, pixels) = (shape.elementCount, shape[1] * shape[2])
    let channels = shape[0]
    recording = network.record(
      Tensor(shape: Shape([pixels] + shape.extents)) { target in
        target.initialize(repeating: 0)
        for pixel in 0..<pixels {
          for channel in 0..<channels { target[pixel * size + channel * pixels + pixel] = 1 }
        }
      })
  }

  /// Expects every element to depend on nothing outside its field, and on all of the field's rows
  /// and columns where these move with the position and no border cuts them off.
  ///
  /// - Returns: The number of rows and columns that were compared exactly.
  func check() throws -> Int {
    let fields = network.receptiveFields()
    var exact = 0
    for node in network.graph.nodes where network.dependsOnPictures(node.name) {
      let field = try #require(fields[node.name])
      let output = recording[node.name]
      let values = output.arranged(as: .rowMajor).elements
      let (pictures, count) = (output.shape[0], output.count / output.shape[0])
      let greatest = values.reduce(0, max)
      for (element, index) in Slow.indices(Array(output.shape.extents.dropFirst())).enumerated() {
        let said = field.pixels(at: Array(index.dropFirst()), ofUnit: index[0])
        let seen = (0..<pictures).filter { values[$0 * count + element] > 1e-6 * greatest }
        guard !seen.isEmpty else { continue }
        for picture in 0..<2 {
          let places = seen.map { picture == 0 ? $0 / shape[2] : $0 % shape[2] }
          let range = (places.min() ?? 0)..<((places.max() ?? 0) + 1)
          let own = said[picture]
          #expect(
            own.lowerBound <= range.lowerBound && range.upperBound <= own.upperBound,
            "\(node.name) at \(index), axis \(picture): says \(own), sees \(range)")
          guard field.field(ofUnit: index[0]).axes[picture] != nil, own.lowerBound >= 0,
            own.upperBound <= shape[picture + 1]
          else { continue }
          exact += 1
          #expect(range == own, "\(node.name) at \(index), axis \(picture)")
        }
      }
    }
    return exact
  }
}
