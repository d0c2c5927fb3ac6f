/// Adds the nodes that compute one operator of a file.
///
/// - Returns: One value for each output of the operator.
typealias Translation =
  @Sendable (OperatorCall, inout NetworkBuilder) throws(ImportProblem) -> [Value]

/// Every supported operator, by domain and name.
let translations: [String: [String: Translation]] = [
  "ai.onnx": [
    activationTranslations, arithmeticTranslations, windowTranslations, poolingTranslations,
    normalizationTranslations, shapeTranslations, rearrangementTranslations,
    reductionTranslations, productTranslations, resizingTranslations, quantizationTranslations,
    castTranslations,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } },
  "com.microsoft": microsoftTranslations,
]
