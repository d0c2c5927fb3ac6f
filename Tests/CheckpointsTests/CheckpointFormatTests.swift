import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct `Files that are no checkpoints` {
  private func reason(_ data: Data, _ name: String) -> String? {
    do {
      _ = try Checkpoint.load(FileBytes(data, path: name))
      return nil
    } catch {
      return error.reason
    }
  }

  private static let files: [(name: String, bytes: Data, found: String)] = [
    ("model.h5", Data([0x89]) + Data("HDF\r\n\u{1A}\n".utf8), "an HDF5 file, as Keras writes it"),
    ("model.tflite", Data([28, 0, 0, 0]) + Data("TFL3".utf8), "a TensorFlow Lite model"),
    ("weights.npy", Data([0x93]) + Data("NUMPY".utf8), "NumPy arrays"),
    ("weights.npz", SyntheticZip([.init("a.npy", Data())]).data, "NumPy arrays"),
    (
      "model.keras", SyntheticZip([.init("model.weights.h5", Data())]).data, "a Keras model"
    ),
    ("saved_model.pb", Data([8, 1, 0x12, 0]), "a TensorFlow SavedModel"),
    ("frozen.pb", Data([10, 1, 0x12, 0]), "a TensorFlow graph"),
    ("net.caffemodel", Data([10, 1]), "a Caffe model"),
    ("net.mlmodel", Data([8, 1, 0x12]), "a Core ML model"),
    ("weights.pkl", Data([0x80, 3, 0x7D, 0x2E]), "a Python pickle that torch.save did not write"),
    ("weights.gz", Data([0x1F, 0x8B, 8]), "a gzip file"),
    ("photo.jpg", Data([0xFF, 0xD8, 0xFF, 0xE0]), "a picture"),
    (
      "old.pth", Data(count: 257) + Data("ustar".utf8),
      "a tar archive, as PyTorch before 0.1.10 wrote it"
    ),
    (
      "program.pt2", SyntheticZip([.init("p/archive_format", Data())]).data,
      "a program of torch.export"
    ),
  ]

  @Test(arguments: files.indices)
  func `a known format is named, with a way out of it`(index: Int) throws {
    let file = Self.files[index]
    let found = try #require(reason(file.bytes, file.name))
    #expect(
      found.hasPrefix("expected safetensors, ONNX or a PyTorch state dict, found \(file.found); "))
    #expect(!found.contains("\n"))
  }

  @Test func `exact words for Keras and TorchScript`() throws {
    #expect(
      reason(Self.files[0].bytes, "model.h5")
        == "expected safetensors, ONNX or a PyTorch state dict, found an HDF5 file, as Keras "
        + "writes it; export it in Python: "
        + "keras.models.load_model(\"model.h5\").export(\"model.onnx\", format=\"onnx\")")
    let error = #expect(throws: FileError.self) { try Checkpoint.load(fixture("script.pt")) }
    #expect(
      error?.reason
        == "expected safetensors, ONNX or a PyTorch state dict, found a TorchScript module; "
        + "export it in Python: torch.onnx.export(torch.jit.load(\"model.pt\"), "
        + "torch.zeros(1, 3, 224, 224), \"model.onnx\", dynamo=False)")
  }

  @Test func `a folder of TensorFlow's is named`() throws {
    try withTemporaryFolder { folder in
      try writeFile(Data(), to: "\(folder)/saved_model.pb")
      #expect(
        errorText { try Checkpoint.load(folder) }
          == "\(folder): expected safetensors, ONNX or a PyTorch state dict, found a TensorFlow "
          + "SavedModel; export it: python -m tf2onnx.convert --saved-model FOLDER "
          + "--output model.onnx")
    }
  }

  @Test func `something unknown is shown by its first bytes`() {
    #expect(
      reason(Data("hello world".utf8), "x.pth")
        == "expected safetensors, ONNX or a PyTorch state dict, found something that begins with "
        + "the bytes 68 65 6c 6c 6f 20 77 6f")
    #expect(
      reason(Data(), "x.pth")
        == "expected safetensors, ONNX or a PyTorch state dict, found an empty file")
  }

  @Test func `a format is known by its bytes, whatever the name`() throws {
    let whole = try Data(contentsOf: URL(filePath: fixture("lenet5.pth")))
    let older = try Data(contentsOf: URL(filePath: fixture("lenet5-older.pth")))
    #expect(reason(whole, "x.safetensors") == nil)
    #expect(reason(older, "x.onnx") == nil)
  }
}
