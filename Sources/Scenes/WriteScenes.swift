public import Files
internal import Foundation
internal import Images

/// How a folder of scenes is laid out.
public enum SceneFolderLayout: Sendable, Hashable {
  /// All pictures side by side.
  case flat
  /// A folder for each class, so that the whole reads as a labelled data set.
  case classFolders
}

/// The table of factors that `writeScenes` puts beside the pictures.
public let factorsFileName = "factors.csv"

/// Writes scenes as PNG files and their factors as `factors.csv`.
///
/// - Parameters:
///   - name: What each file's name starts with; its number follows.
///   - size: Side length in pixels.
///   - progress: Called after each picture with the number done; from one thread at a time.
/// - Returns: The paths written, pictures first and in order.
/// - Throws: `FileError` of kind `.unwritable`.
@discardableResult
public func writeScenes(
  _ scenes: [SceneFactors], size: Int, to folder: String, named name: String = "scene",
  layout: SceneFolderLayout = .flat, progress: (Int) -> Void = { _ in }
) throws(FileError) -> [String] {
  try makeFolder(folder)
  removePartialFiles(in: folder)
  if layout == .classFolders {
    for objectClass in ObjectClass.allCases
    where scenes.contains(where: { $0.objectClass == objectClass }) {
      try makeFolder("\(folder)/\(objectClass.rawValue)")
      removePartialFiles(in: "\(folder)/\(objectClass.rawValue)")
    }
  }
  let digits = max(3, "\(max(0, scenes.count - 1))".count)
  var table = FactorsTable([])
  var paths: [String] = []
  for (index, scene) in scenes.enumerated() {
    let number = String(repeating: "0", count: digits - "\(index)".count) + "\(index)"
    let file =
      switch layout {
      case .flat: "\(name)-\(number)-\(scene.objectClass.rawValue).png"
      case .classFolders: "\(scene.objectClass.rawValue)/\(name)-\(number).png"
      }
    let path = "\(folder)/\(file)"
    do {
      try renderScene(scene, width: size, height: size).writePNG(to: path)
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(.unwritable, path, "\(error)")
    }
    table.rows.append(FactorsTable.Row(file: file, factors: scene))
    paths.append(path)
    progress(index + 1)
  }
  let path = "\(folder)/\(factorsFileName)"
  try writeFile(Data(table.csv.utf8), to: path)
  return paths + [path]
}

/// Writes a data set's scenes, see ``writeScenes(_:size:to:named:layout:progress:)``.
@discardableResult
public func writeScenes(
  of dataset: SceneDataset, to folder: String, layout: SceneFolderLayout = .classFolders,
  progress: (Int) -> Void = { _ in }
) throws(FileError) -> [String] {
  try writeScenes(
    (0..<dataset.count).map(dataset.factors), size: dataset.size, to: folder, layout: layout,
    progress: progress)
}

/// Writes a sweep's scenes, see ``writeScenes(_:size:to:named:layout:progress:)``.
@discardableResult
public func writeScenes(
  of sweep: SceneSweep, size: Int, to folder: String, progress: (Int) -> Void = { _ in }
) throws(FileError) -> [String] {
  try writeScenes(
    sweep.scenes, size: size, to: folder, named: sweep.factor.rawValue, progress: progress)
}
