internal import Files
internal import Foundation

/// The format of a weights file, determined first by its bytes and then by its name.
enum CheckpointFormat {
  case safeTensors
  /// The index of several safetensors files.
  case safeTensorsIndex
  case pyTorch
  case onnx
  /// Another known format, with advice on how to convert it to a supported one.
  case foreign(ForeignFormat)

  /// - Throws: `FileError` for an unknown format.
  init(of source: FileBytes) throws(FileError) {
    let head = try source.read(0..<min(512, source.size))
    let fileName = source.path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    func named(_ fileExtension: String) -> Bool { fileName.hasSuffix("." + fileExtension) }
    if Self.isSafeTensors(head, fileSize: named("safetensors") ? .max : source.size) {
      self = .safeTensors
    } else if ZipArchive.isZip(head) {
      self = try Self.archive(source)
    } else if try PyTorchFile.isOlder(source) {
      self = .pyTorch
    } else if let foreign = ForeignFormat(head, fileName: fileName) {
      self = .foreign(foreign)
    } else if named("json") {
      self = .safeTensorsIndex
    } else if named("onnx") || Self.isONNX(head) {
      self = .onnx
    } else if named("safetensors") {
      self = .safeTensors
    } else {
      let bytes = head.prefix(8).map { String($0, radix: 16) }.joined(separator: " ")
      throw FileError(
        .malformed, source.path,
        "expected safetensors, ONNX or a PyTorch state dict, found "
          + (bytes.isEmpty ? "an empty file" : "something that begins with the bytes \(bytes)"))
    }
  }

  /// A header length that fits into the file, then the beginning of a JSON object.
  private static func isSafeTensors(_ head: Data, fileSize: Int) -> Bool {
    guard head.count > 8, head[8] == UInt8(ascii: "{") else { return false }
    let length = head.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length <= UInt64(fileSize - 8)
  }

  private static func archive(_ source: FileBytes) throws(FileError) -> CheckpointFormat {
    let archive = try ZipArchive(source)
    guard let folder = pickleFolder(in: archive) else {
      return ForeignFormat(archive: archive.names).map { .foreign($0) } ?? .pyTorch
    }
    // TorchScript stores a module as code, with its constants in separate files.
    let isScript =
      archive.size(of: folder + "constants.pkl") != nil
      || archive.names.contains { $0.hasPrefix(folder + "code/") }
    return isScript ? .foreign(.torchScript) : .pyTorch
  }

  /// A protocol buffer whose first field is a version of ONNX's intermediate representation.
  private static func isONNX(_ head: Data) -> Bool {
    // Fields of ModelProto that may come next: texts and messages from 2 to 8, 14, 20 and 25.
    let fields: Set<UInt8> = [0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72, 0xA2, 0xCA]
    return head.count > 2 && head[0] == 0x08 && (3...30).contains(head[1])
      && fields.contains(head[2])
  }
}
