internal import Files

/// A folder's examples, with what the tables beside them say.
struct AnnotatedFolder: Sendable {
  /// The classes of a data set, and what says which one an example has.
  struct Classes: Sendable {
    /// Empty if there are not several.
    let names: [String]
    /// The class that all examples have, if they are all in one folder or a table says so.
    let single: String?
    fileprivate let areFolders: Bool

    /// - Parameter folders: The parts of the data set.
    init(of folders: [AnnotatedFolder]) {
      let named = Set(folders.flatMap(\.examples).compactMap(FolderContents.firstFolder))
      areFolders = named.count > 1
      var found = named.sorted()
      if !areFolders {
        found = Set(folders.flatMap(\.tableClasses.values)).sorted()
        // Numbers in their own order.
        let numbers = found.compactMap { Int($0) }
        if numbers.count == found.count { found.sort { (Int($0) ?? 0) < (Int($1) ?? 0) } }
      }
      names = found.count > 1 ? found : []
      // A single folder with examples beside it is no class.
      let isSingleFolder =
        named.count == 1
        && folders.allSatisfy {
          $0.examples.allSatisfy { FolderContents.firstFolder(of: $0) != nil }
        }
      single = found.count == 1 ? found[0] : isSingleFolder ? named.first : nil
    }
  }

  /// Without the masks that the tables name.
  let examples: [String]
  let table: AnnotationTable
  private let contents: FolderContents
  /// The factor `class` of each file.
  private let tableClasses: [String: String]

  /// - Parameter parent: The folder of the whole data set, if this one is a part of it.
  /// - Throws: `FileError` if a table is malformed, or no example is left.
  init(
    _ contents: FolderContents, partOf parent: String? = nil, memory: MemoryBudget
  ) throws(FileError) {
    self.contents = contents
    let table = try AnnotationTable(
      of: contents.examples, named: contents.kind.plural, in: contents.path, partOf: parent,
      memory: memory)
    self.table = table
    examples = contents.examples.filter { !table.maskFiles.contains($0) }
    tableClasses = table.classes()
    guard contents.examples.isEmpty || !examples.isEmpty else {
      throw FileError(.missing, contents.path, "expected pictures, found only masks of pictures")
    }
  }

  var path: String { contents.path }
  var kind: ExampleKind { contents.kind }
  var otherFiles: String { contents.otherFiles }
  var remarks: [String] { contents.remarks + table.remarks }

  func className(of file: String, by classes: Classes) -> String? {
    classes.areFolders ? FolderContents.firstFolder(of: file) : tableClasses[file]
  }
}
