import Glibc
import Performers
import Testing

@Suite struct HTTPExchangeTLSTests {
  private let exchange = HTTPExchange()
  private let certificate: SelfSignedCertificate

  init() throws { certificate = try SelfSignedCertificate() }

  @Test func aTrustedCertificateIsAcceptedAndItsExpiryReported() async throws {
    let server = try await LoopbackServer(tls: certificate.serverContext()) { _ in .text(200, "safe") }
    let spec = HTTPRequestSpec(url: server.url("/", scheme: "https", host: "localhost"), caFile: certificate.file)
    // Twice, because the second is served by the client of the first.
    for _ in 0..<2 {
      let (end, recorder) = await exchange.send(spec)
      #expect(end.status == 200, "\(end)")
      #expect(recorder.text == "safe")
      let expected = Int64(time(nil)) + SelfSignedCertificate.days * 86_400
      #expect(abs(try #require(end.certificateExpires) - expected) < 600)
    }
    try await server.stop()
  }

  @Test func aRedirectionToAnUnencryptedServerIsNotFollowed() async throws {
    let plain = try await LoopbackServer { _ in .text(200, "plain") }
    let target = plain.url("/")
    let server = try await LoopbackServer(tls: certificate.serverContext()) { _ in
      .text(302, "", headers: [("Location", target)])
    }
    let (end, _) = await exchange.send(
      HTTPRequestSpec(
        url: server.url("/", scheme: "https", host: "localhost"), followsRedirects: true, caFile: certificate.file))
    #expect(end.failure == "the server redirected from https to http, which is not followed")
    #expect(plain.tally.requests.isEmpty)
    try await server.stop()
    try await plain.stop()
  }

  @Test func anUntrustedCertificateIsRefused() async throws {
    let server = try await LoopbackServer(tls: certificate.serverContext()) { _ in .text(200, "") }
    let end = await exchange.send(HTTPRequestSpec(url: server.url("/", scheme: "https", host: "localhost"))).end
    #expect(end.failure?.contains("the server's certificate is not trusted") == true, "\(end)")
    #expect(server.tally.requests.isEmpty)
    try await server.stop()
  }

  @Test func aCertificateForAnotherHostIsRefused() async throws {
    let server = try await LoopbackServer(tls: certificate.serverContext()) { _ in .text(200, "") }
    let end = await exchange.send(
      HTTPRequestSpec(url: server.url("/", scheme: "https"), caFile: certificate.file)
    ).end
    #expect(end.failure == "TLS failed: the server's certificate is for another host")
    #expect(server.tally.requests.isEmpty)
    try await server.stop()
  }

  @Test func aServerWithoutTLSIsNamedAsSuch() async throws {
    let server = try await LoopbackServer { _ in .text(200, "") }
    let end = await exchange.send(HTTPRequestSpec(url: server.url("/", scheme: "https"))).end
    #expect(end.failure?.hasPrefix("TLS failed: ") == true, "\(end)")
    try await server.stop()
  }

  @Test func anUnencryptedRequestToATLSServerFails() async throws {
    let server = try await LoopbackServer(tls: certificate.serverContext()) { _ in .text(200, "") }
    let end = await exchange.send(HTTPRequestSpec(url: server.url("/", host: "localhost"))).end
    #expect(end.failure != nil, "\(end)")
    try await server.stop()
  }
}
