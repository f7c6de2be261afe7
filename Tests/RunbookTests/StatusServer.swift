import Glibc
import Synchronization

/// A web server on loopback that gives every client the same status and header, ended with the object.
final class StatusServer: Sendable {
  /// Where it listens.
  let port: Int
  private let descriptor: Int32
  private let shared: Shared

  private final class Shared: Sendable {
    let status = Atomic(200)
    let requests = Atomic(0)
    let header: String

    init(header: String) { self.header = header }
  }

  /// Its address.
  var url: String { "http://127.0.0.1:\(port)" }

  /// The status that it gives.
  var status: Int {
    get { shared.status.load(ordering: .sequentiallyConsistent) }
    set { shared.status.store(newValue, ordering: .sequentiallyConsistent) }
  }

  /// How many requests have come.
  var requests: Int { shared.requests.load(ordering: .sequentiallyConsistent) }

  /// - Parameter header: A header that each answer has, such as `Location: …`.
  init(status: Int = 200, header: String = "Server: test") {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listens = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    precondition(listens, "cannot listen: \(String(cString: strerror(errno)))")
    self.descriptor = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
    shared = Shared(header: header)
    shared.status.store(status, ordering: .sequentiallyConsistent)
    Self.serve(descriptor, shared)
  }

  // A thread that waits in `accept` is woken by this, and ends.
  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

  private static func serve(_ descriptor: Int32, _ shared: Shared) {
    let argument = Unmanaged.passRetained(Listening(descriptor: descriptor, shared: shared))
    var thread = pthread_t()
    let error = pthread_create(
      &thread, nil,
      { pointer in
        if let pointer { Unmanaged<Listening>.fromOpaque(pointer).takeRetainedValue().run() }
        return nil
      }, argument.toOpaque())
    precondition(error == 0, "no thread: \(String(cString: strerror(error)))")
    pthread_detach(thread)
  }

  private final class Listening: Sendable {
    let descriptor: Int32
    let shared: Shared

    init(descriptor: Int32, shared: Shared) {
      self.descriptor = descriptor
      self.shared = shared
    }

    func run() {
      while true {
        let client = accept(descriptor, nil, nil)
        if client < 0, errno == EINTR { continue }
        guard client >= 0 else { break }
        answer(client)
        close(client)
      }
      close(descriptor)
    }

    private func answer(_ client: Int32) {
      var request: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
        var wanted = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, 10_000) == 1 else { return }
        let count = read(client, &buffer, buffer.count)
        guard count > 0 else { return }
        request += buffer[..<count]
      }
      shared.requests.add(1, ordering: .sequentiallyConsistent)
      let status = shared.status.load(ordering: .sequentiallyConsistent)
      let answer = "HTTP/1.1 \(status) Said\r\n\(shared.header)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
      let bytes = Array(answer.utf8)
      _ = bytes.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
  }
}
