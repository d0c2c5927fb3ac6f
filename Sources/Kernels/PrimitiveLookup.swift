internal import OneDNN
internal import TensorCore

/// Fetches the primitive for a description.
///
/// A description that oneDNN rejects is a programming error: shapes are checked beforehand.
func primitive(_ description: PrimitiveDescription) -> Primitive {
  do {
    return try Primitive.of(description)
  } catch {
    preconditionFailure("\(error)")
  }
}

/// The primitive for a description of operands in a precision; nil if that is not `float32` and
/// oneDNN does not offer it.
func primitive(_ description: PrimitiveDescription, of precision: Precision) -> Primitive? {
  precision == .float32 ? primitive(description) : primitiveIfOffered(description)
}

/// The primitive for a description, or nil if oneDNN rejects it or would need tables of gigabytes:
/// its convolutions store what every position in the padding reads.
func primitiveIfOffered(_ description: PrimitiveDescription) -> Primitive? {
  isOffered(description) ? try? Primitive.of(description) : nil
}

/// Whether oneDNN is asked for a description at all.
func isOffered(_ description: PrimitiveDescription) -> Bool {
  guard case .convolution(let convolution, _) = description else { return true }
  return (convolution.paddingBefore + convolution.paddingAfter).allSatisfy { $0 <= widestPadding }
}

extension Precision {
  /// The same as oneDNN's type.
  var elementType: ElementType { self == .float32 ? .float32 : .bfloat16 }
}

/// Far more than in any realistic network.
private let widestPadding = 1 << 12
