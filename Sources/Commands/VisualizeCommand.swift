import Analysis
import ArgumentParser
import Exhibits
import Files
import Galleries
import TensorCore

struct VisualizeCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "visualize",
    abstract: "Draw the whole gallery of a checkpoint.",
    discussion: """
      Filters, feature maps, top patches, a sheet for the most selective unit of each layer, an \
      embedding, saliency maps, class models and, of labelled pictures, confusions and mistakes, and \
      a page that shows them all. --classes selects the class models; saliency explains the top \
      prediction. An earlier gallery is replaced once the new one is complete.

      Options of one kind of figure are given in a YAML file, as in a batch file:

        saliency:
          method: guided-backpropagation
        class-models:
          steps: 200
      """)
  static let occasion = Studio.Occasion.gallery

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var layers: LayerOptions
  @OptionGroup var classes: ClassOptions
  @OptionGroup var units: UnitOptions

  @Option(
    help: """
      Draw only these kinds of figures, separated by commas: \
      \(Exhibits.exhibits.map { $0.kind.name }.joined(separator: ", ")).
      """)
  var only: String?

  @Option(
    help: ArgumentHelp(
      "A YAML file with options for individual kinds of figures.", valueName: "file"))
  var with: String?

  @Flag(help: "Keep the finished figures of an interrupted run.")
  var resume = false

  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: OutputOptions

  var precision: Precision { numbers.precision }
  var usesCache: Bool { !cache.noCache }

  /// Not if only such kinds are asked for that learn the labels' own classes.
  var comparesClasses: Bool { (try? kinds())?.contains { $0.comparesClasses } ?? true }

  func validate() throws {
    do {
      _ = try kinds()
    } catch let error as UsageError {
      throw ValidationError(error.description)
    }
  }

  private func kinds() throws -> [any Exhibit.Type] {
    func isNamed(_ exhibit: any Exhibit.Type) -> Bool {
      units.unit != nil && units.unit != UnitOptions.none
        && exhibit.kind.name == UnitSheets.kind.name
    }
    guard let only else { return Exhibits.exhibits.filter { $0.isUsual || isNamed($0) } }
    let names = try namePatterns(only, of: "--only")
    let known = Exhibits.exhibits.map { $0.kind.name }
    for name in names where !known.contains(name) {
      throw UsageError("--only: no kind '\(name)'\(suggestion(for: name, among: known))")
    }
    return Exhibits.exhibits.filter { names.contains($0.kind.name) || isNamed($0) }
  }

  /// Nil if none of the kinds shows pictures.
  var pictureOptions: PictureOptions? {
    guard let kinds = try? kinds(),
      kinds.contains(where: { optionNames(of: $0).contains("images") })
    else { return nil }
    return pictures
  }

  func exhibits(in studio: Studio) throws -> ExhibitRun {
    let own = try with.map { path in try KindOptions(path) } ?? KindOptions()
    let shared = [
      OptionRecord(of: pictures), OptionRecord(of: layers), OptionRecord(of: classes),
      OptionRecord(of: units),
    ].flatMap(\.entries)
    var run = ExhibitRun()
    for exhibit in try kinds() {
      let names = optionNames(of: exhibit).subtracting(exhibit.unsharedOptions)
      let given = shared.compactMap { option in
        names.contains(option.name) ? option.value.map { "--\(option.name)=\($0)" } : nil
      }
      let shared = exhibit.galleryArguments + given
      let own = own.arguments(of: exhibit.kind.name)
      do {
        try run.addIfAvailable(exhibit, shared + own, in: studio)
      } catch {
        // If this works without the file's options, the file is at fault.
        var others = ExhibitRun()
        guard let with, !own.isEmpty,
          (try? others.addIfAvailable(exhibit, shared, in: studio)) != nil
        else { throw error }
        throw FileError(
          .malformed, with, "'\(exhibit.kind.name)': \(ExitStatus.message(for: error))")
      }
    }
    try run.checkAny()
    return run
  }

  func checkFiles() throws { _ = try with.map { path in try KindOptions(path) } }

  func mode(of run: ExhibitRun, for model: Model) throws -> GalleryWriter.Mode {
    .replacing(
      configuration: "\(try run.key(for: model))\n\(output.arrays?.rawValue ?? "")",
      resumes: resume)
  }
}
