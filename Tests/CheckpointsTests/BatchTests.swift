import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

/// Networks that move, multiply or drop the batch axis; see make_batches.py.
private let fixtures = fixture("batches")

private func files(in folder: String) -> [String] {
  (try? namesInFolder(folder))?.filter { $0.hasSuffix(".onnx") } ?? []
}

/// sin(0.7 i + 0.3): the input that onnxruntime was given.
private func formulaPictures(_ shape: Shape) -> Tensor {
  Tensor(
    shape: shape,
    (0..<shape.elementCount).map { Float(sin(0.7 * Double($0) + 0.3)) })
}

@Suite struct `A batch of pictures` {
  @Test(.slow, arguments: files(in: fixtures).filter { $0 != "by-the-batch-of-two.a.onnx" })
  func `gives what the pictures give one by one`(file: String) throws {
    let network = try Checkpoint.load("\(fixtures)/\(file)").network
    try expectPicturesApart(network, seed: 1)
    expectSaliency(network, seed: 2)
  }

  @Test(arguments: files(in: fixtures).filter { $0 != "by-the-batch-of-two.a.onnx" })
  func `gives what onnxruntime gives`(file: String) throws {
    let expected = try SafeTensorsFile("\(fixtures)/expected.safetensors").tensor(file)
    let network = try Checkpoint.load("\(fixtures)/\(file)").network
    let shape = Shape([expected.shape[0]] + network.graph.inputShape.extents)
    // The file expects its pictures as [N, H, W, C].
    let isChannelsLast = file.hasPrefix("channels-last")
    let images =
      isChannelsLast
      ? channelsFirst(formulaPictures([shape[0], shape[2], shape[3], shape[1]]))
      : formulaPictures(shape)
    expectClose(network.record(images, keeping: .only([])).scores, expected, relativeNorm: 1e-4)
  }

  @Test func `goes through together wherever the pictures can be told apart`() throws {
    let single = try files(in: fixtures).filter { file in
      guard file != "by-the-batch-of-two.a.onnx" else { return false }
      return try Checkpoint.load("\(fixtures)/\(file)").network.batchObstacle != nil
    }
    #expect(
      single == [
        "by-the-batch.a.onnx", "by-the-batch.b.onnx", "first-picture.a.onnx",
        "first-picture.b.onnx", "squeezed.a.onnx", "squeezed.b.onnx", "windows.b.onnx",
      ])
    let notes = try Checkpoint.load("\(fixtures)/first-picture.b.onnx").notes
    let note = notes.first { $0.hasPrefix("pictures are processed one at a time") } ?? "none"
    #expect(note.contains("select"), "\(notes)")
  }

  @Test func `of a fixed number that mixes them is refused`() {
    let path = "\(fixtures)/by-the-batch-of-two.a.onnx"
    #expect(
      errorText { try Checkpoint.load(path) }
        == "\(path): is made for batches of 2, and after node \"/ReduceMean\" the pictures of one "
        + "cannot be told apart; export it for one picture or for any number")
  }

  @Test func `stays what it is in Fovea's own file`() throws {
    for file in ["windows.b.onnx", "positions-first-of-two.a.onnx", "one-row.b.onnx"] {
      let checkpoint = try Checkpoint.load("\(fixtures)/\(file)")
      let own = try withTemporaryFolder { folder in
        try checkpoint.save(to: "\(folder)/own.safetensors")
        return try Checkpoint.load("\(folder)/own.safetensors").network
      }
      let images = formulaPictures([3, 3, 8, 8])
      #expect(
        own.record(images).scores.elements == checkpoint.network.record(images).scores.elements)
    }
  }
}

/// All networks in a folder, for example one filled by another program's exporters.
private let zoo = ProcessInfo.processInfo.environment["FOVEA_ZOO"]

@Suite(.enabled(if: !(zoo.map(files) ?? []).isEmpty, "set FOVEA_ZOO to a folder of ONNX files"))
struct `A zoo of networks` {
  @Test(arguments: zoo.map(files) ?? [])
  func `gives a batch what its pictures give one by one`(file: String) throws {
    let network: Network
    do {
      network = try Checkpoint.load("\(zoo ?? "")/\(file)").network
    } catch {
      print("not read: \(error)")
      return
    }
    try expectPicturesApart(network, seed: 1)
    // Rounding has no useful derivative, and neither do non-finite values.
    let isSmooth = !network.graph.nodes.contains { $0.operation is Quantize }
    let weights = network.parameters.names.compactMap { network.parameters[$0]?.norm }
    if isSmooth, weights.allSatisfy({ $0.isFinite && $0 < 1e6 }) {
      expectSaliency(network, seed: 2)
    }
  }
}

