/// Why a pickle is invalid; the machine adds the position.
struct PickleProblem: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

extension PickleHeap {
  /// The result that a call of a known function stands for.
  ///
  /// - Parameter steps: Increased by what is copied, so that a short pickle cannot copy the same
  ///   long list again and again.
  mutating func result(
    of global: PickleGlobal, _ arguments: [PickleValue], of steps: inout Int
  ) throws(PickleProblem) -> PickleValue {
    switch global.role {
    case .dictionary:
      guard let first = arguments.first, let items = items(first) else { return dictionary([]) }
      steps += items.count
      return dictionary(items.compactMap(pair))
    case .sequence:
      // A tuple of a size is the size; a list of a list may be the same list, because nothing
      // changes it afterwards.
      if let first = arguments.first, case .sequence = first { return first }
      return sequence([])
    case .tensor(let typeArgument):
      return try tensor(global, arguments, typeArgument: typeArgument)
    case .parameter: return arguments.first ?? opaque(global.name)
    case .typedTensor:
      guard arguments.count >= 3, case .global(let function) = arguments[0],
        let inner = items(arguments[2])
      else { throw PickleProblem("expected a tensor's class and arguments, found others") }
      // Nested calls would recurse as deeply as the pickle wants.
      if case .typedTensor = function.role { return opaque(global.name) }
      return try result(of: function, inner, of: &steps)
    case .storage, .elementType, .opaque: return opaque(global.name)
    }
  }

  private func pair(_ item: PickleValue) -> Pair? {
    guard let items = items(item), items.count == 2 else { return nil }
    return (items[0], items[1])
  }

  private mutating func tensor(
    _ global: PickleGlobal, _ arguments: [PickleValue], typeArgument: Int?
  ) throws(PickleProblem) -> PickleValue {
    guard arguments.count >= 4, case .storage(let place) = arguments[0],
      case .integer(let offset) = arguments[1], let sizes = integers(arguments[2]),
      let strides = integers(arguments[3])
    else {
      throw PickleProblem(
        "expected a storage, an offset, sizes and strides of a tensor, found "
          + arguments.prefix(4).map(kind).joined(separator: ", "))
    }
    var (type, typeName) = (storages[place].type.elementType, storages[place].type.name)
    if let typeArgument {
      guard arguments.count > typeArgument, case .global(let global) = arguments[typeArgument]
      else { throw PickleProblem("expected the type of a tensor's elements, found none") }
      typeName = global.name
      type = ElementType(torch: String(typeName.dropFirst("torch.".count)))
    }
    guard
      let view = TensorView(
        storage: storages[place], elementType: type, typeName: typeName, offset: offset,
        sizes: sizes, strides: strides)
    else {
      throw PickleProblem(
        "expected sizes and strides of a tensor, found \(sizes.prefix(8)) and "
          + "\(strides.prefix(8)) from \(offset) on")
    }
    tensors.append(view)
    return .tensor(tensors.count - 1)
  }

  /// Reads `("storage", class, key, device, count)`, followed by a view of the storage in files of
  /// the older format.
  mutating func storage(_ identity: PickleValue) throws(PickleProblem) -> PickleValue {
    guard let parts = items(identity), parts.count >= 5, case .text("storage") = parts[0],
      case .global(let global) = parts[1], case .storage = global.role,
      let type = StorageType(global.name.split(separator: ".").last.map(String.init) ?? ""),
      let key = key(parts[2]), case .integer(let count) = parts[4], count >= 0
    else { throw PickleProblem("expected the name of a storage, found \(kind(identity))") }
    var storage = StoredStorage(key: key, type: type, count: count)
    if parts.count > 5, let view = items(parts[5]) {
      guard view.count == 3, case .integer(let start) = view[1],
        case .integer(let length) = view[2], start >= 0, length >= 0, length <= count,
        start <= count - length
      else { throw PickleProblem("expected a view within a storage of \(count) elements") }
      storage.window = start..<(start + length)
    }
    storages.append(storage)
    return .storage(storages.count - 1)
  }

  private func key(_ value: PickleValue) -> String? {
    switch value {
    case .text(let text): text
    case .integer(let number): "\(number)"
    default: nil
    }
  }
}
