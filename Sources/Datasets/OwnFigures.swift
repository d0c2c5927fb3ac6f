internal import Files
internal import Foundation

/// The names of the pictures in a folder that were drawn by Fovea: those listed in a gallery's
/// record, and a training run's curves.
func ownFigures(in folder: String, names: [String]) -> Set<String> {
  struct Record: Decodable {
    struct Figure: Decodable { let file: String }
    let program: String
    let figures: [Figure]
  }
  var own: Set<String> = []
  if names.contains("gallery.json"), let data = try? readFile(folder + "/gallery.json"),
    let record = try? JSONDecoder().decode(Record.self, from: data), record.program == "fovea"
  {
    own = Set(record.figures.map(\.file))
  }
  let run: Set = ["curves.png", "log.csv", "final.safetensors"]
  if run.isSubset(of: names) { own.insert("curves.png") }
  return own.intersection(names)
}
