import AsyncHTTPClient
import NIOCore
import NIOSSL
import Synchronization

/// A client that serves one exchange at a time, over a connection of its own for each request.
///
/// 1. A connection that was kept open may be closed by the server just when the next request is sent, and whether that
///    was received is then unknown: none is used twice, and none is tried again.
/// 2. The library does not say which connection an answer came over; with one exchange at a time it is the last one
///    that was made, and its certificate is the one to report.
/// 3. The client itself is kept for the next exchange, because it holds the system's certificates, which take
///    milliseconds to load.
final class PooledClient: Sendable {
  /// In what clients differ.
  struct Configuration: Hashable, Sendable {
    var followsRedirects: Bool
    /// Trusted besides the system's.
    var authorities: [NIOSSLCertificate]
  }

  let configuration: Configuration
  let client: HTTPClient
  private let lastExpiry: LastExpiry

  init(_ configuration: Configuration, group: any EventLoopGroup) {
    self.configuration = configuration
    let lastExpiry = LastExpiry()
    self.lastExpiry = lastExpiry
    var tls = TLSConfiguration.makeClientConfiguration()
    if !configuration.authorities.isEmpty {
      tls.additionalTrustRoots = [.certificates(configuration.authorities)]
    }
    var settings = HTTPClient.Configuration(tlsConfiguration: tls)
    settings.redirectConfiguration =
      configuration.followsRedirects ? .follow(max: Self.mostRedirects, allowCycles: false) : .disallow
    settings.timeout.connect = .seconds(Self.connectSeconds)
    settings.connectionPool.retryConnectionEstablishment = false
    settings.maximumUsesPerConnection = 1
    settings.httpVersion = .http1Only
    settings.http1_1ConnectionDebugInitializer = { channel in
      // Fails where the connection is not encrypted.
      channel.nioSSL_peerCertificate().map { $0.map { Int64($0.notValidAfter) } }.recover { _ in nil }
        .map { lastExpiry.seconds.store($0 ?? .min, ordering: .releasing) }
    }
    client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: settings)
  }

  static let mostRedirects = 10
  static let connectSeconds: Int64 = 60

  /// When the certificate of the last connection expires, in seconds since 1970; nil where it had none.
  var certificateExpires: Int64? {
    let seconds = lastExpiry.seconds.load(ordering: .acquiring)
    return seconds == .min ? nil : seconds
  }

  private final class LastExpiry: Sendable {
    let seconds = Atomic<Int64>(.min)
  }
}
