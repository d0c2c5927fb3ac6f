internal import Foundation

/// What a checkpoint's gallery is called by default: the name of its file, or that of its folder
/// if the file's says nothing, so that two networks rarely share a folder.
package func galleryName(for checkpoint: String) -> String {
  let own = baseName(checkpoint)
  let folder = ((checkpoint as NSString).deletingLastPathComponent as NSString).lastPathComponent
  guard !["", "/", ".", ".."].contains(folder) else { return own }
  // Epochs of one run are several networks.
  if own.wholeMatch(of: /epoch[-_]?\d+/.ignoresCase()) != nil { return "\(folder)-\(own)" }
  return generalNames.contains(own.lowercased()) ? folder : own
}

private let generalNames: Set = [
  "best", "checkpoint", "final", "last", "latest", "model", "network", "resume", "state",
  "state_dict", "weights",
]
