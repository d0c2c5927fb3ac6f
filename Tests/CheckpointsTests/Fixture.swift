import Foundation

/// The path of a file in the folder Fixtures.
func fixture(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
    .path(percentEncoded: false)
}
