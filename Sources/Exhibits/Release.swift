/// What the program is called in the records of what it writes.
package enum Release {
  package static let name = "fovea"
  package static let version = "0.1.0"
}
