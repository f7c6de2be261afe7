import CZlib

/// Decompresses a stream in gzip's form, piece by piece.
final class GzipDecoder {
  /// Why a stream is not in gzip's form.
  struct Failure: Error {
    let reason: String
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer: UnsafeMutableRawBufferPointer
  /// Whether the end of the stream was reached and its checksum found right.
  private(set) var isFinished = false

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    buffer = .allocate(byteCount: 64 << 10, alignment: 16)
    // 16 more asks for gzip's form alone (zlib.h, inflateInit2).
    let code = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "zlib refuses only what it does not know and what does not fit into memory")
  }

  deinit {
    inflateEnd(stream)
    buffer.deallocate()
    stream.deallocate()
  }

  /// Makes the decoder ready for another stream.
  func restart() {
    inflateReset(stream)
    isFinished = false
  }

  /// Decompresses a piece and hands over what comes out; stops early once the sink gives false.
  ///
  /// - Returns: Whether the sink wants more.
  /// - Throws: `Failure`, and what the sink throws.
  func decode(_ input: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) throws -> Bool) throws -> Bool {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    repeat {
      if isFinished {
        guard stream.pointee.avail_in == 0 else { throw Failure(reason: "something follows its end") }
        return true
      }
      stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(buffer.count)
      switch inflate(stream, Z_NO_FLUSH) {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: isFinished = true
      default:
        throw Failure(reason: stream.pointee.msg.map { String(cString: $0) } ?? "it is not in gzip's form")
      }
      let count = buffer.count - Int(stream.pointee.avail_out)
      if count > 0, try !sink(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { return false }
    } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
    return true
  }
}
