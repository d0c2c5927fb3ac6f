import Exhibits
import Files
import Galleries

extension Studio {
  /// Draws how well labelled pictures are recognized into a gallery: the confusion matrix and the
  /// worst mistakes.
  ///
  /// - Parameters:
  ///   - others: Exhibits that are drawn before them.
  ///   - scan: Someone else who needs the pass over the pictures.
  /// - Returns: The paths written.
  /// - Throws: `ExhibitUnavailable` if there is nothing to draw.
  func drawAnswers(
    to pictures: PictureOptions, after others: [any Exhibit.Type] = [], into folder: String,
    force: Bool, _ console: Console, alongside scan: PictureScan? = nil
  ) throws -> [String] {
    var run = ExhibitRun()
    for exhibit in others { try run.addIfAvailable(exhibit, [], in: self) }
    let arguments = OptionRecord(of: pictures).entries.compactMap { option in
      option.value.map { "--\(option.name)=\($0)" }
    }
    try run.addIfAvailable(Confusion.self, arguments, in: self)
    try run.addIfAvailable(Mistakes.self, arguments, in: self)
    try run.checkAny()
    let writer = try GalleryWriter(model, folder: folder, mode: .adding, force: force)
    return try writer.write(
      run, to: folder, in: self, arrays: nil, console: console, alongside: scan)
  }
}
