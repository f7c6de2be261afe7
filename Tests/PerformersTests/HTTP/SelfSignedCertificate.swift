import Glibc
import NIOSSL

/// A certificate for `localhost` that nobody but its own file vouches for, valid for 37 days.
final class SelfSignedCertificate {
  static let days: Int64 = 37

  let directory: String

  init() throws {
    var template = Array("/tmp/certificate-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure() }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days \(Self.days) "
      + "-subj /CN=localhost -addext subjectAltName=DNS:localhost "
      + "-keyout \(directory)/key.pem -out \(directory)/certificate.pem >\(directory)/log 2>&1"
    guard system(command) == 0 else { throw Failure() }
  }

  deinit {
    for name in ["key.pem", "certificate.pem", "log"] { unlink("\(directory)/\(name)") }
    rmdir(directory)
  }

  struct Failure: Error {}

  var file: String { directory + "/certificate.pem" }

  func serverContext() throws -> NIOSSLContext {
    let certificates = try NIOSSLCertificate.fromPEMFile(file).map { NIOSSLCertificateSource.certificate($0) }
    let key = try NIOSSLPrivateKey(file: directory + "/key.pem", format: .pem)
    return try NIOSSLContext(
      configuration: .makeServerConfiguration(certificateChain: certificates, privateKey: .privateKey(key)))
  }
}
