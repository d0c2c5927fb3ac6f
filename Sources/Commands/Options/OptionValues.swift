public import ArgumentParser
public import Networks
public import Training

extension OptimizerSettings.Method: ExpressibleByArgument {}
extension Schedule.Shape: ExpressibleByArgument {}
extension Initialization: ExpressibleByArgument {}
