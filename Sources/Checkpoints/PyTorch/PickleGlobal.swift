/// A class or function that a pickle may name. None of them is ever run: each has a replacement in
/// the reader.
struct PickleGlobal {
  enum Role {
    /// Makes a dictionary from pairs.
    case dictionary
    /// Returns the sequence that it is passed.
    case sequence
    /// Makes a tensor from a storage; with the position of the element type among the arguments, if
    /// the storage has none.
    case tensor(typeArgument: Int?)
    /// Returns the tensor that is its first argument.
    case parameter
    /// Calls one of the above with arguments, for tensors with attributes of their own.
    case typedTensor
    case storage
    case elementType
    /// Makes something that is irrelevant to weights.
    case opaque
  }

  /// With its module, as in Python 3.
  let name: String
  let role: Role

  /// - Returns: Nil for everything that is not known to be harmless and useful.
  init?(module: String, name: String) {
    let module = Self.todaysNames[module] ?? module
    let full = "\(module).\(name)"
    guard let role = Self.roles[full] ?? Self.role(module: module, name: name) else { return nil }
    self.name = full
    self.role = role
  }

  /// Names of modules, by their names in Python 2.
  private static let todaysNames = ["__builtin__": "builtins", "copy_reg": "copyreg"]

  private static func role(module: String, name: String) -> Role? {
    switch module {
    // Tensors on a GPU have the same classes in `torch.cuda`.
    case "torch", "torch.cuda", "torch.storage":
      if name.hasSuffix("Storage"), StorageType(name) != nil { return .storage }
      if module == "torch", ElementType(torch: name) != nil { return .elementType }
      return nil
    // A class for each type of array elements.
    case "numpy.dtypes": return .opaque
    default: return nil
    }
  }

  private static let roles: [String: Role] = {
    var roles: [String: Role] = [
      "torch._utils._rebuild_tensor": .tensor(typeArgument: nil),
      "torch._utils._rebuild_tensor_v2": .tensor(typeArgument: nil),
      "torch._utils._rebuild_tensor_v3": .tensor(typeArgument: 6),
      "torch._tensor._rebuild_from_type_v2": .typedTensor,
    ]
    for name in [
      "collections.OrderedDict", "collections.Counter", "collections.defaultdict", "builtins.dict",
    ] { roles[name] = .dictionary }
    for name in ["torch.Size", "builtins.list", "builtins.tuple", "builtins.set"] {
      roles[name] = .sequence
    }
    for name in [
      "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
      "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer",
      "torch.autograd.variable.Variable", "torch.Tensor",
    ] { roles[name] = .parameter }
    // Objects that training scripts store beside the weights, and special kinds of tensors.
    for name in [
      "_codecs.encode", "argparse.Namespace", "builtins.bytearray", "builtins.complex",
      "builtins.float", "builtins.frozenset", "builtins.int", "builtins.object", "builtins.range",
      "builtins.slice", "builtins.str", "collections.deque",
      "copyreg._reconstructor", "datetime.date", "datetime.datetime", "datetime.timedelta",
      "numpy._core.multiarray._reconstruct", "numpy._core.multiarray.scalar",
      "numpy.core.multiarray._reconstruct", "numpy.core.multiarray.scalar", "numpy.dtype",
      "numpy.ndarray", "pathlib.Path", "pathlib.PosixPath", "pathlib.PurePosixPath",
      "pathlib.WindowsPath", "torch._utils._rebuild_meta_tensor_no_storage",
      "torch._utils._rebuild_qtensor", "torch._utils._rebuild_sparse_tensor", "torch.device",
      "torch.per_channel_affine", "torch.per_tensor_affine", "torch.serialization._get_layout",
      "torch.torch_version.TorchVersion", "types.SimpleNamespace",
    ] { roles[name] = .opaque }
    return roles
  }()
}

/// One of PyTorch's classes for untyped memory or for elements of one type.
struct StorageType {
  let name: String
  /// Nil if the memory is untyped, or its elements are not real numbers.
  let elementType: ElementType?

  /// In bytes; 1 for untyped memory.
  let elementSize: Int

  /// Complex and quantized elements; only their sizes are known.
  private static let others = [
    "UntypedStorage": 1, "ComplexFloatStorage": 8, "ComplexDoubleStorage": 16, "QInt8Storage": 1,
    "QUInt8Storage": 1, "QInt32Storage": 4, "QUInt4x2Storage": 1, "QUInt2x4Storage": 1,
  ]

  private static let types: [String: ElementType] = [
    "BoolStorage": .boolean, "ByteStorage": .unsigned8, "CharStorage": .signed8,
    "ShortStorage": .signed16, "IntStorage": .signed32, "LongStorage": .signed64,
    "HalfStorage": .float16, "BFloat16Storage": .bfloat16, "FloatStorage": .float32,
    "DoubleStorage": .float64,
  ]

  init?(_ name: String) {
    let type = Self.types[name]
    guard let size = type?.size ?? Self.others[name] else { return nil }
    (self.name, elementType, elementSize) = (name, type, size)
  }

  var isUntyped: Bool { name == "UntypedStorage" }
}

extension ElementType {
  private static let typesOfPyTorch: [String: ElementType] = [
    "bool": .boolean, "uint8": .unsigned8, "int8": .signed8, "uint16": .unsigned16,
    "int16": .signed16, "uint32": .unsigned32, "int32": .signed32, "uint64": .unsigned64,
    "int64": .signed64, "float8_e5m2": .float8e5m2, "float8_e4m3fn": .float8e4m3,
    "float16": .float16, "bfloat16": .bfloat16, "float32": .float32, "float64": .float64,
  ]

  /// By the name of PyTorch's `dtype`.
  init?(torch name: String) {
    guard let type = Self.typesOfPyTorch[name] else { return nil }
    self = type
  }
}
