internal import Analysis
internal import Datasets
internal import Drawing
internal import Files

/// Pictures whose parts are marked, each by a box in the network's input.
struct MarkedParts {
  struct Picture {
    /// Into the data set.
    let index: Int
    /// One for each part; nil if it is not marked here.
    fileprivate(set) var boxes: [HiddenBox?]
    /// Around the whole object, if that is known.
    let object: HiddenBox?
  }

  /// Of the parts, each of which is marked in two pictures or more.
  let names: [String]
  let pictures: [Picture]
  /// Nil for pictures of any class.
  let className: String?
  /// Of pictures that cannot be read.
  private(set) var failures: [FileError] = []

  private init(_ marks: [Marks], names: [String], className: String?) {
    self.names = names
    self.className = className
    pictures = marks.map { marks in
      Picture(
        index: marks.index, boxes: names.map { marks.boxes[$0] }, object: marks.object)
    }.filter { $0.boxes.contains { $0 != nil } }
  }

  /// The marks of one picture.
  private struct Marks {
    let index: Int
    let boxes: [String: HiddenBox]
    /// In their order.
    let names: [String]
    let object: HiddenBox?
  }

  /// The parts in the order in which they come, and the number of pictures of each.
  private static func counts(of marks: [Marks]) -> [(name: String, count: Int)] {
    var (names, counts): ([String], [String: Int]) = ([], [:])
    for name in marks.flatMap(\.names) {
      if counts[name] == nil { names.append(name) }
      counts[name, default: 0] += 1
    }
    return names.map { ($0, counts[$0] ?? 0) }
  }

  /// The only box of a picture's annotations.
  private static func object(of index: Int, in pictures: Pictures) throws -> HiddenBox? {
    let boxes = try pictures.dataset.annotations(at: index).boxes
    return boxes.count == 1 ? HiddenBox(boxes[0]) : nil
  }

  // MARK: - A table

  /// The parts that a table marks.
  ///
  /// - Parameters:
  ///   - className: The class of the pictures; nil for all that are marked.
  ///   - most: The number of pictures; nil for all.
  /// - Throws: `FileError` if rows name no picture or mark what is outside of it, or if a part is
  ///   marked in a single picture; `UsageError` if none of the pictures is marked.
  init(
    _ table: PartTable, of pictures: Pictures, class className: String?, most: Int?,
    in studio: Studio
  ) throws {
    let rows = try table.rows(of: try pictures.sourceNames())
    let wanted = try className.map { try pictures.classIndex($0) }
    let marked = try pictures.indices.filter { index in
      guard rows[index] != nil else { return false }
      return try wanted == nil || pictures.dataset.label(at: index) == wanted
    }
    guard !marked.isEmpty else {
      throw UsageError(
        "--parts: '\(table.path)' marks none of the pictures of \(pictures.name)"
          + (className.map { " of class '\($0)'" } ?? " that --limit leaves"))
    }
    var marks: [Marks] = []
    for index in marked.prefix(most ?? .max) {
      let size = try pictures.fileSize(of: index)
      var boxes: [String: HiddenBox] = [:]
      for row in rows[index] ?? [] {
        let box = row.box
        guard
          box.x >= 0, box.y >= 0, box.x + box.width <= Double(size.width),
          box.y + box.height <= Double(size.height)
        else {
          throw table.error(
            row,
            "expected a box inside '\(row.file)' of \(size.width)×\(size.height) pixels, found "
              + "\(shortest(box.x)), \(shortest(box.y)) to \(shortest(box.x + box.width)), "
              + shortest(box.y + box.height))
        }
        guard let placed = pictures.placed(box, ofPicture: size) else {
          throw table.error(
            row,
            "expected a box in the part of '\(row.file)' that the network sees, found one that the "
              + "preprocessing crops away")
        }
        boxes[row.part] = HiddenBox(placed)
      }
      marks.append(
        Marks(
          index: index, boxes: boxes, names: (rows[index] ?? []).map(\.part),
          object: try Self.object(of: index, in: pictures)))
    }
    let counts = Self.counts(of: marks)
    if let (name, _) = counts.first(where: { $0.count < 2 }) {
      throw FileError(
        .malformed, table.path,
        "expected each part in two pictures or more, found '\(name)' in 1"
          + (marks.count < marked.count || wanted != nil || marked.count < rows.count
            ? " of the \(marks.count) that are used" : ""))
    }
    let unmarked = pictures.count - marked.count
    if unmarked > 0, wanted == nil {
      studio.sayOnce(
        "\(table.path): marks parts of \(marked.count) of \(countText(pictures.count)) pictures; the "
          + "others are left out")
    }
    self.init(marks, names: counts.map(\.name), className: className)
  }

