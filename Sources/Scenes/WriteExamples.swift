public import Files
internal import Datasets
internal import Foundation

/// Writes examples and their factors as `factors.csv`, replacing those that were written to the
/// folder earlier; the whole opens as a labelled data set with annotations.
///
/// As with ``writeScenes(_:size:to:named:layout:progress:)``, the table is written first.
///
/// - Parameter progress: Called after each example with the number completed.
/// - Returns: The paths written, examples first and in order.
/// - Throws: `FileError` of kind `.unwritable`.
@discardableResult
public func writeExamples<Examples: FactoredDataset>(
  of dataset: Examples, to folder: String, layout: SceneFolderLayout = .classFolders,
  progress: (Int) -> Void = { _ in }
) throws(FileError) -> [String] {
  try makeFolder(folder)
  removePartialFiles(in: folder)
  try SceneFolder(folder).removeScenes()
  let digits = max(3, "\(max(0, dataset.count - 1))".count)
  var files: [String] = []
  for index in 0..<dataset.count {
    let number = String(repeating: "0", count: digits - "\(index)".count) + "\(index)"
    let (name, label) = ("\(Examples.word)-\(number)", dataset.className(at: index))
    files.append(
      (layout == .flat ? "\(name)-\(label)" : "\(label)/\(name)") + Examples.fileEnding)
  }
  if layout == .classFolders {
    for name in Set((0..<dataset.count).map(dataset.className)).sorted() {
      try makeFolder("\(folder)/\(name)")
      removePartialFiles(in: "\(folder)/\(name)")
    }
  }
  let table = "\(folder)/\(factorsFileName)"
  try writeFile(Data(factorsTable(of: dataset, files).utf8), to: table)
  var paths: [String] = []
  for (index, file) in files.enumerated() {
    let path = "\(folder)/\(file)"
    try dataset.write(index, to: path)
    paths.append(path)
    progress(index + 1)
  }
  return paths + [table]
}

extension FactoredDataset {
  fileprivate func className(at index: Int) -> String {
    if case .word(let name) = factors(at: index)["class"] { return name }
    return "none"
  }
}

/// One row for each example; the value of a factor that it does not have is empty.
private func factorsTable<Examples: FactoredDataset>(
  of dataset: Examples, _ files: [String]
) -> String {
  var lines = [(["file"] + Examples.factorNames).joined(separator: ",")]
  for (index, file) in files.enumerated() {
    let factors = dataset.factors(at: index)
    let values = Examples.factorNames.map { name in
      switch factors[name] {
      case .number(let number): "\(number)"
      case .word(let word): csvValue(word)
      case nil: ""
      }
    }
    lines.append(([csvValue(file)] + values).joined(separator: ","))
  }
  return lines.joined(separator: "\n") + "\n"
}

/// The files that a table of ``writeExamples(of:to:layout:progress:)`` lists.
///
/// - Returns: Nil for another table.
func filesOfExamples(inTable csv: Data) -> [String]? {
  guard var table = try? CSVTable(csv, file: factorsFileName) else { return nil }
  let known = [SeriesDataset.factorNames, VolumeDataset.factorNames].map { ["file"] + $0 }
  guard known.contains(table.columns) else { return nil }
  var files: [String] = []
  do {
    while let row = try table.next() { files.append(row.values[0]) }
  } catch {
    return nil
  }
  return files
}
