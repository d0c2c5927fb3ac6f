internal import COneDNN

/// A oneDNN call that did not return `dnnl_success`.
public struct OneDNNError: Error, Sendable, CustomStringConvertible {
  public let call: String
  public let status: String
  public var description: String { "oneDNN: \(call) failed with \(status)" }
}

func check(_ status: dnnl_status_t, _ call: @autoclosure () -> String) throws(OneDNNError) {
  guard status == dnnl_success else {
    throw OneDNNError(call: call(), status: String(cString: dnnl_status2str(status)))
  }
}

/// Whether the backward pass of batch normalization takes the shift as an argument.
public var batchNormalizationGradientTakesShift: Bool {
  fovea_batch_normalization_backward_takes_shift() != 0
}
