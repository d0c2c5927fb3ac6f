import Analysis
import ArgumentParser
import Drawing
import Exhibits
import Files
import Foundation
import Galleries
import Images
import TensorCore

/// Handcrafted filters of a picture: about no network, so it is no exhibit.
struct ConvolveCommand: ParsableCommand {
  static let kind = FigureKind(
    "convolve",
    abstract: "Filter a picture by handcrafted kernels, and draw it before and after.",
    heading: "Handcrafted filters", explanation: "What filters that were not learned make of it.")

  static let configuration = CommandConfiguration(
    commandName: kind.name, abstract: kind.abstract,
    discussion: """
      Needs no checkpoint. Draws each kernel beside its result, and says how numbers became \
      colours. Pictures have levels from 0 to 255. Filters, with their arguments after a colon, \
      in this order or by name:

      \(filterList)

      SIZE is a side or rows and columns, such as 5x1; angles are in degrees, clockwise from right; \
      sobel, prewitt and scharr are the magnitude of the gradient; the shapes of dilate, erode, \
      open and close are rectangle, disk and cross.

        fovea convolve photo.jpg --kernel sobel-x --kernel sobel-y --kernel sobel
        fovea convolve photo.jpg --noise salt-and-pepper:0.1 -k box:3 -k gaussian:1 -k median:3
        fovea convolve photo.jpg -k gabor:theta=45,lambda=8 -k canny:20,60,sigma=2 -o edges.pdf
        fovea convolve photo.jpg -k gaussian:3 --color --raw -o blurred.png
      """)

  @Argument(help: "A PNG or JPEG file; without one, a scene is rendered.")
  var picture: String?

  @OptionGroup var options: FilterOptions

  @Flag(
    help: """
      Write the results alone, one pixel for each value, as PNGs: into a folder, or that of one \
      filter into a file.
      """)
  var raw = false

  @Option(
    name: .shortAndLong,
    help: """
      A file that ends in .png, .pdf or .svg, or a folder. \
      (default: output/convolve-NAME.png, or with --raw output/convolve-NAME)
      """)
  var output: String?

  @Flag(help: "Replace existing files.")
  var force = false

  // Without a value, it is one of safetensors, as of other commands.
  @Option(
    help: ArgumentHelp(
      """
      Also write the picture, the kernels and the results as numbers: as NAME.safetensors, which \
      is also meant by --arrays alone, as NAME.npz for NumPy, or as a table, NAME.csv.
      """, valueName: "format"))
  var arrays: ArraysFormat?