private func channelsFirst(_ pictures: Tensor) -> Tensor {
  let (n, h, w, c) = (pictures.shape[0], pictures.shape[1], pictures.shape[2], pictures.shape[3])
  let source = pictures.elements
  return Tensor(shape: [n, c, h, w]) { target in
    for index in 0..<target.count {
      let (x, y) = (index % w, index / w % h)
      let (channel, picture) = (index / (w * h) % c, index / (w * h * c))
      target[index] = source[((picture * h + y) * w + x) * c + channel]
    }
  }
}

/// Expects every output and every gradient of five pictures to equal those of each picture alone.
private func expectPicturesApart(
  _ network: Network, seed: Int, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let count = 5
  let images = Tensor.random(Shape([count] + network.graph.inputShape.extents), seed: seed)
  let nodes = network.graph.nodes.map(\.name)
  let together = network.record(images)
  let planned = network.record(images, keeping: .only(nodes))
  let scores = together.scores
  #expect(scores.shape[0] == count, sourceLocation: sourceLocation)
  let signal = Tensor.random(together[network.graph.scoreName].shape, seed: seed + 1)
  let back = together.propagate(signal, from: network.graph.scoreName, keeping: nodes)
  for picture in 0..<count {
    let alone = network.record(images.rows(picture..<(picture + 1)))
    let aloneBack = alone.propagate(
      signal.rows(picture..<(picture + 1)), from: network.graph.scoreName, keeping: nodes)
    for node in nodes where network.dependsOnPictures(node) {
      let wanted = alone[node]
      #expect(
        wanted.shape.extents == network.shapes[node]?.extents, "\(node)",
        sourceLocation: sourceLocation)
      for output in [together[node], planned[node]] {
        expectSame(output, picture, wanted, "output of \(node)", sourceLocation)
      }
      guard let gradient = back[node], let own = aloneBack[node] else { continue }
      expectSame(gradient, picture, own, "gradient at \(node)", sourceLocation)
    }
    expectSame(back.input, picture, aloneBack.input, "gradient at the picture", sourceLocation)
  }
}

private func expectSame(
  _ batch: Tensor, _ picture: Int, _ alone: Tensor, _ what: String,
  _ sourceLocation: SourceLocation
) {
  guard batch.shape.rank > 0, batch.shape.extents.dropFirst() == alone.shape.extents.dropFirst(),
    picture < batch.shape[0]
  else {
    Issue.record("\(what): \(batch.shape) beside \(alone.shape)", sourceLocation: sourceLocation)
    return
  }
  let row = batch.rows(picture..<(picture + 1)).elements
  let own = alone.elements
  let size = own.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
  let worst =
    zip(row, own).map { a, b in
      a == b || a.isNaN && b.isNaN ? 0 : (a - b).isNaN ? .infinity : abs(a - b)
    }.max() ?? 0
  #expect(
    worst <= 1e-4 * size + 1e-30, "\(what), picture \(picture)", sourceLocation: sourceLocation)
}

/// Expects the gradient of the first score of five pictures to agree with differences along one
/// direction for each picture alone.
private func expectSaliency(
  _ network: Network, seed: Int, sourceLocation: SourceLocation = #_sourceLocation
) {
  let count = 5
  let shape = Shape([count] + network.graph.inputShape.extents)
  let images = Tensor.random(shape, seed: seed)
  let direction = Tensor.random(shape, seed: seed + 1)
  func first(_ images: Tensor) -> [Double] {
    let scores = network.record(images, keeping: .only([])).scores
    return (0..<count).map { Double(scores.elements[$0 * scores.shape[1]]) }
  }
  let step: Float = 2e-3
  let (up, down) = (first(images + direction * step), first(images - direction * step))
  let recording = network.record(images, keeping: .forGradient())
  let width = recording.scores.shape[1]
  let signal = Tensor(shape: [count, width]) { target in
    for index in 0..<target.count { target[index] = index % width == 0 ? 1 : 0 }
  }
  let gradient = recording.propagate(
    signal.reshaped(to: recording[network.graph.scoreName].shape), from: network.graph.scoreName
  ).input
  let products = gradient * direction.arranged(as: gradient.layout)
  for picture in 0..<count {
    let slope = (up[picture] - down[picture]) / Double(2 * step)
    let along = Double(products.rows(picture..<(picture + 1)).sum())
    let norm = Double(gradient.rows(picture..<(picture + 1)).norm)
    // A step may cross the kink of a ReLU; rounding errors of scores matter most where they are
    // flat.
    let rounding = 1e-6 * abs(up[picture]) / Double(step) + 1e-5
    #expect(
      abs(along - slope) <= 0.1 * max(abs(slope), norm) + rounding,
      "picture \(picture): gradient \(along), slope \(slope)", sourceLocation: sourceLocation)
  }
}
