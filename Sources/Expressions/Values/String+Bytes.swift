import Glibc

/// The language compares texts by code points; `String` would take canonically equivalent texts for equal.
extension String {
  /// Calls the body with the text's UTF-8, without copying it where that can be.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    return Array(utf8).withUnsafeBufferPointer(body)
  }

  /// Whether both texts are the same sequence of bytes.
  func hasSameBytes(as other: String) -> Bool {
    withBytes { a in
      other.withBytes { b in
        guard a.count == b.count else { return false }
        guard let start = a.baseAddress, let otherStart = b.baseAddress else { return true }
        return memcmp(start, otherStart, a.count) == 0
      }
    }
  }

  /// Whether this text stands before the other one in the order of code points.
  func precedes(_ other: String) -> Bool {
    withBytes { a in other.withBytes { b in a.precedes(b) } }
  }

  /// Hashes the bytes.
  func hashBytes(into hasher: inout Hasher) {
    withBytes { bytes in
      hasher.combine(bytes.count)
      hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether these bytes stand before the others in the order of bytes.
  func precedes(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
    let common = Swift.min(count, other.count)
    guard common > 0, let start = baseAddress, let otherStart = other.baseAddress else { return count < other.count }
    let order = memcmp(start, otherStart, common)
    return order < 0 || (order == 0 && count < other.count)
  }

  /// The offset of the first place from an offset on at which some bytes stand; linear in the length of both.
  func firstOffset(of needle: UnsafeBufferPointer<UInt8>, from offset: Int = 0) -> Int? {
    guard offset + needle.count <= count else { return nil }
    guard let first = needle.first, let start = baseAddress else { return offset }
    func next(_ offset: Int) -> Int? {
      guard offset < count, let found = memchr(start + offset, Int32(first), count - offset) else { return nil }
      return UnsafeRawPointer(start).distance(to: UnsafeRawPointer(found))
    }
    if needle.count == 1 { return next(offset) }
    // How much of the needle's beginning stands again at the end of each of its beginnings (Knuth, Morris, Pratt).
    let borders = needle.borders
    var matched = 0
    var place = offset
    while place < count {
      if matched == 0 {
        guard let found = next(place), found + needle.count <= count else { return nil }
        (place, matched) = (found + 1, 1)
      } else if self[place] == needle[matched] {
        (place, matched) = (place + 1, matched + 1)
        if matched == needle.count { return place - matched }
      } else {
        matched = borders[matched - 1]
      }
    }
    return nil
  }

  private var borders: [Int] {
    var borders = [0]
    borders.reserveCapacity(count)
    for place in indices.dropFirst() {
      var length = borders[place - 1]
      while length > 0, self[place] != self[length] { length = borders[length - 1] }
      borders.append(self[place] == self[length] ? length + 1 : 0)
    }
    return borders
  }
}
