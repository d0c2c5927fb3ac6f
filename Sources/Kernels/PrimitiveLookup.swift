internal import OneDNN

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

/// The primitive for a description, or nil if oneDNN rejects it or would need tables of gigabytes:
/// its convolutions store what every position in the padding reads.
func primitiveIfOffered(_ description: PrimitiveDescription) -> Primitive? {
  if case .convolution(let convolution, _) = description,
    (convolution.paddingBefore + convolution.paddingAfter).contains(where: { $0 > widestPadding })
  {
    return nil
  }
  return try? Primitive.of(description)
}

/// Far more than in any realistic network.
private let widestPadding = 1 << 12
