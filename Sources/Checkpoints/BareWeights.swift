internal import Files
internal import Networks
internal import TensorCore

/// The weights of a file under the names that a network has for them.
struct BareWeights {
  enum Names {
    /// Fovea's own: as they are.
    case own
    /// Another program's: perhaps behind the names of what the network was wrapped in.
    case wrapped
  }

  let file: any WeightsFile
  /// The file's names by the network's.
  private let fileNames: [String: String]

  /// What PyTorch's DataParallel and `torch.compile` put before every name, and the attributes
  /// under which training frameworks keep a network.
  private static let wrappers = [
    "module.", "_orig_mod.", "model.", "net.", "network.", "ema_model.", "backbone.",
  ]

  init(_ file: any WeightsFile, names: Names) {
    self.file = file
    var fileNames: [String: String] = [:]
    for entry in file.entries where !Checkpoint.isState(entry.name) {
      // Counters of PyTorch's batch norm and of its averaged models, which nothing here reads.
      guard !entry.name.hasSuffix("num_batches_tracked"), entry.name != "n_averaged" else {
        continue
      }
      fileNames[entry.name] = entry.name
    }
    while names == .wrapped, !fileNames.isEmpty,
      let wrapper = Self.wrappers.first(where: { wrapper in
        fileNames.keys.allSatisfy { $0.hasPrefix(wrapper) }
      })
    {
      fileNames = Dictionary(
        uniqueKeysWithValues: fileNames.map { (String($0.key.dropFirst(wrapper.count)), $0.value) })
    }
    self.fileNames = fileNames
  }

  private init(_ file: any WeightsFile, _ fileNames: [String: String]) {
    (self.file, self.fileNames) = (file, fileNames)
  }

  var names: [String] { fileNames.keys.sorted() }

  func entry(_ name: String) -> TensorEntry? { fileNames[name].flatMap { file[$0] } }

  /// - Throws: `FileError` where the file cannot be read; nil where it has no such tensor.
  func tensor(_ name: String) throws(FileError) -> Tensor? {
    guard let fileName = fileNames[name] else { return nil }
    return try file.tensor(fileName)
  }

  /// The same without what a blueprint does not use, and under the names that it has today.
  func named(as blueprint: Blueprint) -> BareWeights {
    var renamed: [String: String] = [:]
    // In order, for two former names may stand for one of today.
    for (name, fileName) in fileNames.sorted(by: { $0.key < $1.key })
    where !blueprint.unusedPrefixes.contains(where: name.hasPrefix) {
      let today = blueprint.formerNames[name] ?? name
      renamed[fileNames[today] == nil ? today : name] = fileName
    }
    return BareWeights(file, renamed)
  }
}
