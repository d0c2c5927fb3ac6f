internal import Files
internal import Networks
internal import TensorCore

/// The weights of a file under the names that a network uses for them.
struct BareWeights {
  enum Names {
    /// Fovea's own names: unchanged.
    case own
    /// Another program's names: perhaps with the prefix of a wrapper around the network.
    case wrapped
  }

  let file: any WeightsFile
  /// The file's names, by those of the network.
  private let fileNames: [String: String]

  /// The prefixes that PyTorch's DataParallel and `torch.compile` add to every name, and the
  /// attributes in which training frameworks keep a network.
  private static let wrappers = [
    "module.", "_orig_mod.", "model.", "net.", "network.", "ema_model.", "backbone.",
  ]

  init(_ file: any WeightsFile, names: Names) {
    self.file = file
    var fileNames: [String: String] = [:]
    for entry in file.entries where !Checkpoint.isState(entry.name) {
      // Counters of PyTorch's batch norm and of its averaged models, which are not needed here.
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

  /// - Returns: Nil if the file has no such tensor.
  /// - Throws: `FileError` if the file cannot be read.
  func tensor(_ name: String) throws(FileError) -> Tensor? {
    guard let fileName = fileNames[name] else { return nil }
    return try file.tensor(fileName)
  }

  /// The same weights without those that a blueprint does not use, and with current names.
  func named(as blueprint: Blueprint) -> BareWeights {
    var renamed: [String: String] = [:]
    // In order, because two former names may correspond to one current name.
    for (name, fileName) in fileNames.sorted(by: { $0.key < $1.key })
    where !blueprint.unusedPrefixes.contains(where: name.hasPrefix) {
      let today = blueprint.formerNames[name] ?? name
      renamed[fileNames[today] == nil ? today : name] = fileName
    }
    return BareWeights(file, renamed)
  }
}
