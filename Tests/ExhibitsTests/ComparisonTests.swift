import Exhibits
import TestSupport
import Testing

@Suite struct `Names of compared checkpoints` {
  @Test(arguments: [
    (["run/epoch-001.safetensors", "run/final.safetensors"], ["epoch-001", "final"]),
    (["s0/final.safetensors", "s1/final.safetensors"], ["s0/final", "s1/final"]),
    (["a/x/final.st", "b/x/final.st", "b/y/final.st"], ["a/x/final", "b/x/final", "b/y/final"]),
    (["net.onnx", "net.safetensors"], ["net.onnx", "net.safetensors"]),
    (["./a/net.onnx", "a/net.onnx"], ["net (1)", "net (2)"]),
    (["v1.0.onnx", "v1.1.onnx"], ["v1.0", "v1.1"]),
  ])
  func `are as short as tells them apart`(paths: [String], names: [String]) {
    #expect(distinctNames(paths) == names)
  }
}
