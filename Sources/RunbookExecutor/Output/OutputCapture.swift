import Journal
import RunEngine

/// Takes what a program writes to one stream: secrets are taken out first, then it is kept.
///
/// Used by one thread at a time.
package final class OutputCapture: @unchecked Sendable {
  // One reader thread writes, and `finish` follows on the same thread.
  private var redaction: RedactionStream
  private let makeWriter: () throws -> OutputWriter
  private var writer: OutputWriter?
  private var failure: (any Error)?

  package init(redactor: Redactor, makeWriter: @escaping () throws -> OutputWriter) {
    self.redaction = redactor.stream()
    self.makeWriter = makeWriter
  }

  /// Takes a piece.
  package func write(_ bytes: UnsafeRawBufferPointer) {
    redaction.write(bytes) { keep($0) }
  }

  /// The whole has come: what was kept, what travels with the record, and why it could not be stored if it could not.
  package func finish() -> (output: CapturedOutput, small: SmallOutput?, lost: String?) {
    redaction.finish { keep($0) }
    guard let writer else { return (CapturedOutput(), nil, failure.map { "\($0)" }) }
    if let failure {
      writer.discard()
      return (CapturedOutput(), nil, "\(failure)")
    }
    do {
      guard let stored = try writer.finish() else { return (CapturedOutput(), nil, nil) }
      let text = String(decoding: stored.head, as: UTF8.self)
      return (
        CapturedOutput(
          text: text, bytes: stored.bytes, sha256: stored.sha256, truncated: stored.truncated, isKept: stored.isKept),
        stored.small, nil
      )
    } catch {
      return (CapturedOutput(), nil, "\(error)")
    }
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil, !bytes.isEmpty else { return }
    do {
      let writer = try self.writer ?? makeWriter()
      self.writer = writer
      try writer.write(bytes)
    } catch {
      // The program must not hang on a full pipe because the disk is full: the rest is read and dropped,
      // and its end makes the loop stop.
      failure = error
    }
  }
}
