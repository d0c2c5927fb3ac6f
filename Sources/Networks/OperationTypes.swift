/// Every operation that a graph in a file may name.
public let operationTypes: [any Operation.Type] = [
  Activation.self,
  Add.self,
  AveragePool.self,
  BatchNormalization.self,
  Concatenate.self,
  Convolution.self,
  Dropout.self,
  Flatten.self,
  GlobalPool.self,
  Linear.self,
  LocalResponseNormalization.self,
  MaxPool.self,
  Softmax.self,
]
