public import Analysis
public import ArgumentParser
public import Datasets
public import Files
public import Galleries

extension Preprocessing.ChannelOrder: ExpressibleByArgument {}
extension ClassPictureRanking: ExpressibleByArgument {}
extension FeatureDistance: ExpressibleByArgument {}
extension FeaturePooling: ExpressibleByArgument {}
extension FeatureScaling: ExpressibleByArgument {}
extension ProbePooling: ExpressibleByArgument {}
extension PatchCrop: ExpressibleByArgument {}
extension ProjectionRule: ExpressibleByArgument {}
extension ProjectionSeed: ExpressibleByArgument {}
extension FilterScale: ExpressibleByArgument {}
extension FeatureMapScale: ExpressibleByArgument {}
extension FeatureMapOrder: ExpressibleByArgument {}

extension MemoryBudget: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
