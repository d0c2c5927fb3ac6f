/// The formats of examples in files, in the order in which they are tried: one line each.
///
/// The content of a file decides if it can; a name may say anything.
public let fileFormats: [DatasetFormat] = [
  .npzArchive,
  .npyArray,
  .idxFile,
  .cifarFile,
  .picture,
  .series,
  .idxFolder,
  .cifarFolder,
  .splitFolders,
  .pictureFolder,
  .seriesFolder,
  .volumeFolder,
]
