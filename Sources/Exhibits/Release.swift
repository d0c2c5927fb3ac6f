/// The program's name and version in the records that it writes.
package enum Release {
  package static let name = "fovea"
  package static let version = "0.1.0"
}
