import BelayTestSupport
import Glibc

/// Certificates of the test's own, all with one key.
final class TestCertificates: Sendable {
  /// What `openssl` could not do.
  struct Failure: Error { var message: String }

  private let directory = TemporaryDirectory()

  /// The key as a file.
  var key: String { directory.path("key.pem") }

  init() throws {
    directory.write("index.txt", "")
    directory.write(
      "ca.cnf",
      """
      [ca]
      default_ca = default
      [default]
      database = index.txt
      new_certs_dir = .
      rand_serial = yes
      default_md = sha256
      policy = policy
      unique_subject = no
      x509_extensions = extensions
      [policy]
      commonName = supplied
      [extensions]
      subjectAltName = DNS:localhost, IP:127.0.0.1
      basicConstraints = CA:TRUE

      """)
    try openssl("req -new -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=localhost -out request.pem")
  }

  /// A certificate as a file, valid from 2020 until a time such as `20300131235959Z`.
  func certificate(until end: String) throws -> String {
    let name = "until-\(end).pem"
    try openssl(
      """
      ca -batch -selfsign -notext -config ca.cnf -keyfile key.pem -in request.pem \
      -startdate 20200101000000Z -enddate \(end) -out \(name)
      """)
    return directory.path(name)
  }

  /// A server that shows a certificate, on loopback; ended by the signal that the test sends it.
  func server(showing certificate: String) throws -> (server: CommandRunner.Running, port: String) {
    let server = CommandRunner.start([
      "openssl", "s_server", "-www", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key,
    ])
    var port: Substring?
    // Once it listens, a line says `ACCEPT` and the address.
    let listens = Waiting.until {
      let lines = server.outputSoFar.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      port = lines.first { $0.hasPrefix("ACCEPT ") }?.split(separator: ":").last
      return port != nil
    }
    guard listens, let port else {
      server.signal(SIGKILL)
      throw Failure(message: "the server does not listen: " + server.wait().errors)
    }
    return (server, String(port))
  }

  private func openssl(_ arguments: String) throws {
    let words = arguments.split(separator: " ").map(String.init)
    let result = CommandRunner.run(["openssl"] + words, directory: directory.path)
    guard result.status == 0 else { throw Failure(message: "openssl \(arguments): \(result.errors)") }
  }
}
