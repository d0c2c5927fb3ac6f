internal import Synchronization

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// Freed blocks, kept for the next tensor of the same size.
///
/// A fresh large block costs a page fault per 4 KiB, which is more than many operations on it;
/// a network asks for the same sizes at every step.
///
/// `@unchecked Sendable`: the pointers in it belong to nobody else, and stand behind a lock.
final class StoragePool: @unchecked Sendable {
  static let shared = StoragePool()

  /// oneDNN's fastest loads want whole cache lines.
  private static let alignment = 64
  /// Below this the allocator reuses memory well by itself.
  private static let smallest = 1 << 15
  /// Enough for a training step of the networks that two cores can train.
  static let capacity = 512 << 20

  private struct Blocks: @unchecked Sendable {
    var bySize: [Int: [UnsafeMutableRawPointer]] = [:]
    var bytes = 0
  }

  private let blocks = Mutex(Blocks())

  func take(bytes: Int) -> UnsafeMutableRawPointer {
    if bytes >= Self.smallest,
      let block = blocks.withLock({ (blocks) -> UInt? in
        guard let block = blocks.bySize[bytes]?.popLast() else { return nil }
        blocks.bytes -= bytes
        return UInt(bitPattern: block)
      }), let pointer = UnsafeMutableRawPointer(bitPattern: block)
    {
      return pointer
    }
    if let block = Self.allocate(bytes) { return block }
    // Blocks of other sizes may stand in the way.
    drain()
    guard let block = Self.allocate(bytes) else { exitOutOfMemory(bytes) }
    return block
  }

  private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
    var block: UnsafeMutableRawPointer?
    return posix_memalign(&block, alignment, bytes) == 0 ? block : nil
  }

  func giveBack(_ block: UnsafeMutableRawPointer, bytes: Int) {
    guard bytes >= Self.smallest, bytes <= Self.capacity / 2 else { return free(block) }
    let address = UInt(bitPattern: block)
    blocks.withLock { blocks in
      if blocks.bytes + bytes > Self.capacity {
        for kept in blocks.bySize.values.joined() { free(kept) }
        blocks = Blocks()
      }
      guard let block = UnsafeMutableRawPointer(bitPattern: address) else { return }
      blocks.bySize[bytes, default: []].append(block)
      blocks.bytes += bytes
    }
  }

  /// Gives every kept block back to the system.
  func drain() {
    blocks.withLock { blocks in
      for kept in blocks.bySize.values.joined() { free(kept) }
      blocks = Blocks()
    }
  }
}

/// Ends the program with a line and a status: there is no way on, and a trap says nothing.
///
/// Whoever takes much works out beforehand whether there is as much; this is for what the
/// operating system does not give all the same.
private func exitOutOfMemory(_ bytes: Int) -> Never {
  let text =
    "out of memory: the system does not give \(bytes) bytes more; less memory is used "
    + "with a smaller --memory\n"
  _ = text.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  // As sysexits has it, a system error.
  _exit(71)
}

/// The most bytes that are kept for tensors to come.
public let idleMemoryLimit = StoragePool.capacity

/// Gives back the memory that is kept for tensors to come. Worth a call between two parts of the
/// work whose tensors have different sizes.
public func releaseIdleMemory() { StoragePool.shared.drain() }
