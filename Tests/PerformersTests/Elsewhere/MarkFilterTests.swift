import Testing

@testable import Performers

/// The wrapper's marks among what a program writes.
@Suite struct MarkFilterTests {
  private static let nonce = "0123456789abcdef0123456789abcdef"

  /// What comes of a text that arrives in pieces of a size: the text without marks, and the marks.
  private static func take(_ text: String, by size: Int) -> (text: String, marks: [String]) {
    var filter = MarkFilter(nonce: nonce)
    let bytes = Array(text.utf8)
    var pieces: [MarkFilter.Piece] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { pieces += filter.take($0) }
    }
    pieces += filter.finish()
    var left: [UInt8] = []
    var marks: [String] = []
    for piece in pieces {
      switch piece {
      case .text(let bytes): left += bytes
      case .mark(let mark): marks.append(mark)
      }
    }
    return (String(decoding: left, as: UTF8.self), marks)
  }

  @Test("marks are taken out wherever the stream is cut", arguments: Array(1...40))
  func marksAreTakenOut(size: Int) {
    let n = Self.nonce
    let (text, marks) = Self.take("motd\n\(n) ready\nno line break\(n) left\n\(n) exit 3\nbye 0123", by: size)
    #expect(text == "motd\nno line breakbye 0123")
    #expect(marks == ["ready", "left", "exit 3"])
  }

  @Test("what only begins like a mark stays", arguments: [1, 7, 1000])
  func otherTextStays(size: Int) {
    let almost = Self.nonce.dropLast() + "0" + Self.nonce.prefix(20) + "x\n" + Self.nonce.prefix(5)
    #expect(Self.take(String(almost), by: size) == (String(almost), []))
    let endless = Self.nonce + String(repeating: "y", count: 500)
    #expect(Self.take(endless, by: size) == (endless, []))
  }

  @Test("text is handed on at once where it cannot be the beginning of a mark")
  func nothingIsHeldBack() {
    var filter = MarkFilter(nonce: Self.nonce)
    #expect(Array("line 01".utf8).withUnsafeBytes { filter.take($0) } == [.text(Array("line ".utf8))])
    #expect(Array("x".utf8).withUnsafeBytes { filter.take($0) } == [.text(Array("01x".utf8))])
  }
}
