import Glibc

/// A web server on loopback that gives one answer to one client.
final class OneAnswerServer: Sendable {
  /// Where it listens.
  let port: Int
  private let descriptor: Int32

  init() {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listens = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    precondition(listens, "cannot listen: \(String(cString: strerror(errno)))")
    self.descriptor = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }

  /// Waits for the client's request and answers it; false if none comes.
  func answer(_ head: String) -> Bool {
    guard isReadable(descriptor) else { return false }
    let client = accept(descriptor, nil, nil)
    guard client >= 0 else { return false }
    defer { close(client) }
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard isReadable(client) else { return false }
      let count = read(client, &buffer, buffer.count)
      guard count > 0 else { return false }
      request += buffer[..<count]
    }
    let bytes = Array((head + "\r\n\r\n").utf8)
    return bytes.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == bytes.count
  }

  private func isReadable(_ descriptor: Int32) -> Bool {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, 60_000) == 1
  }
}
