import RunbookExecutor

/// Redaction as a whole, for tests.
enum Redacting {
  /// A text without secrets, written in pieces of one size.
  static func redact(_ text: String, secrets: [String], chunk: Int) -> String {
    let redactor = Redactor()
    for secret in secrets { redactor.learn(Array(secret.utf8)) }
    return String(decoding: redact(Array(text.utf8), redactor) { chunk }, as: UTF8.self)
  }

  /// Bytes without secrets, written in pieces of the sizes that are given.
  static func redact(_ bytes: [UInt8], _ redactor: Redactor, nextSize: () -> Int) -> [UInt8] {
    var stream = redactor.stream()
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let end = min(index + nextSize(), bytes.count)
      bytes.withUnsafeBytes { bytes in
        stream.write(UnsafeRawBufferPointer(rebasing: bytes[index..<end])) { result.append(contentsOf: $0) }
      }
      index = end
    }
    stream.finish { result.append(contentsOf: $0) }
    return result
  }
}
