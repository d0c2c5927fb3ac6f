public import Files
internal import Foundation
internal import Images

/// How a folder of scenes is laid out.
public enum SceneFolderLayout: Sendable, Hashable {
  /// All pictures side by side.
  case flat
  /// One folder per class, so that the whole can be read as a labelled data set.
  case classFolders
}

/// The table of factors that `writeScenes` puts beside the pictures.
public let factorsFileName = "factors.csv"

/// Writes scenes as PNG files and their factors as `factors.csv`, replacing scenes that were
/// written to the folder earlier.
///
/// The table is written first, so that it lists every picture that exists: from it the next call
/// knows what to remove, however this one ends. It is written again with the objects' boxes, which
/// are known once they are rendered.
///
/// - Parameters:
///   - name: The prefix of each file's name; its number follows.
///   - size: Side length in pixels.
///   - progress: Called after each picture with the number completed, by one thread at a time.
/// - Returns: The paths written, pictures first and in order.
/// - Throws: `FileError` of kind `.unwritable`.
@discardableResult
public func writeScenes(
  _ scenes: [SceneFactors], size: Int, to folder: String, named name: String = "scene",
  layout: SceneFolderLayout = .flat, progress: (Int) -> Void = { _ in }
) throws(FileError) -> [String] {
  try makeFolder(folder)
  removePartialFiles(in: folder)
  try SceneFolder(folder).removeScenes()
  if layout == .classFolders {
    for objectClass in ObjectClass.allCases
    where scenes.contains(where: { $0.objectClass == objectClass }) {
      try makeFolder("\(folder)/\(objectClass.rawValue)")
      removePartialFiles(in: "\(folder)/\(objectClass.rawValue)")
    }
  }
  let digits = max(3, "\(max(0, scenes.count - 1))".count)
  var rows = scenes.enumerated().map { index, scene in
    let number = String(repeating: "0", count: digits - "\(index)".count) + "\(index)"
    let file =
      switch layout {
      case .flat: "\(name)-\(number)-\(scene.objectClass.rawValue).png"
      case .classFolders: "\(scene.objectClass.rawValue)/\(name)-\(number).png"
      }
    return FactorsTable.Row(file: file, factors: scene)
  }
  let tablePath = "\(folder)/\(factorsFileName)"
  try writeFile(Data(FactorsTable(rows).csv.utf8), to: tablePath)
  var paths: [String] = []
  for index in rows.indices {
    let path = "\(folder)/\(rows[index].file)"
    do {
      let scene = try RenderedScene(rows[index].factors, width: size, height: size)
      try scene.picture().writePNG(to: path)
      rows[index].box = scene.box
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(.unwritable, path, "\(error)")
    }
    paths.append(path)
    progress(index + 1)
  }
  try writeFile(Data(FactorsTable(rows).csv.utf8), to: tablePath)
  return paths + [tablePath]
}

/// Writes a data set's scenes; see ``writeScenes(_:size:to:named:layout:progress:)``.
@discardableResult
public func writeScenes(
  of dataset: SceneDataset, to folder: String, layout: SceneFolderLayout = .classFolders,
  progress: (Int) -> Void = { _ in }
) throws(FileError) -> [String] {
  try writeScenes(
    (0..<dataset.count).map(dataset.factors), size: dataset.size, to: folder, layout: layout,
    progress: progress)
}

/// Writes a sweep's scenes; see ``writeScenes(_:size:to:named:layout:progress:)``.
@discardableResult
public func writeScenes(
  of sweep: SceneSweep, size: Int, to folder: String, progress: (Int) -> Void = { _ in }
) throws(FileError) -> [String] {
  try writeScenes(
    sweep.scenes, size: size, to: folder, named: sweep.factor.rawValue, progress: progress)
}
