// The messages of an ONNX file and those of their fields that a network is built from, with the names
// of ONNX's own specification (onnx.ai/onnx/repo-docs/IR.html; github.com/onnx/onnx, onnx.proto).

struct ModelProto: Sendable {
  var irVersion = 0
  var producerName = ""
  var producerVersion = ""
  var graph: GraphProto?
  var opsetImport: [OperatorSetIdProto] = []
  var metadataProps: [StringStringEntryProto] = []
}

struct OperatorSetIdProto: Sendable {
  var domain = ""
  var version = 0
}

struct StringStringEntryProto: Sendable {
  var key = ""
  var value = ""
}

struct GraphProto: Sendable {
  var node: [NodeProto] = []
  var initializer: [TensorProto] = []
  var input: [ValueInfoProto] = []
  var output: [ValueInfoProto] = []
}

struct NodeProto: Sendable {
  var input: [String] = []
  var output: [String] = []
  var name = ""
  var opType = ""
  var attribute: [AttributeProto] = []
  var domain = ""
}

/// A missing value is 0, because Protocol Buffers omit zeros.
struct AttributeProto: Sendable {
  var name = ""
  var f: Float = 0
  var i = 0
  var s: [UInt8] = []
  var t: TensorProto?
  var g: GraphProto?
  var floats: [Float] = []
  var ints: [Int] = []
}

struct TensorProto: Sendable {
  var dims: [Int] = []
  var dataType = 0
  var floatData: [Float] = []
  var int32Data: [Int] = []
  var int64Data: [Int] = []
  var name = ""
  /// Where in the file the numbers are.
  var rawData: Range<Int>?
  var doubleData: [Double] = []
  var uint64Data: [Int] = []
  var externalData: [StringStringEntryProto] = []
  var dataLocation = 0
}

struct ValueInfoProto: Sendable {
  var name = ""
  /// Nil if it is not a tensor.
  var tensorType: TensorTypeProto?
}

/// TypeProto.Tensor.
struct TensorTypeProto: Sendable {
  var elemType = 0
  /// An extent is nil if it has a name instead. Nil if nothing is said about the shape.
  var shape: [Int?]?
}
