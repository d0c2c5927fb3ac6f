internal import Foundation
public import TensorCore

/// The p-norm of each window, `(Σ |x|ᵖ)^(1/p)`; the padding's zeros add nothing.
public func powerPool(_ images: Tensor, _ geometry: PoolingGeometry, p: Int) -> Tensor {
  let power = Float(p)
  return plainWindowSums(images.map { raised(abs($0), to: power) }, geometry)
    .map { raised($0, to: 1 / power) }
}

/// `gradient · sign(x) · (|x| / y)^(p − 1)`, and 0 in windows that contain only zeros.
public func powerPoolInputGradient(
  of gradient: Tensor, images: Tensor, output: Tensor, _ geometry: PoolingGeometry, p: Int
) -> Tensor {
  let power = Float(p - 1)
  let scaled = gradient.zip(output) { $1 == 0 ? 0 : $0 / raised($1, to: power) }
  return plainWindowSumsGradient(of: scaled, images.shape, geometry).zip(images) {
    $1 == 0 ? 0 : $0 * ($1 < 0 ? -1 : 1) * raised(abs($1), to: power)
  }
}

private func raised(_ base: Float, to power: Float) -> Float {
  switch power {
  case 0: return 1
  case 0.5: return base.squareRoot()
  case 1: return base
  case 2: return base * base
  default: return pow(base, power)
  }
}
