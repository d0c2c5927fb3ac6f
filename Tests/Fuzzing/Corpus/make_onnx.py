#!/usr/bin/env python3
"""Writes the corpus of the ONNX fuzzer: small valid models that use every family of operators.

    pip install onnx==1.16.2 numpy
    python3 make_onnx.py
"""
import pathlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

folder = pathlib.Path(__file__).parent / "onnx"
folder.mkdir(exist_ok=True)
random = np.random.default_rng(0)


def weights(name, *shape):
    return numpy_helper.from_array(random.standard_normal(shape).astype(np.float32), name)


def numbers(name, *values):
    return numpy_helper.from_array(np.array(values, dtype=np.int64), name)


def node(kind, inputs, output, domain="", **attributes):
    return helper.make_node(
        kind, inputs.split(), output.split(), name=output.split()[0] + "_node", domain=domain, **attributes)


def save(name, nodes, initializers=(), shape=("N", 2, 6, 6), opset=17, output="y"):
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], list(initializers))
    model = helper.make_model(
        graph, ir_version=8, producer_name="fovea",
        opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)])
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


save("convolutions", [
    node("Conv", "x w b", "c", pads=[1, 1, 1, 1], strides=[1, 1]),
    node("BatchNormalization", "c s t m v", "n"),
    node("Relu", "n", "r"),
    node("MaxPool", "r", "p", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
    node("ConvTranspose", "p u", "q", strides=[2, 2], auto_pad="SAME_UPPER"),
    node("AveragePool", "q", "a", kernel_shape=[3, 3], auto_pad="SAME_LOWER"),
    node("LpPool", "a", "l", kernel_shape=[2, 2], p=2),
    node("LRN", "l", "z", size=3),
    node("GlobalAveragePool", "z", "g"),
    node("Flatten", "g", "f"),
    node("Gemm", "f k kb", "h", transB=1, alpha=0.5),
    node("Softmax", "h", "y", axis=1),
], [weights("w", 4, 2, 3, 3), weights("b", 4), weights("s", 4), weights("t", 4), weights("m", 4),
    numpy_helper.from_array(np.ones(4, np.float32), "v"), weights("u", 4, 3, 3, 3),
    weights("k", 5, 3), weights("kb", 5)])

save("shapes", [
    node("Shape", "x", "sh"),
    node("Gather", "sh zero", "batch", axis=0),
    node("Unsqueeze", "batch zero", "batch1"),
    node("Concat", "batch1 minus", "target", axis=0),
    node("Reshape", "x target", "flat"),
    node("Range", "zero0 four one0", "range"),
    node("Gather", "flat range", "part", axis=1),
    node("Unsqueeze", "part three", "wide"),
    node("Expand", "wide extents", "big"),
    node("Transpose", "big", "turned", perm=[0, 2, 1]),
    node("Slice", "turned starts ends axes steps", "cut"),
    node("Tile", "cut repeats", "tiled"),
    node("Split", "tiled", "y other", axis=1),
], [numbers("zero", 0), numbers("minus", -1), numbers("three", 2), numbers("extents", 1, 1, 3),
    numpy_helper.from_array(np.int64(0), "zero0"), numpy_helper.from_array(np.int64(4), "four"),
    numpy_helper.from_array(np.int64(1), "one0"), numbers("starts", -1), numbers("ends", -(1 << 62)),
    numbers("axes", 1), numbers("steps", -1), numbers("repeats", 1, 2, 1)])

save("elementwise", [
    node("Constant", "", "k", value_float=0.5),
    node("Add", "x k", "a"), node("Mul", "a c", "b"), node("Abs", "b", "d"), node("Sqrt", "d", "e"),
    node("Sigmoid", "e", "f"), node("HardSwish", "f", "g"), node("LeakyRelu", "g", "h", alpha=0.2),
    node("Elu", "h", "i"), node("Clip", "i lo hi", "j"), node("PRelu", "j c", "l"),
    node("Softplus", "l", "m"), node("Erf", "m", "n"), node("Pow", "n k", "o"),
    node("Less", "o x", "p"), node("Where", "p x o", "q"), node("Max", "q x c", "r"),
    node("Floor", "r", "s"), node("Cast", "s", "t", to=7), node("Cast", "t", "u", to=1),
    node("Dropout", "u", "y"),
], [weights("c", 2, 1, 1), numpy_helper.from_array(np.float32(-1), "lo"),
    numpy_helper.from_array(np.float32(1), "hi")])

save("reductions", [
    node("ReduceMean", "x", "a", axes=[2, 3], keepdims=1),
    node("Sub", "x a", "b"),
    node("ReduceL2", "b", "c", axes=[1], keepdims=1),
    node("Div", "b c", "d"),
    node("InstanceNormalization", "d s t", "e"),
    node("LayerNormalization", "e g h", "f", axis=-1),
    node("LogSoftmax", "f", "i", axis=-1),
    node("MatMul", "i w", "j"),
    node("ReduceSum", "j one", "l", keepdims=0),
    node("ArgMax", "l", "y", axis=1),
], [weights("s", 2), weights("t", 2), weights("g", 6), weights("h", 6), weights("w", 6, 4),
    numbers("one", 1)])

save("resizing", [
    helper.make_node("Resize", ["x", "", "scales"], ["a"], mode="linear"),
    helper.make_node("Resize", ["a", "", "", "sizes"], ["b"], mode="cubic"),
    node("DepthToSpace", "d4", "c", blocksize=2),
    node("Pad", "b pads", "p", mode="reflect"),
    node("SpaceToDepth", "p", "d4", blocksize=2),
    node("Identity", "c", "y"),
], [numpy_helper.from_array(np.array([1, 1, 2, 1.5], np.float32), "scales"),
    numbers("sizes", 1, 2, 5, 4), numbers("pads", 0, 0, 1, 0, 0, 0, 0, 2)])

save("old_versions", [
    node("Upsample", "x", "a", mode="nearest", scales=[1.0, 1.0, 2.0, 2.0]),
    node("Clip", "a", "b", min=-1.0, max=1.0),
    node("Pad", "b", "c", pads=[0, 0, 1, 1, 0, 0, 1, 1], value=2.0),
    node("Squeeze", "d", "e", axes=[1]),
    node("ReduceMax", "c", "d", axes=[1], keepdims=1),
    node("Unsqueeze", "e", "f", axes=[1]),
    node("Slice", "f", "g", starts=[1], ends=[9223372036854775807], axes=[2]),
    node("Softmax", "g", "y", axis=1),
], opset=8)

save("pools", [
    node("MaxPool", "x", "a i", kernel_shape=[2, 2], strides=[2, 2]),
    node("MaxUnpool", "a i", "b", kernel_shape=[2, 2], strides=[2, 2]),
    node("Mean", "b x", "c"),
    node("GlobalMaxPool", "c", "d"),
    node("Add", "d x", "y"),
])

quantized = [
    numpy_helper.from_array(np.float32(0.05), "s"), numpy_helper.from_array(np.uint8(128), "z"),
    numpy_helper.from_array(random.integers(0, 255, (3, 2, 3, 3)).astype(np.uint8), "w"),
    numpy_helper.from_array(random.integers(-9, 9, 3).astype(np.int32), "b")]
save("quantized", [
    node("QuantizeLinear", "x s z", "q"),
    node("QLinearConv", "q s z w s z s z b", "c"),
    node("QLinearAdd", "c s z c s z s z", "a", domain="com.microsoft"),
    node("QLinearGlobalAveragePool", "a s z s z", "g", domain="com.microsoft"),
    node("DequantizeLinear", "g s z", "y"),
], quantized)

save("sequences_of_axes", [
    node("Conv", "x w", "c", dilations=[2], group=2),
    node("GroupNormalization", "c s t", "g", num_groups=2),
    node("MaxPool", "g", "y", kernel_shape=[2], dilations=[2]),
], [weights("w", 4, 1, 2), weights("s", 2), weights("t", 2)], shape=("N", 2, 9), opset=18)

then = helper.make_graph([node("Relu", "x", "yes")], "then", [], [
    helper.make_tensor_value_info("yes", TensorProto.FLOAT, None)])
otherwise = helper.make_graph([node("Neg", "x", "no")], "else", [], [
    helper.make_tensor_value_info("no", TensorProto.FLOAT, None)])
save("branches", [
    node("Size", "x", "n"), node("Equal", "n n", "same"),
    node("If", "same", "y", then_branch=then, else_branch=otherwise),
])

half = TensorProto(name="w", data_type=TensorProto.FLOAT16, dims=[1, 2, 1, 1], int32_data=[15360, 14336])
typed = TensorProto(name="b", data_type=TensorProto.FLOAT, dims=[1], float_data=[0.5])
wide = TensorProto(name="k", data_type=TensorProto.DOUBLE, dims=[1], double_data=[2.0])
save("typed_data", [
    node("Conv", "x w b", "c"), node("Mul", "c k", "y"),
], [half, typed, wide])
