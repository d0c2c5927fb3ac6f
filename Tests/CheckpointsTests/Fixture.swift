import Foundation

/// Where a file of the folder Fixtures is.
func fixture(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
    .path(percentEncoded: false)
}
