/// An output short enough to travel in the commit that names it.
package struct SmallOutput: Hashable, Sendable {
  /// The longest output of this kind, in bytes.
  static let limit = 64 << 10
  /// More than any output of this kind takes compressed, in bytes.
  static let compressedLimit = limit + 4096

  /// The SHA-256 of the output, in hexadecimal digits.
  package let sha256: String
  /// The length of the output.
  package let bytes: Int64
  /// The output in gzip's form.
  package let gzip: [UInt8]

  package init(sha256: String, bytes: Int64, gzip: [UInt8]) {
    self.sha256 = sha256
    self.bytes = bytes
    self.gzip = gzip
  }
}
