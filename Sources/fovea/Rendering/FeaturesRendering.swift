import Analysis
import Datasets
import Files
import Galleries
import Images
import TensorCore

extension Studio {
  /// - Parameter count: How many pictures; where one cannot be read, another takes its place.
  func addFeatures(
    of pictures: Pictures, _ count: Int, layers: [String], units: LayerOptions,
    scale: FeatureMapFigure.Scale, order: FeatureMapFigure.Order
  ) throws {
    guard count > 0 else { return }
    var failures: [FileError] = []
    var shown = 0
    let chosen = try pictures.sample(count)
    let others = Set(pictures.indices).subtracting(chosen).sorted()
    for index in chosen + others where shown < count {
      let (input, picture, source): (Tensor, Image, String)
      do {
        let example = try pictures.dataset.example(at: index)
        input = try pictures.preprocessing.tensor(for: example)
        picture = try pictures.preprocessing.displayed(example)
        source = example.source
      } catch let error as FileError {
        failures.append(error)
        continue
      }
      shown += 1
      for finding in try FeatureMapAnalysis().run(on: network, picture: input, layers: layers) {
        if !finding.maps.isFinite { reportNonFinite(finding.layer, for: input, named: source) }
        let name = "\(finding.layer)-\(baseName(source))"
        if writer.resumes(.features, name) { continue }
        var figure = FeatureMapFigure()
        figure.scale = scale
        figure.order = order
        switch try units.choice() {
        case .list:
          figure.units = try units.units(of: finding.layer, in: network, usual: 0, live: [])
        case .count(let count): figure.most = count
        case nil: break
        }
        try add(
          figure.figure(
            of: finding, layer: layer(finding.layer), picture: picture, source: source),
          name: name,
          facts(source: source, options: ["scale": scale.rawValue, "order": order.rawValue])
        ) {
          ["maps": finding.maps.reshaped(to: Shape([1] + finding.maps.shape.extents))]
        }
      }
    }
    if shown == 0, let first = failures.first { throw first }
    report(failures)
  }
}
