internal import Synchronization

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// Freed blocks, kept for the next tensor of the same size.
///
/// A fresh large block costs one page fault per 4 KiB, which is more than many operations on it
/// cost; a network requests the same sizes at every step.
///
/// `@unchecked Sendable`: the pointers in it are not shared, and a lock protects them.
final class StoragePool: @unchecked Sendable {
  static let shared = StoragePool()

  /// oneDNN loads fastest from whole cache lines.
  private static let alignment = 64
  /// Below this size, the system allocator reuses memory well.
  private static let smallest = 1 << 15
  /// Enough for a training step of any network that can be trained on two cores.
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
    // Blocks of other sizes may occupy the memory.
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

  /// Returns every kept block to the system.
  func drain() {
    blocks.withLock { blocks in
      for kept in blocks.bySize.values.joined() { free(kept) }
      blocks = Blocks()
    }
  }
}

/// Ends the program with one line and an exit status, because a trap would give no reason.
///
/// Code that needs a lot of memory checks beforehand whether it is available; this handles
/// allocations that the operating system refuses nevertheless.
private func exitOutOfMemory(_ bytes: Int) -> Never {
  let text =
    "out of memory: the system refused \(bytes) more bytes; use "
    + "a smaller --memory\n"
  _ = text.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  // EX_OSERR in sysexits.h: a system error.
  _exit(71)
}

/// The most bytes that are kept for future tensors.
public let idleMemoryLimit = StoragePool.capacity

/// Releases the memory that is kept for future tensors. Worth calling between two parts of the work
/// whose tensors differ in size.
public func releaseIdleMemory() { StoragePool.shared.drain() }
