import CZlib

/// The headers of SPDY/3 streams, as one connection compresses them: draft-mbelshe-httpbis-spdy-00, 2.6.10.
final class SPDYHeaders {
  /// The words that the compression of both sides begins with, each after its length in 32 bits, and a text behind them.
  private static let dictionary: [UInt8] = {
    let words = """
      options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow \
      authorization cache-control connection content-base content-encoding content-language content-length \
      content-location content-md5 content-range content-type date etag expect expires from host if-match \
      if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma \
      proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade \
      user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie \
      keep-alive origin
      """
    let statuses =
      "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
      + "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
      + "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    let rest =
      "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
      + "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
      + "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
    var bytes: [UInt8] = []
    for word in words.split(separator: " ") {
      bytes += [0, 0, 0, UInt8(word.utf8.count)]
      bytes += word.replacing("_", with: " ").utf8
    }
    return bytes + Array((statuses + rest).utf8)
  }()

  private let stream: UnsafeMutablePointer<z_stream>
  private var hasWritten = false

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// The headers of a block, names in lower case; nil where it cannot be read.
  func read(_ block: [UInt8]) -> [String: String]? {
    var block = block
    var output = [UInt8](repeating: 0, count: 1 << 14)
    let size = block.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output -> Int? in
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        var code = inflate(stream, Z_SYNC_FLUSH)
        if code == Z_NEED_DICT {
          guard inflateSetDictionary(stream, Self.dictionary, UInt32(Self.dictionary.count)) == Z_OK else { return nil }
          code = inflate(stream, Z_SYNC_FLUSH)
        }
        return code == Z_OK || code == Z_BUF_ERROR ? output.count - Int(stream.pointee.avail_out) : nil
      }
    }
    guard let size else { return nil }
    var rest = output[..<size]
    func number() -> Int {
      defer { rest = rest.dropFirst(4) }
      return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }
    func text() -> String {
      let count = number()
      defer { rest = rest.dropFirst(count) }
      return String(decoding: rest.prefix(count), as: UTF8.self)
    }
    var headers: [String: String] = [:]
    for _ in 0..<number() {
      let name = text()
      headers[name.lowercased()] = text()
    }
    return headers
  }

  /// A block without headers: a zlib stream whose blocks are stored as they are. The empty one behind it is the flush at
  /// which readers hand on what they have.
  func empty() -> [UInt8] {
    defer { hasWritten = true }
    return (hasWritten ? [] : [0x78, 0x01]) + [0, 4, 0, 0xFB, 0xFF, 0, 0, 0, 0] + [0, 0, 0, 0xFF, 0xFF]
  }
}
