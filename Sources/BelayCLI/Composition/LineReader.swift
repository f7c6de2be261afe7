import Glibc

/// Standard input line by line, however long it is.
struct LineReader {
  private var buffer = [UInt8](repeating: 0, count: 65536)
  private var line: [UInt8] = []
  private var place = 0
  private var end = 0

  /// The next line without its end; nil once there is none.
  mutating func next() -> [UInt8]? {
    while true {
      if let stop = buffer[place..<end].firstIndex(of: 0x0A) {
        line += buffer[place..<stop]
        place = stop + 1
        defer { line = [] }
        return line
      }
      line += buffer[place..<end]
      (place, end) = (0, 0)
      let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        defer { line = [] }
        return line.isEmpty ? nil : line
      }
      end = count
    }
  }
}
