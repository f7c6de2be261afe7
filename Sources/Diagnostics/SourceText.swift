/// The bytes of one file and the name it is shown under.
///
/// Lines and columns are worked out only when something is shown.
public final class SourceText: Sendable {
  /// The path as the user gave it, or `<stdin>`.
  public let name: String
  /// The content as it was read, a byte order mark included.
  public let bytes: [UInt8]

  /// Wraps the content of a file.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Wraps a text, as tests and embedded sources do.
  public convenience init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// The place of a byte offset; an offset past the end is the end.
  public func location(at offset: Int) -> SourceLocation {
    let end = min(offset, bytes.count)
    var line = 1
    var start = 0
    for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      start = index + 1
    }
    let column = String(decoding: bytes[start..<end], as: UTF8.self).unicodeScalars.count + 1
    return SourceLocation(line: line, column: column, lineStart: start)
  }

  /// The line that starts at a byte offset, without its line break.
  public func line(startingAt start: Int) -> String {
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "\r") { end += 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}

/// A line and column for people, both counted from 1; the column counts Unicode scalars.
public struct SourceLocation: Hashable, Sendable {
  /// The line, counted from 1.
  public let line: Int
  /// The column in Unicode scalars, counted from 1.
  public let column: Int
  /// The byte offset at which the line starts.
  public let lineStart: Int
}

/// A range of UTF-8 bytes in one file.
public struct ByteSpan: Hashable, Sendable, Comparable {
  /// The first byte.
  public var start: Int32
  /// The byte after the last.
  public var end: Int32

  /// A span from a range of offsets.
  public init(_ start: Int, _ end: Int) {
    self.start = Int32(clamping: start)
    self.end = Int32(clamping: max(start, end))
  }

  /// The place of what has none, such as what was decoded from a journal.
  public static let none = ByteSpan(0, 0)

  /// Earlier starts first, then earlier ends.
  public static func < (a: ByteSpan, b: ByteSpan) -> Bool { (a.start, a.end) < (b.start, b.end) }
}

extension SourceText {
  /// The column of a place counted in UTF-16 code units, from 1; a byte order mark at the file's start is not counted.
  public func utf16Column(at location: SourceLocation, offset: Int) -> Int {
    let end = min(offset, bytes.count)
    var start = location.lineStart
    if start == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = min(3, end) }
    return String(decoding: bytes[start..<max(start, end)], as: UTF8.self).utf16.count + 1
  }
}