  @OptionGroup var sheet: SheetOptions
  @OptionGroup var memoryOptions: MemoryOptions
  @OptionGroup var computing: ComputingOptions
  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    for (name, text) in [("--output", output), ("a picture", picture)] where text == "" {
      throw ValidationError("\(name): expected a file, found nothing")
    }
    if let problem = output.flatMap(OutputName.problem) {
      throw ValidationError("--output: \(problem)")
    }
    guard !raw || arrays == nil else {
      throw ValidationError("give either --raw or --arrays, not both")
    }
    guard raw, let output, let format = FigureFile.format(of: output) else { return }
    guard format == .png else {
      throw ValidationError(
        "--output: results alone are written as .png, found '\(output)'")
    }
    let count = try options.filters().count
    guard count == 1 else {
      throw ValidationError(
        "--output: expected a folder for the results of \(count) filters, found a file's name, "
          + "'\(output)'")
    }
  }

  func run() throws {
    computing.apply()
    let console = reporting.console
    let filters = try options.filters()
    // Whatever would be overwritten is found before anything is computed.
    let file = raw ? nil : try figureFile()
    let places = raw ? try rawFiles(of: filters) : []
    let picture = try FilteredPicture(
      picture, isColored: options.color, filters: filters.count, memory: memoryOptions.budget)
    if let remark = picture.remark { console.say(remark) }
    let time = TimeLeft()
    let finding = try PictureFiltering(
      of: picture.levels, by: filters, options.geometry, noise: options.addedNoise(),
      seed: options.seed
    ) { done in
      let (percent, whole) = (Int(100 * done), 100 * filters.count)
      console.bar(
        "filters", percent, of: whole, detail: time.text(percent, of: whole))
    }
    let files: [String]
    if let file {
      if output.map({ FigureFile.format(of: $0) == nil }) ?? true {
        try makeFolder(output ?? "output")
      }
      try add(finding, of: picture.source, to: file)
      files = try Signals.saying({ "nothing was written" }) { try file.finish() }
      for remark in file.remarks { console.warn(remark) }
    } else {
      files = try write(finding, to: places)
    }
    try reporting.report(files, ["results": facts(of: finding)])
  }

  // MARK: The figure

  /// `convolve-NAME`, for the picture's name.
  private var name: String {
    let file = (picture.map { $0 as NSString }?.lastPathComponent ?? "scene") as NSString
    return figureName(Self.kind, file.deletingPathExtension)
  }

  private func figureFile() throws -> FigureFile {
    let given = output.flatMap { path in FigureFile.format(of: path).map { (path, $0) } }
    let (path, format) = given ?? ("\(output ?? "output")/\(name).png", .png)
    return try FigureFile(
      path, format: format, checkpoint: Manifest.Checkpoint(name: "", sha256: ""),
      version: Release.version, force: force, pixelsPerPoint: sheet.pixelsPerPoint,
      appearance: sheet.theme, style: try sheet.style.style(),
      arraysExtension: arrays?.rawValue)
  }

  private var command: String { commandText(Array(CommandLine.arguments.dropFirst())) }

  private func add(_ finding: PictureFiltering, of source: String, to file: FigureFile) throws {
    let scale = options.scale
    try FigureFileSink(file, arrays: arrays).add(
      Self.kind, name: source,
      facts: FigureFacts(
        source: source, options: OptionRecord(of: options).values,
        seed: finding.noise == nil ? nil : options.seed, command: command),
      arrays: { FigureArrays(finding) }
    ) { filteringFigure(of: finding, source: source, scale: scale) }
  }

  // MARK: Results alone

  /// One for each filter.
  ///
  /// - Throws: `FileError` if one exists, unless it may be replaced.
  private func rawFiles(of filters: [PictureFilter]) throws -> [String] {
    let places: [String]
    if let output, FigureFile.format(of: output) != nil {
      places = [output]
    } else {
      let folder = output ?? "output/\(name)"
      places = uniqueFigureNames(Self.kind, filters.map(\.name)).map { "\(folder)/\($0).png" }
    }
    for place in places where !force {
      if case .none(ENOENT) = kindOfFile(place) { continue }
      if case .other = kindOfFile(place) { continue }
      throw FileError(
        .unwritable, place, "exists; give another --output, or --force to replace it")
    }
    return places
  }

  private func write(_ finding: PictureFiltering, to places: [String]) throws -> [String] {
    for (place, result) in zip(places, finding.results) {
      let folder = (place as NSString).deletingLastPathComponent
      if !folder.isEmpty { try makeFolder(folder) }
      try filteredImage(of: result, scale: options.scale).writePNG(
        to: place,
        text: [
          ("Software", "\(Release.name) \(Release.version)"), ("method", result.filter.name),
          ("command", command),
        ])
    }
    return places
  }

  // MARK: The report

  /// For `--json`.
  private func facts(of finding: PictureFiltering) -> [[String: any Sendable]] {
    finding.results.map { result in
      let range = result.values.finiteRange
      var facts: [String: any Sendable] = [
        "filter": result.filter.name, "size": [result.values.shape[2], result.values.shape[1]],
        "least": Double(range?.lowerBound ?? 0), "greatest": Double(range?.upperBound ?? 0),
      ]
      if let error = result.error {
        facts["rmse"] = error.rmse
        facts["psnr"] = error.psnr
      }
      return facts
    }
  }
}

/// All filters with their arguments, in lines for a help text.
private let filterList: String = {
  let width = 74
  var lines: [String] = []
  for form in PictureFilter.forms {
    let text = form.name + (form.arguments.isEmpty ? "" : ":\(form.arguments)")
    if let last = lines.last, last.count + text.count + 2 <= width {
      lines[lines.count - 1] = last + "  " + text
    } else {
      lines.append(text)
    }
  }
  return lines.map { "  " + $0 }.joined(separator: "\n")
}()
