internal import CCrypto
public import Foundation

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
public func fingerprint(of data: Data) -> String {
  var digest = SHA256Digest()
  data.withUnsafeBytes { digest.update($0) }
  return digest.text
}

/// The SHA-256 of a file, read in parts.
///
/// - Throws: `FileError` when it cannot be read.
public func fingerprint(of file: OpenFile) throws(FileError) -> String {
  var digest = SHA256Digest()
  let part = 1 << 20
  for start in stride(from: 0, to: file.size, by: part) {
    try file.read(start..<min(start + part, file.size)).withUnsafeBytes { digest.update($0) }
  }
  return digest.text
}

/// The SHA-256 of all that was read of a file and of those opened through it.
///
/// For one file it is that file's own. For several it is that of the list which
/// `sha256sum FILE COMPANION…` prints in the file's folder: a line each, the companions in the
/// order of their paths.
///
/// - Throws: `FileError` when one cannot be read any more, or was written to in the meantime.
public func fingerprint(of bytes: FileBytes) throws(FileError) -> String {
  if let data = bytes.data { return fingerprint(of: data) }
  let files = bytes.files
  var prints: [String] = []
  for file in files {
    prints.append(try fingerprint(of: file))
    try file.checkUnchanged()
  }
  guard files.count > 1 else { return prints[0] }
  let folder = bytes.path.lastIndex(of: "/").map { String(bytes.path[...$0]) } ?? ""
  let lines = zip(files, prints).map { "\($1)  \(name(of: $0.path, in: folder))\n" }
  return fingerprint(of: Data(lines.joined().utf8))
}

/// A path as seen from a folder, wherever the folder lies; a reader may have resolved its links.
private func name(of path: String, in folder: String) -> String {
  let resolved = URL(filePath: folder.isEmpty ? "." : folder).resolvingSymlinksInPath()
    .standardizedFileURL.path(percentEncoded: false)
  for start in [folder, resolved.hasSuffix("/") ? resolved : resolved + "/"]
  where path.hasPrefix(start) && path.hasPrefix("/") == start.hasPrefix("/") {
    return String(path.dropFirst(start.count))
  }
  return path
}

private struct SHA256Digest: ~Copyable {
  private let context = EVP_MD_CTX_new()

  init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

  deinit { EVP_MD_CTX_free(context) }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  var text: String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    EVP_DigestFinal_ex(context, &digest, nil)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
