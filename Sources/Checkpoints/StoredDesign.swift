internal import Files
internal import Foundation
internal import Networks
internal import TensorCore

/// What one of Fovea's own files says about the network of its weights.
struct StoredDesign {
  private let file: any WeightsFile

  init(_ file: any WeightsFile) { self.file = file }

  private func malformed(_ reason: String) -> FileError {
    FileError(.malformed, file.path, reason)
  }

  /// The nodes of a network that is not a named architecture, if the file contains them.
  func graph() throws(FileError) -> Graph? {
    guard let text = file.metadata[Checkpoint.Key.graph] else { return nil }
    let coded: CodedGraph
    do {
      coded = try Checkpoint.value(CodedGraph.self, from: text)
    } catch DecodingError.dataCorrupted(let context) {
      throw malformed("the graph in its metadata: \(context.debugDescription)")
    } catch {
      throw malformed("expected a graph in its metadata, found \(quoted(text))")
    }
    do {
      return try coded.graph()
    } catch {
      throw malformed("the graph in its metadata: \(error)")
    }
  }

  func network(_ graph: Graph) throws(FileError) -> Network {
    var tensors: [String: Tensor] = [:]
    for name in Set(graph.nodes.flatMap(\.parameters)).sorted() {
      guard file[name] != nil else {
        throw malformed(
          "lacks \(quoted(name)), which its graph reads"
            + suggestion(for: name, among: file.entries.map(\.name)))
      }
      tensors[name] = try file.tensor(name)
    }
    do throws(GraphError) {
      return try Network(graph: graph, parameters: Parameters(tensors))
    } catch {
      throw malformed("\(error)")
    }
  }

  /// The architecture, if the file names it.
  ///
  /// - Parameter architecture: The architecture that the user expects.
  func design(expecting architecture: String?) throws(FileError) -> Checkpoint.Design? {
    guard let text = file.metadata[Checkpoint.Key.design] else { return nil }
    guard
      let design = try? JSONDecoder().decode(Checkpoint.Design.self, from: Data(text.utf8))
    else {
      throw malformed("expected the network's design in its metadata, found \(quoted(text))")
    }
    guard architecture == nil || architecture == design.architecture else {
      throw malformed("expected \(architecture ?? ""), found weights of \(design.architecture)")
    }
    return design
  }
}
