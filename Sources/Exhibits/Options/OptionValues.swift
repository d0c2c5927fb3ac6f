public import Analysis
public import ArgumentParser
public import Datasets
public import Files
public import Galleries

extension Preprocessing.Preset: ExpressibleByArgument {}
extension Preprocessing.ChannelOrder: ExpressibleByArgument {}
extension FeaturePooling: ExpressibleByArgument {}
extension FilterFigure.Scale: ExpressibleByArgument {}
extension FeatureMapFigure.Scale: ExpressibleByArgument {}
extension FeatureMapFigure.Order: ExpressibleByArgument {}

extension MemoryBudget: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
