internal import Files

/// Reads what a pickle describes without running any code.
///
/// A pickle is a program for a machine with a stack and a memo. Python's machine calls any function
/// that the program names. This one has a list of known names (`PickleGlobal`) and its own
/// replacement for each; any other name is an error.
///
/// - Complexity: O(*n*) in time and memory for *n* bytes, whatever they contain.
struct PickleMachine {
  /// More than the largest networks' checkpoints need, but few enough to keep in memory.
  private static let mostSteps = 1 << 21

  private(set) var bytes: PickleBytes
  private(set) var heap = PickleHeap()
  private var stack: [PickleValue] = []
  /// The height of the stack at each open mark.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var steps = 0

  init(_ bytes: PickleBytes) { self.bytes = bytes }

  /// Runs to the next `STOP`; another pickle may follow.
  ///
  /// - Throws: `FileError` of kind `.malformed` for a damaged pickle, and for any class or
  ///   function that is not on the list, by name.
  mutating func run() throws(FileError) -> PickleValue {
    (stack, marks, memo) = ([], [], [:])
    while true {
      let byte = try bytes.byte()
      guard let instruction = PickleInstruction(rawValue: byte) else {
        throw malformed("expected an instruction of a pickle, found byte \(byte)")
      }
      if instruction == .stop { return try pop() }
      try step(instruction)
      steps += 1
      guard steps <= Self.mostSteps else {
        throw bytes.malformed("expected a pickle of at most \(Self.mostSteps) instructions")
      }
    }
  }

  /// An error at the instruction that was read last.
  private func malformed(_ reason: String) -> FileError {
    bytes.malformed("\(reason) in the pickle before byte \(bytes.position)")
  }

  // MARK: The stack

