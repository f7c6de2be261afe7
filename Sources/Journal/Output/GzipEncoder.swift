import CZlib

/// Compresses a stream in gzip's form; the same input in the same pieces gives the same bytes.
final class GzipEncoder {
  /// The fastest of zlib's levels.
  private static let level: Int32 = 1
  private let stream: UnsafeMutablePointer<z_stream>

  /// - Parameter expected: The length of the input, if it is known: a short one takes little to set up.
  init(expecting expected: Int? = nil) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    var windowBits: Int32 = 15
    if let expected {
      windowBits = 9
      while windowBits < 15, 1 << windowBits < expected { windowBits += 1 }
    }
    // 16 more asks for a gzip header (zlib.h, deflateInit2), whose time is 0 and whose name is empty.
    let code = deflateInit2_(
      stream, Self.level, Z_DEFLATED, windowBits + 16, min(8, windowBits - 7), Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "zlib refuses only what it does not know and what does not fit into memory")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Compresses a whole input at once.
  static func compress(_ input: [UInt8]) -> [UInt8] {
    let encoder = GzipEncoder(expecting: input.count)
    let bound = Int(deflateBound(encoder.stream, UInt(input.count)))
    return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      input.withUnsafeBytes { input in
        encoder.provide(input)
        encoder.stream.pointee.next_out = output.baseAddress
        encoder.stream.pointee.avail_out = UInt32(bound)
        let code = deflate(encoder.stream, Z_FINISH)
        precondition(code == Z_STREAM_END, "deflateBound leaves room for all of it")
      }
      count = bound - Int(encoder.stream.pointee.avail_out)
    }
  }

  /// Compresses a piece and hands over what comes out, in pieces as long as the buffer at most.
  ///
  /// - Parameters:
  ///   - isLast: Whether the stream ends with this piece.
  ///   - buffer: Where the output is put; not empty.
  func encode(
    _ input: UnsafeRawBufferPointer, isLast: Bool, buffer: UnsafeMutableRawBufferPointer,
    into sink: (UnsafeRawBufferPointer) throws(JournalError) -> Void
  ) throws(JournalError) {
    provide(input)
    repeat {
      stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(buffer.count)
      deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
      let count = buffer.count - Int(stream.pointee.avail_out)
      if count > 0 { try sink(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
    } while stream.pointee.avail_out == 0
  }

  private func provide(_ input: UnsafeRawBufferPointer) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
  }
}
