// What a Swift program needs to look into networks: it imports this module alone.
@_exported public import Analysis
@_exported public import Datasets
@_exported public import Exhibits
@_exported public import Galleries
@_exported public import Images
@_exported public import Networks
@_exported public import TensorCore
