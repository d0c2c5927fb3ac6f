public import ArgumentParser
public import Drawing
import Exhibits
public import Networks
public import Training

extension Appearance: ExpressibleByArgument {}
extension OptimizerSettings.Method: ExpressibleByArgument {}
extension Schedule.Shape: ExpressibleByArgument {}
extension Initialization: ExpressibleByArgument {}
extension ArraysFormat: ExpressibleByArgument {}
