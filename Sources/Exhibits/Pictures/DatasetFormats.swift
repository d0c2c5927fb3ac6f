public import Datasets

/// The formats of pictures, series and volumes that commands read, in the order in which they are tried: one line
/// each, and those of `fileFormats`.
public let datasetFormats: [DatasetFormat] =
  [
    .renderedScenes,
    .renderedSeries,
    .renderedVolumes,
    .renderedStimuli,
    .safeTensorsArray,
  ] + fileFormats
