/// Takes the wrapper's marks out of what comes from elsewhere on standard error.
struct MarkFilter {
  /// A stretch of what came.
  enum Piece: Hashable {
    case text([UInt8])
    /// What a mark says, without its number.
    case mark(String)
  }

  /// A mark's longest text, in bytes; what goes on longer is none.
  private static let longest = 64

  private let nonce: [UInt8]
  private var pending: [UInt8] = []

  init(nonce: String) { self.nonce = Array(nonce.utf8) }

  /// Takes more, and gives what is certain: the end of it may be the beginning of a mark.
  mutating func take(_ bytes: UnsafeRawBufferPointer) -> [Piece] {
    pending += bytes
    var pieces: [Piece] = []
    while let start = start() {
      let rest = start + nonce.count
      guard let end = pending[rest...].firstIndex(of: UInt8(ascii: "\n")) else {
        guard pending.count - rest > Self.longest else { return pieces + text(upTo: start) }
        pieces += text(upTo: rest)
        continue
      }
      pieces += text(upTo: start)
      let line = pending[nonce.count..<(end - start)]
      pieces.append(.mark(String(decoding: line.dropFirst(), as: UTF8.self)))
      pending.removeFirst(end - start + 1)
    }
    return pieces + text(upTo: pending.count - unfinished())
  }

  /// What is left at the end of the stream.
  mutating func finish() -> [Piece] { text(upTo: pending.count) }

  private mutating func text(upTo end: Int) -> [Piece] {
    guard end > 0 else { return [] }
    defer { pending.removeFirst(end) }
    return [.text(Array(pending[..<end]))]
  }

  private func start() -> Int? {
    guard pending.count >= nonce.count else { return nil }
    return (0...(pending.count - nonce.count)).first { pending[$0] == nonce[0] && pending[$0...].starts(with: nonce) }
  }

  /// How many bytes at the end may be the beginning of a mark.
  private func unfinished() -> Int {
    (1..<nonce.count).reversed().first { count in
      pending.count >= count && pending.suffix(count).elementsEqual(nonce.prefix(count))
    } ?? 0
  }
}
