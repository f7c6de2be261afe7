/// What was written to an output, once all of it is known.
package struct StoredOutput: Hashable, Sendable {
  /// The longest `head`, in bytes.
  package static let headLimit = 1 << 20

  /// The SHA-256 of the output, in hexadecimal digits.
  package let sha256: String
  /// The length of the output.
  package let bytes: Int64
  /// The beginning of the output, at most `headLimit` bytes.
  package let head: [UInt8]
  /// Whether `head` is not the whole.
  package let truncated: Bool
  /// Whether it is stored; only its size and its hash are known if not.
  package let isKept: Bool
  /// The output itself where the commit must bring it to the store; nil where it is durable already.
  package let small: SmallOutput?

  package init(sha256: String, bytes: Int64, head: [UInt8], truncated: Bool, small: SmallOutput?, isKept: Bool = true) {
    self.isKept = isKept
    self.sha256 = sha256
    self.bytes = bytes
    self.head = head
    self.truncated = truncated
    self.small = small
  }
}
