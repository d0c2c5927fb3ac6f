internal import Files
internal import Foundation

/// The names of the pictures in a folder that were drawn by Fovea: the figures listed in a
/// gallery's record and their thumbnails, and a training run's curves.
func ownFigures(in folder: String, names: [String]) -> Set<String> {
  struct Record: Decodable {
    struct Figure: Decodable {
      let file: String
      let thumbnail: String?
    }
    let program: String
    let figures: [Figure]
  }
  var own: Set<String> = []
  if names.contains("gallery.json"), let data = try? readFile(folder + "/gallery.json"),
    let record = try? JSONDecoder().decode(Record.self, from: data), record.program == "fovea"
  {
    own = Set(record.figures.flatMap { [$0.file, $0.thumbnail].compactMap(\.self) })
  }
  let run: Set = [TrainingFileNames.curves, TrainingFileNames.log, TrainingFileNames.final]
  if run.isSubset(of: names) { own.insert(TrainingFileNames.curves) }
  return own.intersection(names)
}
