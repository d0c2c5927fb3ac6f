internal import Files
internal import Foundation

/// An unsupported format, known well enough to say what to do.
struct ForeignFormat: Equatable {
  let name: String
  /// One line that says how to convert it to a supported format.
  let advice: String

  static let torchScript = ForeignFormat(
    name: "a TorchScript module",
    advice: "export it in Python: torch.onnx.export(torch.jit.load(\"model.pt\"), "
      + "torch.zeros(1, 3, 224, 224), \"model.onnx\", dynamo=False)")
  static let exportedProgram = ForeignFormat(
    name: "a program of torch.export",
    advice: "export it in Python: torch.onnx.export(torch.export.load(\"model.pt2\"), "
      + "(torch.zeros(1, 3, 224, 224),), \"model.onnx\")")
  static let keras = ForeignFormat(
    name: "a Keras model",
    advice: "export it in Python: "
      + "keras.models.load_model(\"model.keras\").export(\"model.onnx\", format=\"onnx\")")
  static let hdf5 = ForeignFormat(
    name: "an HDF5 file, as Keras writes it",
    advice: "export it in Python: "
      + "keras.models.load_model(\"model.h5\").export(\"model.onnx\", format=\"onnx\")")
  static let savedModel = ForeignFormat(
    name: "a TensorFlow SavedModel",
    advice: "export it: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx")
  static let frozenGraph = ForeignFormat(
    name: "a TensorFlow graph",
    advice: "export it: python -m tf2onnx.convert --graphdef model.pb --inputs NAME:0 "
      + "--outputs NAME:0 --output model.onnx")
  static let tensorFlowLite = ForeignFormat(
    name: "a TensorFlow Lite model",
    advice: "export it: python -m tf2onnx.convert --tflite model.tflite --output model.onnx")
  static let caffe = ForeignFormat(
    name: "a Caffe model",
    advice: "export it: python -m caffe2onnx.convert --prototxt deploy.prototxt "
      + "--caffemodel model.caffemodel --onnx model.onnx")
  static let coreML = ForeignFormat(
    name: "a Core ML model", advice: "export the model that it was made from to ONNX")
  static let arrays = ForeignFormat(
    name: "NumPy arrays",
    advice: "save them in Python: "
      + "safetensors.numpy.save_file(dict(numpy.load(\"weights.npz\")), \"weights.safetensors\")")
  static let pickle = ForeignFormat(
    name: "a Python pickle that torch.save did not write",
    advice: "save a state dict in Python: torch.save(model.state_dict(), \"weights.pth\")")
  static let oldestPyTorch = ForeignFormat(
    name: "a tar archive, as PyTorch before 0.1.10 wrote it",
    advice: "save it again in Python: "
      + "torch.save(torch.load(\"old.pth\", weights_only=False), \"weights.pth\")")
  static let compressed = ForeignFormat(
    name: "a gzip file", advice: "unpack it first: gunzip FILE")
  static let picture = ForeignFormat(
    name: "a picture", advice: "give the checkpoint first and pictures with --images")

  private init(name: String, advice: String) { (self.name, self.advice) = (name, advice) }

  /// By the first bytes, or by the name if the bytes are not conclusive.
  init?(_ head: Data, fileName: String) {
    func begins(_ bytes: [UInt8], at start: Int = 0) -> Bool {
      head.dropFirst(start).starts(with: bytes)
    }
    let pickleProtocols: ClosedRange<UInt8> = 2...5
    if begins([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .hdf5
    } else if begins(Array("ustar".utf8), at: 257) {
      self = .oldestPyTorch
    } else if begins([0x93] + Array("NUMPY".utf8)) {
      self = .arrays
    } else if begins(Array("TFL3".utf8), at: 4) {
      self = .tensorFlowLite
    } else if isGzip(head) {
      self = .compressed
    } else if begins([0x89, 0x50, 0x4E, 0x47]) || begins([0xFF, 0xD8, 0xFF]) {
      self = .picture
    } else if head.count > 2, head[0] == 0x80, pickleProtocols.contains(head[1]) {
      self = .pickle
    } else if fileName == "saved_model.pb" || fileName == "keras_metadata.pb" {
      self = .savedModel
    } else if let known = Self.byExtension.first(where: { fileName.hasSuffix($0.key) }) {
      self = known.value
    } else {
      return nil
    }
  }

  /// Protocol buffers and texts without a characteristic beginning.
  private static let byExtension: [String: ForeignFormat] = [
    ".pb": .frozenGraph, ".caffemodel": .caffe, ".prototxt": .caffe, ".mlmodel": .coreML,
  ]

  /// By the names of the files in an archive.
  init?(archive names: [String]) {
    if names.contains("model.weights.h5") || names.contains("config.json") {
      self = .keras
    } else if names.contains(where: { $0.hasSuffix("archive_format") }) {
      self = .exportedProgram
    } else if !names.isEmpty, names.allSatisfy({ $0.hasSuffix(".npy") }) {
      self = .arrays
    } else if names.contains(where: { $0.hasSuffix("saved_model.pb") }) {
      self = .savedModel
    } else {
      return nil
    }
  }

  /// By the contents of a folder that is given instead of a file.
  init?(folder path: String) {
    guard let names = try? namesInFolder(path) else { return nil }
    if names.contains("saved_model.pb") {
      self = .savedModel
    } else if path.hasSuffix(".mlpackage") {
      self = .coreML
    } else {
      return nil
    }
  }

  func error(_ path: String) -> FileError {
    FileError(
      .malformed, path,
      "expected safetensors, ONNX or a PyTorch state dict, found \(name); \(advice)")
  }
}
