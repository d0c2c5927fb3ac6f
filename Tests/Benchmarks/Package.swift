// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "fovea", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
  ],
  targets: [
    .executableTarget(
      name: "StepBenchmarks",
      dependencies: [
        .product(name: "FoveaNetworks", package: "fovea"),
        .product(name: "FoveaCheckpoints", package: "fovea"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "ScalingFigure",
      dependencies: [
        .product(name: "FoveaDrawing", package: "fovea"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ]
)
