// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "fovea", path: "../..")],
  targets: [
    .executableTarget(
      name: "StepBenchmarks", dependencies: [.product(name: "FoveaNetworks", package: "fovea")])
  ]
)
