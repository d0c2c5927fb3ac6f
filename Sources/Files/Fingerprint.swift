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
