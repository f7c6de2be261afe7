import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// A request that cannot be sent as it is.
struct UnsendableRequest: Error {
  let message: String
}

extension HTTPExchange {
  static func request(_ spec: HTTPRequestSpec) throws(UnsendableRequest) -> HTTPClient.Request {
    guard !spec.method.isEmpty, spec.method.utf8.allSatisfy(isTokenByte) else {
      throw UnsendableRequest(message: "\"\(spec.method)\" is not an HTTP method")
    }
    let scheme = spec.url.prefix { $0 != ":" }.lowercased()
    guard scheme == "http" || scheme == "https" else {
      throw UnsendableRequest(
        message: "the URL \"\(spec.url)\" is not valid: it must begin with http:// or https://")
    }
    var headers = HTTPHeaders()
    for header in spec.headers {
      guard !header.name.isEmpty, header.name.utf8.allSatisfy(isTokenByte) else {
        throw UnsendableRequest(message: "\"\(header.name)\" cannot be the name of a header field")
      }
      guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
        // The value may be a secret.
        throw UnsendableRequest(
          message: "the header field \(header.name) contains a line end or another control character")
      }
      headers.add(name: header.name, value: header.value)
    }
    if !headers.contains(name: "User-Agent") { headers.add(name: "User-Agent", value: "belay") }
    do {
      return try HTTPClient.Request(
        url: spec.url, method: HTTPMethod(rawValue: spec.method), headers: headers,
        body: spec.body.map { .byteBuffer(ByteBuffer(bytes: $0)) })
    } catch {
      let namesNoHost = error as? HTTPClientError == .emptyHost
      throw UnsendableRequest(
        message: "the URL \"\(spec.url)\" is not valid" + (namesNoHost ? ": it names no host" : ""))
    }
  }

  static func authorities(in file: String?) throws(UnsendableRequest) -> [NIOSSLCertificate] {
    guard let file else { return [] }
    guard let certificates = try? NIOSSLCertificate.fromPEMFile(file), !certificates.isEmpty else {
      throw UnsendableRequest(message: "the certificates in \(file) cannot be read: it must be a file in PEM format")
    }
    return certificates
  }

  /// RFC 9110, 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
