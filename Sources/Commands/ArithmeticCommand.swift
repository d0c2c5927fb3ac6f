import Analysis
import ArgumentParser
import Drawing
import Exhibits
import Files
import Foundation
import Galleries
import Synchronization

/// Convolution arithmetic, number by number: about an operation and no network, so it is no exhibit.
struct ArithmeticCommand: ParsableCommand {
  static let kind = FigureKind(
    "arithmetic",
    abstract: "Work out and draw what a convolution or pooling does, number by number.",
    heading: "Arithmetic", explanation: "What an operation does, number by number.")

  static let configuration = CommandConfiguration(
    commandName: kind.name, abstract: kind.abstract,
    discussion: """
      Needs no checkpoint. Prints the size of the output with the numbers put into its formula, the \
      output, and the weights of a fully connected, a locally connected and a convolutional layer. \
      With --output, draws: the padded input, the kernel and the output at one step (grids), all \
      steps on a sheet (steps), as numbered files (frames) or as an animated PNG (animation), the \
      operation's sparse matrix beside that of a linear layer (matrix), the table of weights \
      (parameters), the input as numbers and shifted (shift), and a picture before and after \
      (before-after). The paths written follow on standard output, or are all of it with --quiet.

        fovea arithmetic --input '1 1 1 0 0; 0 1 1 1 0; 0 0 1 1 1; 0 0 1 1 0; 0 1 1 0 0' \\
          --kernel '1 0 1; 0 1 0; 1 0 1' --only animation -o convolution.png
        fovea arithmetic --input 6x6 --kernel 3x3 --stride 2 -o grids.pdf
        fovea arithmetic --input digit.png --kernel mean:3 --noise 30 -o digit
        fovea arithmetic --input 200x200 --kernel 10x10 --filters 100 --units 40000
      """)

  @OptionGroup var options: ArithmeticOptions

  @Option(
    name: .shortAndLong,
    help: "Draw into this folder, or one part into a file that ends in .png, .pdf or .svg.")
  var output: String?

  @Flag(help: "Replace existing files.")
  var force = false

