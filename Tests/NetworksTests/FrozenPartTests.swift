import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `The frozen part of a network` {
  private func network(_ name: String, dropout: Float? = nil) throws -> Network {
    let architecture = try #require(Architecture(rawValue: name))
    return try architecture.blueprint(
      classes: 4, inputShape: [3, 32, 32], dropout: dropout
    ).network(seed: 1, initialization: .he)
  }

  private func parameters(of network: Network, _ isChanging: (String) -> Bool) -> Set<String> {
    Set(network.learnedParameters.filter(isChanging))
  }

  @Test func `ends where a classifier alone learns`() throws {
    let network = try network("lenet5")
    let classifier = try network.classifier().parameters
    let boundary = try #require(
      network.frozenBoundary(changing: Set(classifier), frozen: []))
    #expect(boundary.count == 1)
    let node = try #require(
      network.graph.nodes.first { $0.parameters.contains { classifier.contains($0) } })
    #expect(node.inputs == boundary)
  }

  @Test func `is none if the first layer learns, or a batch norm measures its batch`() throws {
    let network = try network("vgg-small")
    #expect(network.frozenBoundary(changing: network.learnedParameters, frozen: []) == nil)
    let classifier = Set(try network.classifier().parameters)
    let norms = network.graph.nodes.filter { $0.operation is BatchNormalization }.map(\.name)
    let open = network.frozenBoundary(changing: classifier, frozen: [])
    // The first norm follows the first convolution, which is all that stays.
    #expect(open.map { $0.count == 1 } ?? true)
    let closed = try #require(network.frozenBoundary(changing: classifier, frozen: Set(norms)))
    #expect(closed.count == 1 && closed != open)
  }

  @Test func `stops before dropout, which is random`() throws {
    let network = try network("vgg-small", dropout: 0.5)
    let classifier = Set(try network.classifier().parameters)
    let norms = network.graph.nodes.filter { $0.operation is BatchNormalization }.map(\.name)
    let boundary = try #require(network.frozenBoundary(changing: classifier, frozen: Set(norms)))
    let first = try #require(
      network.graph.nodes.first { ($0.operation as? Dropout).map { $0.rate > 0 } == true })
    #expect(first.inputs == boundary)
  }

  @Test func `given instead of the pictures, its outputs lead to the same scores and gradients`()
    throws
  {
    for name in ["lenet5", "resnet20"] {
      let network = try network(name)
      let learned = network.learnedParameters.sorted()
      let classifier = Set(try network.classifier().parameters)
      let norms = Set(
        network.graph.nodes.filter { $0.operation is BatchNormalization }.map(\.name))
      // The classifier alone, and half of all.
      for changing in [classifier, Set(learned.suffix(learned.count / 2)).union(classifier)] {
        guard let boundary = network.frozenBoundary(changing: changing, frozen: norms) else {
          continue
        }
        let pictures = Tensor.random([4, 3, 32, 32], seed: 3)
        let mode = Mode.training(seed: 7)
        let whole = network.record(
          pictures, keeping: .forTraining.and(boundary), mode: mode, frozen: norms)
        let given = Dictionary(
          uniqueKeysWithValues: boundary.map { ($0, whole.ownOutput(of: $0)) })
        // The pictures are not looked at.
        let part = network.record(
          Tensor(shape: pictures.shape, repeating: .nan), keeping: .forTraining, mode: mode,
          frozen: norms, given: given)
        #expect(part.scores.elements == whole.scores.elements)
        let signal = Tensor.random(whole[network.graph.scoreName].shape, seed: 4)
        let (own, other) = (
          whole.parameterGradients(of: signal, from: network.graph.scoreName, for: changing),
          part.parameterGradients(of: signal, from: network.graph.scoreName, for: changing)
        )
        #expect(Set(own.keys) == Set(other.keys) && !own.isEmpty)
        for (name, gradient) in own {
          #expect(other[name]?.elements == gradient.elements, "\(name)")
        }
      }
    }
  }
}
