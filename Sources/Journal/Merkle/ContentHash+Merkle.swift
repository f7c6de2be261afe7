import Crypto

/// The hashes of a Merkle tree (RFC 6962, 2.1).
extension ContentHash {
  /// The root of the empty tree.
  package static let emptyRoot = ContentHash(of: [])

  /// The hash of a leaf: SHA-256 of a zero byte and the content.
  package init(leaf content: UnsafeRawBufferPointer) {
    var hasher = SHA256()
    withUnsafeBytes(of: UInt8(0)) { hasher.update(bufferPointer: $0) }
    hasher.update(bufferPointer: content)
    self.init(hasher.finalize())
  }

  /// The hash of a leaf with these bytes.
  package init(leaf content: [UInt8]) { self = content.withUnsafeBytes { ContentHash(leaf: $0) } }

  /// The hash of an inner node: SHA-256 of a one byte and both children.
  package init(left: ContentHash, right: ContentHash) {
    let digest = withUnsafeTemporaryAllocation(byteCount: 65, alignment: 1) { buffer in
      buffer[0] = 1
      buffer.baseAddress?.storeBytes(of: left.bytes, toByteOffset: 1, as: SIMD32<UInt8>.self)
      buffer.baseAddress?.storeBytes(of: right.bytes, toByteOffset: 33, as: SIMD32<UInt8>.self)
      var hasher = SHA256()
      hasher.update(bufferPointer: UnsafeRawBufferPointer(buffer))
      return hasher.finalize()
    }
    self.init(digest)
  }
}
