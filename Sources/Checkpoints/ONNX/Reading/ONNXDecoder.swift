internal import Files

/// Decodes the messages of an ONNX file, without the weights: of raw numbers, it keeps the place.
///
/// The numbers of the fields are those of `onnx.proto`. A message that occurs twice where the format
/// has one continues the first, as Protocol Buffers demand; fields that nothing here needs are
/// skipped.
struct ONNXDecoder {
  private typealias Field = WireReader.Field

  /// The most nested branches; no real model has more.
  private static let deepestGraph = 16

  private var reader: WireReader
  /// The graphs that are being decoded, each in a node of the one before.
  private var openGraphs = 0

  private init(_ source: FileBytes) { reader = WireReader(source, of: "an ONNX file") }

  /// - Throws: `FileError` of kind `.malformed` that names the byte.
  static func model(in source: FileBytes) throws(FileError) -> ModelProto {
    var decoder = ONNXDecoder(source)
    var model = ModelProto()
    try decoder.decode(0..<source.size) { decoder, field throws(FileError) in
      try decoder.add(field, to: &model)
    }
    return model
  }

  /// The message of a file that is a single TensorProto.
  ///
  /// - Throws: `FileError` of kind `.malformed` that names the byte.
  static func tensor(in source: FileBytes) throws(FileError) -> TensorProto {
    var decoder = ONNXDecoder(source)
    var tensor = TensorProto()
    try decoder.decode(0..<source.size) { decoder, field throws(FileError) in
      try decoder.add(field, to: &tensor)
    }
    return tensor
  }

  private mutating func decode(
    _ range: Range<Int>, _ add: (inout Self, Field) throws(FileError) -> Void
  ) throws(FileError) {
    var position = range.lowerBound
    while position < range.upperBound {
      try add(&self, try reader.field(at: &position, end: range.upperBound))
    }
  }

  /// Decodes the message that `field` contains: a new one, or more of `message`.
  private mutating func read<Message>(
    _ field: Field, into message: Message,
    _ add: (inout Self, Field, inout Message) throws(FileError) -> Void
  ) throws(FileError) -> Message {
    var message = message
    try decode(try reader.range(field)) { decoder, inner throws(FileError) in
      try add(&decoder, inner, &message)
    }
    return message
  }

  // MARK: Messages

  private mutating func add(_ field: Field, to model: inout ModelProto) throws(FileError) {
    switch field.number {
    case 1: model.irVersion = try reader.integer(field)
    case 2: model.producerName = try reader.text(field)
    case 3: model.producerVersion = try reader.text(field)
    case 7: model.graph = try graph(field, after: model.graph)
    case 8:
      model.opsetImport.append(
        try read(field, into: OperatorSetIdProto()) { decoder, field, set throws(FileError) in
          switch field.number {
          case 1: set.domain = try decoder.reader.text(field)
          case 2: set.version = try decoder.reader.integer(field)
          default: break
          }
        })
    case 14: model.metadataProps.append(try entry(field))
    default: break
    }
  }

  private mutating func entry(_ field: Field) throws(FileError) -> StringStringEntryProto {
    try read(field, into: StringStringEntryProto()) { decoder, field, entry throws(FileError) in
      switch field.number {
      case 1: entry.key = try decoder.reader.text(field)
      case 2: entry.value = try decoder.reader.text(field)
      default: break
      }
    }
  }

  private mutating func graph(
    _ field: Field, after earlier: GraphProto?
  ) throws(FileError) -> GraphProto {
    openGraphs += 1
    defer { openGraphs -= 1 }
    guard openGraphs <= Self.deepestGraph else {
      throw reader.malformed("expected at most \(Self.deepestGraph) graphs within each other")
    }
    return try read(field, into: earlier ?? GraphProto()) {
      decoder, field, graph throws(FileError) in
      switch field.number {
      case 1: graph.node.append(try decoder.node(field))
      case 5: graph.initializer.append(try decoder.tensor(field, after: nil))
      case 11: graph.input.append(try decoder.valueInfo(field))
      case 12: graph.output.append(try decoder.valueInfo(field))
      default: break
      }
    }
  }

