import Expressions

extension ContentHash {
  /// Reads the hash in base64; nil for anything else.
  package init?(base64 text: some StringProtocol) {
    guard let bytes = Base64.decode(text), let hash = bytes.withUnsafeBytes({ ContentHash(raw: $0) }) else {
      return nil
    }
    self = hash
  }

  /// The hash in base64.
  package var base64: String { Base64.encode(withRawBytes { Array($0) }) }
}
