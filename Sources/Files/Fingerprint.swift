internal import CCrypto
public import Foundation

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
public func fingerprint(of data: Data) -> String {
  var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
  data.withUnsafeBytes { bytes in
    _ = SHA256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &digest)
  }
  return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
