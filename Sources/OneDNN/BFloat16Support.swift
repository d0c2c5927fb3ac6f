internal import COneDNN

/// Whether the processor has instructions for `bfloat16` products (AVX-512 BF16 or AMX), as far as
/// oneDNN may use them: it emulates them on some processors that do not, slower than `float32`.
public var hasBFloat16Instructions: Bool {
  let wanted = dnnl_cpu_isa_avx512_core_bf16.rawValue
  return dnnl_get_effective_cpu_isa().rawValue & wanted == wanted
}

/// The version of the library that is loaded, such as 2.6.3.
public var oneDNNVersion: String {
  guard let version = dnnl_version()?.pointee else { return "unknown" }
  return "\(version.major).\(version.minor).\(version.patch)"
}
