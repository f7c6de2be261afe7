import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Why an exchange failed, in a sentence.
struct HTTPFailure {
  let message: String
  /// Whether the request may have reached the server; not where no connection was made.
  let mayHaveReached: Bool

  init(_ error: any Error, spec: HTTPRequestSpec) {
    mayHaveReached = spec.followsRedirects || !Self.preventsConnection(error)
    switch error {
    case let error as HTTPClientError: message = Self.text(of: error, spec: spec)
    case let error as NIOConnectionError: message = Self.text(of: error)
    case let error as IOError: message = Self.text(of: error, spec: spec)
    case let error as NIOSSLError: message = Self.text(of: error)
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      message = "TLS failed: the server's certificate is for another host"
    case is NIOSSLExtraError: message = "TLS failed: \(error)"
    case let error as BoringSSLError: message = Self.text(of: error)
    case is UnencryptedRedirection: message = "the server redirected from https to http, which is not followed"
    case HTTPParserError.invalidEOFState: message = Self.brokenOff
    case is HTTPParserError: message = "what the server answered is not HTTP: \(error)"
    case is ChannelError: message = "the connection failed: \(error)"
    default: message = "the request failed: \(error)"
    }
  }

  private static func preventsConnection(_ error: any Error) -> Bool {
    switch error {
    case is NIOConnectionError, is NIOSSLExtraError: true
    case let error as IOError: [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode)
    case let error as HTTPClientError: error == .connectTimeout || error == .tlsHandshakeTimeout
    case NIOSSLError.handshakeFailed, NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate: true
    default: false
    }
  }

  private static let brokenOff = "the server closed the connection before its answer was complete"

  private static func text(of error: HTTPClientError, spec: HTTPRequestSpec) -> String {
    switch error {
    case .deadlineExceeded: "timed out after \(duration(spec.timeout ?? 0))"
    case .connectTimeout: "no connection could be made within \(PooledClient.connectSeconds) s"
    case .tlsHandshakeTimeout: "TLS failed: the server did not answer in time"
    case .remoteConnectionClosed: brokenOff
    case .redirectLimitReached: "the server redirected more than \(PooledClient.mostRedirects) times"
    case .redirectCycleDetected: "the server redirected in a circle"
    default: "the request failed: \(error.shortDescription)"
    }
  }

  /// Where every address of a host refused, the last refusal is named.
  private static func text(of error: NIOConnectionError) -> String {
    guard let failure = error.connectionErrors.last else {
      return "the name \(error.host) could not be resolved"
    }
    let reason: String
    switch failure.error {
    case let error as IOError: reason = text(ofErrno: error.errnoCode)
    case ChannelError.connectTimeout: return "no connection to \(error.host):\(error.port) could be made in time"
    default: reason = "\(failure.error)"
    }
    return "no connection to \(error.host):\(error.port): \(reason)"
  }

  /// An address that needs no look-up fails without saying which one it was.
  private static func text(of error: IOError, spec: HTTPRequestSpec) -> String {
    let reason = text(ofErrno: error.errnoCode)
    switch error.errnoCode {
    case ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH:
      // A redirection may have led elsewhere.
      return spec.followsRedirects
        ? "no connection: \(reason)" : "no connection to \(authority(of: spec.url)): \(reason)"
    default: return "the connection failed: \(reason)"
    }
  }

  /// The host and port of a URL as written, without a user's name and password.
  private static func authority(of url: String) -> String {
    let rest = url.utf8.drop { $0 != UInt8(ascii: "/") }.drop { $0 == UInt8(ascii: "/") }
    let whole = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    let start = whole.lastIndex(of: UInt8(ascii: "@")).map(whole.index(after:)) ?? whole.startIndex
    return String(Substring(whole[start...]))
  }

  private static func text(of error: NIOSSLError) -> String {
    switch error {
    case .handshakeFailed(let error): text(of: error)
    case .unableToValidateCertificate, .noCertificateToValidate: "TLS failed: the server's certificate is not trusted"
    case .uncleanShutdown: brokenOff
    default: "TLS failed: \(error)"
    }
  }

  private static func text(of error: BoringSSLError) -> String {
    switch reason(in: "\(error)") {
    case "CERTIFICATE_VERIFY_FAILED":
      "TLS failed: the server's certificate is not trusted or has expired; `ca` names further trusted certificates"
    case "WRONG_VERSION_NUMBER": "TLS failed: the server does not speak TLS on this port"
    case "": "TLS failed: the server closed the connection"
    case let reason: "TLS failed: \(reason)"
    }
  }

  /// The library's own name for what went wrong: `… OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at …`.
  private static func reason(in description: String) -> String {
    let mark = Array("OPENSSL_internal:".utf8)
    var rest = description.utf8[...]
    while let first = rest.first {
      if first == mark[0], rest.starts(with: mark) {
        return String(decoding: rest.dropFirst(mark.count).prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
      }
      rest = rest.dropFirst()
    }
    return ""
  }

  private static func text(ofErrno number: CInt) -> String {
    switch number {
    case ECONNREFUSED: "connection refused"
    case ECONNRESET: "connection reset by the server"
    case EPIPE: "the server closed the connection"
    case ETIMEDOUT: "connection timed out"
    case EHOSTUNREACH, ENETUNREACH: "the host cannot be reached"
    default: String(cString: strerror(number))
    }
  }

  private static func duration(_ milliseconds: Int64) -> String {
    milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
  }
}
