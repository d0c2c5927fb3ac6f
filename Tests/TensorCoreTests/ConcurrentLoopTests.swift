import Synchronization
import TensorCore
import Testing

@Suite struct `Concurrent loops` {
  @Test(arguments: [0, 1, 7, 1000]) func `call the body once for each index`(count: Int) {
    let calls = Mutex([Int](repeating: 0, count: count))
    concurrently(count) { index in calls.withLock { $0[index] += 1 } }
    #expect(calls.withLock { $0 } == [Int](repeating: 1, count: count))
    concurrentlyBetweenKernels(count) { index in calls.withLock { $0[index] += 1 } }
    #expect(calls.withLock { $0 } == [Int](repeating: 2, count: count))
  }
}
