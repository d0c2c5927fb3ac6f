public import Datasets

/// The formats of pictures that commands read, in the order in which they are tried: one line
/// each, and those of `fileFormats`.
public let datasetFormats: [DatasetFormat] =
  [
    .renderedScenes,
    .renderedStimuli,
    .safeTensorsArray,
  ] + fileFormats
