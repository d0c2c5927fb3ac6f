internal import Files

/// The weights among everything that a training script may have saved.
struct StateDictionary {
  let tensors: [String: TensorView]
  /// The keys that led to it from the outermost dictionary.
  let keys: [String]

  /// The keys that scripts use for weights, the usual ones first, then those of averaged weights.
  private static let usualKeys = [
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "params",
    "module", "state_dict_ema", "model_ema", "ema_state_dict", "ema_model", "ema", "params_ema",
  ]

  /// Scripts nest dictionaries, but no deeper than this.
  private static let deepest = 4

  /// - Throws: `FileError` that says what the file contains instead of weights.
  init(in root: PickleValue, of heap: PickleHeap, path: String) throws(FileError) {
    var search = Search(heap: heap, path: path)
    guard case .dictionary(let place) = root else {
      throw FileError(.malformed, path, "expected a state dict, found \(heap.kind(root))")
    }
    let found = try search.find(in: place, keys: [])
    keys = found.keys
    var tensors: [String: TensorView] = [:]
    for (key, value) in heap.dictionaries[found.place] {
      guard case .text(let name) = key else { continue }
      switch value {
      case .tensor(let place): tensors[name] = heap.tensors[place]
      // Later entries of the same name replace earlier ones, as they do in Python.
      default: tensors[name] = nil
      }
      if let function = heap.unusualTensor(value) {
        throw FileError(
          .malformed, path, "expected plain tensors, found \(quoted(name)) made by \(function)")
      }
    }
    self.tensors = tensors
  }

  private struct Search {
    let heap: PickleHeap
    let path: String
    /// The number of tensors that a dictionary itself contains, by its index.
    var counts: [Int: Int] = [:]

    mutating func count(_ place: Int) -> Int {
      if let known = counts[place] { return known }
      let count = heap.dictionaries[place].reduce(0) { count, pair in
        switch (pair.key, pair.value) {
        case (.text, .tensor): count + 1
        // An error that names it is better than finding none.
        case (.text, let value): heap.unusualTensor(value) == nil ? count : count + 1
        default: count
        }
      }
      counts[place] = count
      return count
    }

    mutating func find(
      in place: Int, keys: [String]
    ) throws(FileError) -> (place: Int, keys: [String]) {
      var children: [String: Int] = [:]
      for (key, value) in heap.dictionaries[place] {
        if case (.text(let name), .dictionary(let child)) = (key, value) { children[name] = child }
      }
      if keys.count < StateDictionary.deepest {
        for key in StateDictionary.usualKeys {
          guard let child = children[key] else { continue }
          if count(child) > 0 || isWrapper(child) {
            return try find(in: child, keys: keys + [key])
          }
        }
      }
      if count(place) > 0 { return (place, keys) }
      let others = children.filter { count($0.value) > 0 }.sorted { $0.key < $1.key }
      if let only = others.first, others.count == 1 { return (only.value, keys + [only.key]) }
      let names = (others.isEmpty ? allKeys(place) : others.map(\.key)).prefix(8).map(quoted)
      let list = names.isEmpty ? "none" : names.joined(separator: ", ")
      throw FileError(
        .malformed, path,
        others.isEmpty
          ? "expected a state dict, found a dictionary without tensors; its keys: \(list)"
          : "expected one state dict, found several, under \(list); save one of them by itself")
    }

    /// Whether a dictionary contains weights under a usual key.
    private mutating func isWrapper(_ place: Int) -> Bool {
      for (key, value) in heap.dictionaries[place] {
        if case (.text(let name), .dictionary(let child)) = (key, value),
          StateDictionary.usualKeys.contains(name), count(child) > 0
        {
          return true
        }
      }
      return false
    }

    private func allKeys(_ place: Int) -> [String] {
      heap.dictionaries[place].prefix(8).compactMap { pair in
        guard case .text(let name) = pair.key else { return nil }
        return name
      }
    }
  }
}

extension PickleHeap {
  /// The function that makes a sparse, quantized or other unsupported tensor.
  fileprivate func unusualTensor(_ value: PickleValue) -> String? {
    guard case .opaque(let number) = value, names[number].hasPrefix("torch._utils._rebuild")
    else { return nil }
    return names[number]
  }
}