  private mutating func node(_ field: Field) throws(FileError) -> NodeProto {
    try read(field, into: NodeProto()) { decoder, field, node throws(FileError) in
      switch field.number {
      case 1: node.input.append(try decoder.reader.text(field))
      case 2: node.output.append(try decoder.reader.text(field))
      case 3: node.name = try decoder.reader.text(field)
      case 4: node.opType = try decoder.reader.text(field)
      case 5: node.attribute.append(try decoder.attribute(field))
      case 7: node.domain = try decoder.reader.text(field)
      default: break
      }
    }
  }

  private mutating func attribute(_ field: Field) throws(FileError) -> AttributeProto {
    try read(field, into: AttributeProto()) { decoder, field, attribute throws(FileError) in
      switch field.number {
      case 1: attribute.name = try decoder.reader.text(field)
      case 2: attribute.f = try decoder.reader.float(field)
      case 3: attribute.i = try decoder.reader.integer(field)
      case 4: attribute.s = try decoder.reader.bytes(field)
      case 5: attribute.t = try decoder.tensor(field, after: attribute.t)
      case 6: attribute.g = try decoder.graph(field, after: attribute.g)
      case 7: try decoder.reader.append(field, to: &attribute.floats)
      case 8: try decoder.reader.append(field, to: &attribute.ints)
      default: break
      }
    }
  }

  private mutating func tensor(
    _ field: Field, after earlier: TensorProto?
  ) throws(FileError) -> TensorProto {
    try read(field, into: earlier ?? TensorProto()) { decoder, field, tensor throws(FileError) in
      try decoder.add(field, to: &tensor)
    }
  }

  private mutating func add(_ field: Field, to tensor: inout TensorProto) throws(FileError) {
    switch field.number {
    case 1: try reader.append(field, to: &tensor.dims)
    case 2: tensor.dataType = try reader.integer(field)
    case 4: try reader.append(field, to: &tensor.floatData)
    case 5: try reader.append(field, to: &tensor.int32Data)
    case 7: try reader.append(field, to: &tensor.int64Data)
    case 8: tensor.name = try reader.text(field)
    case 9: tensor.rawData = try reader.range(field)
    case 10: try reader.append(field, to: &tensor.doubleData)
    case 11: try reader.append(field, to: &tensor.uint64Data)
    case 13: tensor.externalData.append(try entry(field))
    case 14: tensor.dataLocation = try reader.integer(field)
    default: break
    }
  }

  private mutating func valueInfo(_ field: Field) throws(FileError) -> ValueInfoProto {
    try read(field, into: ValueInfoProto()) { decoder, field, info throws(FileError) in
      switch field.number {
      case 1: info.name = try decoder.reader.text(field)
      case 2:
        info = try decoder.read(field, into: info) { decoder, field, info throws(FileError) in
          guard field.number == 1 else { return }
          info.tensorType = try decoder.tensorType(field, after: info.tensorType)
        }
      default: break
      }
    }
  }

  private mutating func tensorType(
    _ field: Field, after earlier: TensorTypeProto?
  ) throws(FileError) -> TensorTypeProto {
    try read(field, into: earlier ?? TensorTypeProto()) { decoder, field, type throws(FileError) in
      switch field.number {
      case 1: type.elemType = try decoder.reader.integer(field)
      case 2:
        type.shape = try decoder.read(field, into: type.shape ?? []) {
          decoder, field, extents throws(FileError) in
          guard field.number == 1 else { return }
          extents.append(try decoder.extent(field))
        }
      default: break
      }
    }
  }

  private mutating func extent(_ field: Field) throws(FileError) -> Int? {
    try read(field, into: Int?.none) { decoder, field, extent throws(FileError) in
      switch field.number {
      case 1: extent = try decoder.reader.integer(field)
      case 2: extent = nil
      default: break
      }
    }
  }
}
