internal import Drawing
internal import Files
internal import Foundation
internal import Images

/// A figure in a style: what all of its files are made of.
struct StyledFigure {
  let figure: CaptionedFigure
  let style: FigureStyle
  let appearance: Appearance
  let pixelsPerPoint: Double
  private let sheet: any Composite

  /// - Parameter usual: Pixels per point of PNGs if the style says nothing of paper.
  init(_ figure: CaptionedFigure, _ style: FigureStyle, _ appearance: Appearance, usual: Int) {
    let figure = figure.captioned(in: style)
    self.figure = figure
    self.style = style
    self.appearance = appearance
    pixelsPerPoint = style.pixelsPerPoint(usual: usual)
    sheet = figure.sheet(in: style)
  }

  private var typeface: Typeface { style.typeface ?? .standard }

  /// - Parameter file: Its name, for the error.
  /// - Throws: `FileError` if it would have too many pixels for the resolution that was asked for;
  ///   `DrawingError`.
  func image(for file: String) throws -> Image {
    do {
      return try sheet.render(scale: pixelsPerPoint, appearance: appearance, typeface: typeface)
    } catch {
      let most = max(sheet.size.width, sheet.size.height) * pixelsPerPoint
      guard let dpi = style.recordedDPI, most.isFinite, most > 10_000 else { throw error }
      throw FileError(
        .unwritable, file,
        "\(countText(Int(most))) pixels at \(dpi) per inch are too many for a picture; give a lower "
          + "--dpi, or a smaller --width")
    }
  }

  /// Of a sheet that has a width on paper.
  var printedSize: PrintedSize? {
    style.width == nil
      ? nil : PrintedSize(smallestText: sheet.smallestText, height: sheet.size.height)
  }

  /// The characters of its text that no installed font has; known once it is drawn.
  var unavailableCharacters: Set<Unicode.Scalar> {
    sheet.unavailableCharacters(in: typeface)
  }

  func png(_ image: Image, _ record: FigureRecord, _ manifest: Manifest) -> Data {
    image.encodedPNG(
      text: record.textChunks(manifest), dotsPerInch: style.recordedDPI.map(Double.init))
  }

  /// The frames in the figure's style, with its record.
  ///
  /// - Throws: The same errors as `image(for:)`, and those of the frames.
  func animatedPNG(
    _ animation: FigureAnimation, _ record: FigureRecord, _ manifest: Manifest
  ) throws -> Data {
    let images = try animation.frames.enumerated().map { index, make in
      animation.progress(index)
      return try StyledFigure(
        make(), style, appearance, usual: Int(pixelsPerPoint.rounded(.up))
      ).image(for: record.file)
    }
    animation.progress(images.count)
    return Image.encodedAnimation(
      images, seconds: animation.seconds, text: record.textChunks(manifest),
      dotsPerInch: style.recordedDPI.map(Double.init))
  }

  /// The figure in another format than PNG.
  ///
  /// - Parameter picture: The file that LaTeX includes.
  /// - Throws: `DrawingError`.
  func data(
    _ format: FigureFormat, _ record: FigureRecord, _ manifest: Manifest, including picture: String
  ) throws -> Data {
    let metadata = DocumentMetadata(
      title: figure.title, description: figure.caption, keywords: record.command,
      creator: "\(manifest.program) \(manifest.version)")
    switch format {
    case .png: return try png(image(for: record.file), record, manifest)
    case .pdf: return try sheet.pdf(metadata, appearance: appearance, typeface: typeface)
    case .svg: return sheet.svg(metadata, appearance: appearance, typeface: typeface)
    case .txt: return Data(plainCaption.utf8)
    case .tex: return Data(latexFigure(including: picture, width: style.width, record.command).utf8)
    }
  }

  private var plainCaption: String {
    [figure.title, figure.subtitle, figure.caption].filter { !$0.isEmpty }
      .joined(separator: "\n\n") + "\n"
  }

  private func latexFigure(
    including picture: String, width: PrintedWidth?, _ command: String
  ) -> String {
    // TeX's bp is a point of 1/72 inch.
    let width = width.map { String(format: "%.6gbp", $0.points) }
    let name = (picture as NSString).deletingPathExtension
    let label = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    let words = [figure.title, figure.subtitle].filter { !$0.isEmpty }.map { latex(sentence($0)) }
    return """
      % \(command.replacing("\n", with: " "))
      \\begin{figure}
        \\centering
        \\includegraphics[width=\(width ?? "\\linewidth")]{\(picture)}
        \\caption{\((words + [latex(figure.caption)]).filter { !$0.isEmpty }.joined(separator: " "))}
        \\label{fig:\(label)}
      \\end{figure}

      """
  }
}

/// Figures that a PNG shows one after the other.
public struct FigureAnimation: Sendable {
  /// One at least.
  let frames: [@Sendable () throws -> CaptionedFigure]
  /// How long each is shown.
  let seconds: Double
  /// Called with the number of frames that are drawn.
  let progress: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - frames: One at least.
  ///   - seconds: How long each is shown.
  ///   - progress: Called with the number of frames that are drawn.
  public init(
    frames: [@Sendable () throws -> CaptionedFigure], seconds: Double,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    precondition(!frames.isEmpty, "an animation without frames")
    (self.frames, self.seconds, self.progress) = (frames, seconds, progress)
  }
}