  @OptionGroup var sheet: SheetOptions
  @OptionGroup var memoryOptions: MemoryOptions
  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    guard output != "" else {
      throw ValidationError("--output: expected a file or a folder, found nothing")
    }
    if let problem = output.flatMap(OutputName.problem) {
      throw ValidationError("--output: \(problem)")
    }
    guard output != nil || options.only == nil else {
      throw ValidationError("--only needs --output, which says where to draw")
    }
  }

  func run() throws {
    let console = reporting.console
    let work = try options.worked(memoryOptions.budget) { console.say($0) }
    for warning in work.example.warnings { console.warn(warning) }
    let files = try output.map { try draw(work, to: $0, console) } ?? []
    let report = ArithmeticReport(work: work)
    if reporting.json { return try Console.results([report.json(files: files)]) }
    let paths = files.map { printable($0) }
    // Whoever draws quietly wants the files.
    guard files.isEmpty || !reporting.quiet else { return try Console.results(paths) }
    try Console.results(report.lines + (paths.isEmpty ? [] : [""] + paths))
  }

  /// - Returns: The paths written.
  private func draw(
    _ work: WorkedArithmetic, to output: String, _ console: Console
  ) throws -> [String] {
    let format = FigureFile.format(of: output)
    let parts = try parts(of: work, isFile: format != nil, console)
    if parts.contains(.steps) {
      let (shown, count) = (work.example.shownStepCount, work.example.arithmetic.stepCount)
      if shown < count {
        console.say(
          "steps: the sheet has the first \(shown) of \(countText(count)) steps; "
            + "\(countText(count - shown)) are left out (--only frames draws "
            + "\(work.example.framesObstacle == nil ? "all" : "at most 1,000") as files)")
      }
    }
    if let format {
      let drawings = parts.flatMap { self.drawings($0, of: work, console) }
      guard let drawing = drawings.first, drawings.count == 1 else {
        throw UsageError(
          "--output: expected a folder for \(drawings.count) figures, found a file's name, "
            + "'\(output)'")
      }
      guard drawing.animation == nil || format == .png else {
        throw UsageError("--output: an animation is a PNG, found '\(output)'")
      }
      let file = try file(output, format)
      add(drawing, to: file, work)
      let files = try file.finish()
      for remark in file.remarks { console.warn(remark) }
      return files
    }
    let lock = try OutputLock(output, .alone)
    defer { lock.release() }
    let drawings = parts.flatMap { self.drawings($0, of: work, console) }
    // Whatever would be overwritten is found before anything is drawn.
    let files = try drawings.map { drawing in
      let file = try file("\(output)/\(Self.kind.name)-\(drawing.name).png", .png)
      add(drawing, to: file, work)
      return file
    }
    try makeFolder(output)
    let count = files.count
    let written = Mutex<[String]>([])
    try Signals.saying({ "\(written.withLock(\.count)) files are in \(output)" }) {
      for (index, file) in files.enumerated() {
        let paths = try file.finish()
        written.withLock { $0 += paths }
        for remark in file.remarks { console.warn(remark) }
        console.progress("figures", index + 1, of: count, detail: "")
      }
    }
    return written.withLock(\.self)
  }

  private func file(_ path: String, _ format: FigureFormat) throws -> FigureFile {
    try FigureFile(
      path, format: format, checkpoint: Manifest.Checkpoint(name: "", sha256: ""),
      version: Release.version, force: force, pixelsPerPoint: sheet.pixelsPerPoint,
      appearance: sheet.theme, style: try sheet.style.style(), arraysExtension: nil)
  }

  /// A figure, or several that a PNG shows one after the other.
  private struct Drawing {
    let name: String
    var animation: FigureAnimation?
    let make: @Sendable () throws -> CaptionedFigure
  }

  private func add(_ drawing: Drawing, to file: FigureFile, _ work: WorkedArithmetic) {
    file.add(
      Self.kind, name: drawing.name,
      facts: FigureFacts(
        source: work.example.source, options: OptionRecord(of: options).values,
        seed: work.clean == nil ? nil : options.seed,
        command: commandText(Array(CommandLine.arguments.dropFirst()))), arrays: nil,
      animation: drawing.animation, figure: drawing.make)
  }

  /// The parts that are drawn: those asked for, or those that there are.
  private func parts(
    of work: WorkedArithmetic, isFile: Bool, _ console: Console
  ) throws -> [ArithmeticPart] {
    if let asked = try options.parts() {
      for part in asked {
        if let obstacle = obstacle(to: part, of: work) {
          throw UsageError("--only \(part.rawValue): \(obstacle)")
        }
      }
      return asked
    }
    let usual: [ArithmeticPart] =
      isFile
      ? [.grids]
      : [.grids, .matrix, .parameters] + (work.example.isPicture ? [.shift, .beforeAfter] : [])
    let drawn = try usual.filter { part in
      guard let obstacle = obstacle(to: part, of: work) else { return true }
      if isFile { throw UsageError("\(part.rawValue): \(obstacle)") }
      if part != .parameters { console.say("no \(part.rawValue): \(obstacle)") }
      return false
    }
    guard !drawn.isEmpty else { throw UsageError("nothing of this operation can be drawn") }
    return drawn
  }

  private func obstacle(to part: ArithmeticPart, of work: WorkedArithmetic) -> String? {
    switch part {
    case .grids, .steps: work.example.gridsObstacle
    case .frames, .animation: work.example.framesObstacle
    case .matrix: work.example.matrixObstacle
    case .parameters: work.costs.isEmpty ? "the table is of convolutions" : nil
    case .shift: work.example.shiftObstacle(by: (try? options.shiftPair()) ?? [0, 0])
    case .beforeAfter: work.example.beforeAfterObstacle
    }
  }

  private func drawings(
    _ part: ArithmeticPart, of work: WorkedArithmetic, _ console: Console
  ) -> [Drawing] {
    let example = work.example
    let count = example.arithmetic.stepCount
    switch part {
    case .grids:
      return [
        Drawing(name: "grids") { [step = options.step - 1] in
          arithmeticFigure(of: example, step: step)
        }
      ]
    case .steps: return [Drawing(name: "steps") { arithmeticSteps(of: example) }]
    case .frames:
      let digits = "\(count)".count
      return (0..<count).map { step in
        let number = "\(step + 1)"
        let zeros = String(repeating: "0", count: digits - number.count)
        return Drawing(name: "frame-\(zeros)\(number)") { arithmeticFrame(of: example, step: step) }
      }
    case .animation:
      let frames = (0..<count).map { step -> @Sendable () -> CaptionedFigure in
        { arithmeticFrame(of: example, step: step) }
      }
      let animation = FigureAnimation(frames: frames, seconds: options.seconds) { done in
        console.bar("frames", done, of: count)
      }
      return [
        Drawing(name: "animation", animation: animation) {
          arithmeticFrame(of: example, step: count - 1)
        }
      ]
    case .matrix: return [Drawing(name: "matrix") { arithmeticMatrixFigure(of: example) }]
    case .parameters:
      return [
        Drawing(name: "parameters") { [channels = options.channels, costs = work.costs] in
          connectionTable(of: costs, arithmetic: example.arithmetic, channels: channels)
        }
      ]
    case .shift:
      let shift = (try? options.shiftPair()) ?? [0, 1]
      return [Drawing(name: "shift") { shiftedPictureFigure(of: example, by: shift) }]
    case .beforeAfter:
      return [
        Drawing(name: "before-after") { [clean = work.clean, noise = options.noise] in
          beforeAfterFigure(of: example, clean: clean, noise: noise)
        }
      ]
    }
  }
}