  private mutating func pop() throws(FileError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw malformed("expected a value on the stack, found none")
    }
    return value
  }

  private mutating func pop(_ count: Int) throws(FileError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw malformed("expected \(count) values on the stack, found fewer")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(FileError) -> [PickleValue] {
    guard let mark = marks.popLast() else {
      throw malformed("expected a mark on the stack, found none")
    }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private func top() throws(FileError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw malformed("expected a value on the stack, found none")
    }
    return value
  }

  private mutating func push(_ value: PickleValue) { stack.append(value) }

  private mutating func remember(as number: Int) throws(FileError) { memo[number] = try top() }

  private mutating func recall(_ number: Int) throws(FileError) {
    guard let value = memo[number] else {
      throw malformed("expected value \(number) in the memo, found none")
    }
    push(value)
  }

  private func memoNumber(_ line: String) throws(FileError) -> Int {
    guard let number = Int(line) else {
      throw malformed("expected a number of the memo, found \(quoted(line))")
    }
    return number
  }

  // MARK: The instructions

  private mutating func step(_ instruction: PickleInstruction) throws(FileError) {
    switch instruction {
    case .stop, .frame, .proto: try frame(instruction)
    case .mark: marks.append(stack.count)
    case .pop:
      // As in Python, which treats an open mark as a value here.
      if stack.count == marks.last { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .duplicate: push(try top())
    case .none: push(.none)
    case .newTrue: push(.boolean(true))
    case .newFalse: push(.boolean(false))
    case .get: try recall(memoNumber(try bytes.line()))
    case .put: try remember(as: memoNumber(try bytes.line()))
    case .binaryGet: try recall(Int(try bytes.unsigned(1)))
    case .longBinaryGet: try recall(Int(try bytes.unsigned(4)))
    case .binaryPut: try remember(as: Int(try bytes.unsigned(1)))
    case .longBinaryPut: try remember(as: Int(try bytes.unsigned(4)))
    case .memoize: try remember(as: memo.count)
    case .float, .integer, .long, .binaryFloat, .binaryInteger, .binaryInteger1, .binaryInteger2,
      .long1, .long4:
      push(try number(instruction))
    case .string, .unicode, .binaryString, .shortBinaryString, .binaryUnicode,
      .shortBinaryUnicode, .binaryUnicode8:
      push(.text(try text(instruction)))
    case .binaryBytes, .shortBinaryBytes, .binaryBytes8, .byteArray8:
      let lengthSize =
        instruction == .shortBinaryBytes ? 1 : instruction == .binaryBytes ? 4 : 8
      try bytes.skip(bytes.unsigned(lengthSize))
      push(heap.opaque("bytes"))
    case .emptyTuple, .emptyList, .emptySet: push(heap.sequence([]))
    case .tuple1: push(heap.sequence(try pop(1)))
    case .tuple2: push(heap.sequence(try pop(2)))
    case .tuple3: push(heap.sequence(try pop(3)))
    case .tuple, .list, .frozenSet: push(heap.sequence(try popToMark()))
    case .append: try append(pop(1))
    case .appends, .addItems: try append(popToMark())
    case .emptyDictionary: push(heap.dictionary([]))
    case .dictionary: push(heap.dictionary(try pairs(popToMark())))
    case .setItem: try setItems(pop(2))
    case .setItems: try setItems(popToMark())
    case .global, .stackGlobal: push(.global(try global(instruction)))
    case .reduce, .newObject, .newObjectWithNames, .instance, .object: try call(instruction)
    // What a class stores beside its contents, for example a state dict's version numbers.
    case .build: _ = try pop()
    case .persistent: push(try storage(pop()))
    case .persistentText:
      throw malformed("expected a pickle of protocol 2 or later, found one of protocol 0")
    }
  }

  private mutating func frame(_ instruction: PickleInstruction) throws(FileError) {
    if instruction == .frame {
      // A hint for readers that buffer ahead.
      try bytes.skip(8)
    } else {
      let version = try bytes.byte()
      guard version <= 5 else {
        throw malformed("expected a pickle of protocol 5 at most, found \(version)")
      }
    }
  }

  private mutating func number(
    _ instruction: PickleInstruction
  ) throws(FileError) -> PickleValue {
    switch instruction {
    case .binaryInteger1: return .integer(Int(try bytes.unsigned(1)))
    case .binaryInteger2: return .integer(Int(try bytes.unsigned(2)))
    case .binaryInteger:
      return .integer(Int(Int32(truncatingIfNeeded: try bytes.unsigned(4))))
    case .long1, .long4:
      let count = try bytes.unsigned(instruction == .long1 ? 1 : 4)
      return try bytes.signed(count).map { .integer($0) } ?? heap.opaque("a long number")
    case .binaryFloat:
      // The only number that is big-endian.
      return .number(Double(bitPattern: try bytes.unsigned(8).byteSwapped))
    default:
      let line = try bytes.line()
      if instruction == .integer, line == "00" || line == "01" { return .boolean(line == "01") }
      let digits = instruction == .long && line.hasSuffix("L") ? line.dropLast() : line[...]
      if instruction != .float, let number = Int(digits) { return .integer(number) }
      guard let number = Double(digits) else {
        throw malformed("expected a number, found \(quoted(line))")
      }
      return instruction == .float ? .number(number) : heap.opaque("a long number")
    }
  }

  private mutating func text(_ instruction: PickleInstruction) throws(FileError) -> String {
    switch instruction {
    case .unicode: return try bytes.line()
    case .string: return String(try bytes.line().dropFirst().dropLast())
    case .shortBinaryString, .shortBinaryUnicode:
      return String(decoding: try bytes.take(bytes.unsigned(1)), as: UTF8.self)
    case .binaryUnicode8:
      return String(decoding: try bytes.take(bytes.unsigned(8)), as: UTF8.self)
    default: return String(decoding: try bytes.take(bytes.unsigned(4)), as: UTF8.self)
    }
  }

  // MARK: Containers

  private mutating func append(_ items: [PickleValue]) throws(FileError) {
    switch try top() {
    case .sequence(let place): heap.sequences[place] += items
    // A list of a custom class.
    case .opaque: break
    case let other: throw malformed("expected a list, found \(heap.kind(other))")
    }
  }

  private mutating func setItems(_ items: [PickleValue]) throws(FileError) {
    switch try top() {
    case .dictionary(let place): heap.dictionaries[place] += try pairs(items)
    case .opaque: break
    case let other: throw malformed("expected a dictionary, found \(heap.kind(other))")
    }
  }

  private func pairs(_ items: [PickleValue]) throws(FileError) -> [PickleHeap.Pair] {
    guard items.count.isMultiple(of: 2) else {
      throw malformed("expected keys with values, found \(items.count) items")
    }
    return stride(from: 0, to: items.count, by: 2).map { (items[$0], items[$0 + 1]) }
  }

  // MARK: Classes and functions

  private mutating func global(
    _ instruction: PickleInstruction
  ) throws(FileError) -> PickleGlobal {
    let module: String
    let name: String
    if instruction == .stackGlobal {
      let names = try pop(2)
      guard case .text(let first) = names[0], case .text(let second) = names[1] else {
        throw malformed("expected the name of a class, found \(heap.kind(names[1]))")
      }
      (module, name) = (first, second)
    } else {
      module = try bytes.line()
      name = try bytes.line()
    }
    guard let global = PickleGlobal(module: module, name: name) else {
      throw bytes.malformed(
        "expected a state dict, found a pickled \(quoted("\(module).\(name)")), which is neither "
          + "built nor run here; save one in Python: "
          + "torch.save(model.state_dict(), \"weights.pth\")")
    }
    return global
  }

  private mutating func call(_ instruction: PickleInstruction) throws(FileError) {
    var function: PickleValue
    var arguments: [PickleValue]
    switch instruction {
    case .instance:
      function = .global(try global(.global))
      arguments = try popToMark()
    case .object:
      arguments = try popToMark()
      guard !arguments.isEmpty else { throw malformed("expected a class, found none") }
      function = arguments.removeFirst()
    default:
      let values = try pop(instruction == .newObjectWithNames ? 3 : 2)
      guard let items = heap.items(values[1]) else {
        throw malformed("expected arguments, found \(heap.kind(values[1]))")
      }
      (function, arguments) = (values[0], items)
    }
    guard case .global(let global) = function else {
      throw malformed("expected a function, found \(heap.kind(function))")
    }
    do {
      push(try heap.result(of: global, arguments, of: &steps))
    } catch {
      throw malformed(error.reason)
    }
  }

  private mutating func storage(_ identity: PickleValue) throws(FileError) -> PickleValue {
    do {
      return try heap.storage(identity)
    } catch {
      throw malformed(error.reason)
    }
  }
}
