/// A value that a pickle describes. Containers are indices into a `PickleHeap`, so that no value
/// contains another: nothing is nested, however deeply nested the pickle is.
enum PickleValue {
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  /// A tuple, a list or a set.
  case sequence(Int)
  case dictionary(Int)
  case storage(Int)
  case tensor(Int)
  case global(PickleGlobal)
  /// Something irrelevant to weights, by the index of its name.
  case opaque(Int)
}

/// The containers and names that the values of a pickle refer to.
struct PickleHeap {
  typealias Pair = (key: PickleValue, value: PickleValue)

  var sequences: [[PickleValue]] = []
  /// In the order of insertion; of two equal keys, the last one wins.
  var dictionaries: [[Pair]] = []
  var storages: [StoredStorage] = []
  var tensors: [TensorView] = []
  /// The names of opaque values.
  private(set) var names: [String] = []
  private var numbers: [String: Int] = [:]

  mutating func sequence(_ items: [PickleValue]) -> PickleValue {
    sequences.append(items)
    return .sequence(sequences.count - 1)
  }

  mutating func dictionary(_ pairs: [Pair]) -> PickleValue {
    dictionaries.append(pairs)
    return .dictionary(dictionaries.count - 1)
  }

  mutating func opaque(_ name: String) -> PickleValue {
    if let number = numbers[name] { return .opaque(number) }
    names.append(name)
    numbers[name] = names.count - 1
    return .opaque(names.count - 1)
  }

  func items(_ value: PickleValue) -> [PickleValue]? {
    guard case .sequence(let place) = value else { return nil }
    return sequences[place]
  }

  /// Integers, such as sizes and strides.
  func integers(_ value: PickleValue) -> [Int]? {
    guard let items = items(value) else { return nil }
    let numbers = items.compactMap { item -> Int? in
      guard case .integer(let number) = item else { return nil }
      return number
    }
    return numbers.count == items.count ? numbers : nil
  }

  /// What a value is, for error messages.
  func kind(_ value: PickleValue) -> String {
    switch value {
    case .none: "None"
    case .boolean(let flag): flag ? "True" : "False"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .text(let text): "the text \(quoted(text))"
    case .sequence: "a list"
    case .dictionary: "a dictionary"
    case .storage: "a storage"
    case .tensor: "a single tensor"
    case .global(let global): global.name
    case .opaque(let number): names[number]
    }
  }
}