  // MARK: - Annotations

  /// The parts of the pictures' annotations, each under a square.
  ///
  /// - Parameters:
  ///   - className: The class of the pictures; nil for the one with most pictures.
  ///   - most: The number of pictures.
  ///   - side: Of the squares, in pixels of the network's input.
  /// - Returns: Nil if no part is visible in two pictures of one class.
  init?(
    annotationsOf pictures: Pictures, class className: String?, most: Int, side: Int
  ) throws {
    var groups: [Int?: [Int]] = [:]
    for index in pictures.indices {
      groups[try pictures.dataset.label(at: index), default: []].append(index)
    }
    let classes =
      try className.map { [try pictures.classIndex($0)] }
      ?? groups.sorted { (-$0.value.count, $0.key ?? -1) < (-$1.value.count, $1.key ?? -1) }
      .map(\.key)
    for label in classes {
      var marks: [Marks] = []
      var failures: [FileError] = []
      for index in groups[label] ?? [] where marks.count < most {
        let parts: [Annotations.Part]
        do {
          parts = try pictures.dataset.annotations(at: index).parts.filter(\.isVisible)
        } catch let error as FileError {
          failures.append(error)
          continue
        }
        guard !parts.isEmpty else { continue }
        marks.append(
          Marks(
            index: index,
            boxes: Dictionary(
              parts.map { ($0.name, HiddenBox(squareAround: $0, side: side, in: pictures)) }
            ) { first, _ in first },
            names: parts.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
            object: try Self.object(of: index, in: pictures)))
      }
      let names = Self.counts(of: marks).filter { $0.count > 1 }.map(\.name)
      guard !names.isEmpty else { continue }
      let known = pictures.dataset.classNames
      self.init(
        marks, names: names,
        className: label.flatMap { known.indices.contains($0) ? known[$0] : nil })
      self.failures = failures
      return
    }
    return nil
  }
}

extension Pictures {
  /// - Throws: `SelectionError` with the nearest names for a class that the pictures do not have.
  fileprivate func classIndex(_ name: String) throws -> Int {
    let names = dataset.classNames
    guard !names.isEmpty else {
      throw UsageError("--class \(name): \(self.name) has no classes")
    }
    return try ClassNames(names, count: names.count).index(of: name)
  }
}

extension HiddenBox {
  /// The pixels that a box covers, rounded to whole ones, at least one.
  fileprivate init(_ box: Annotations.Box) {
    func pixels(_ start: Double, _ length: Double) -> Range<Int> {
      let (first, end) = (Int(start.rounded()), Int((start + length).rounded()))
      return first < end ? first..<end : Int(start)..<(Int(start) + 1)
    }
    self.init(rows: pixels(box.y, box.height), columns: pixels(box.x, box.width))
  }

  /// A square around a part, cut off at the borders of the input.
  fileprivate init(squareAround part: Annotations.Part, side: Int, in pictures: Pictures) {
    func pixels(_ center: Double, _ extent: Int) -> Range<Int> {
      let start = Int((center - Double(side) / 2).rounded())
      return (start..<(start + side)).clamped(to: 0..<extent)
    }
    let input = pictures.preprocessing.input
    self.init(rows: pixels(part.y, input[1]), columns: pixels(part.x, input[2]))
  }
}
