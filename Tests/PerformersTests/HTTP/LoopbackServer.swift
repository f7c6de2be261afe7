import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A server on 127.0.0.1 that answers each request as a closure says.
final class LoopbackServer: Sendable {
  /// What came in.
  struct Request: Sendable {
    var method: String
    var path: String
    var headers: [String: String]
    var body: [UInt8]
  }

  /// What goes out.
  enum Answer: Sendable {
    /// An answer with a body.
    case text(Int, String, headers: [(String, String)] = [])
    /// An answer with so many bytes, sent as they are taken.
    case zeros(Int)
    /// Nothing at all, until the other side goes away.
    case silence
    /// The beginning of an answer, then nothing.
    case beginning
    /// The beginning of an answer, then the end of the connection.
    case brokenOff
    /// The end of the connection.
    case close
  }

  /// What the server has seen.
  struct Tally: Sendable {
    var connections = 0
    var closed = 0
    var requests: [Request] = []
  }

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel
  private let state: Box

  /// What changes, shared with the handlers.
  final class Box: Sendable {
    let tally = Mutex(Tally())
    let waiting = Mutex<[(condition: @Sendable (Tally) -> Bool, continuation: CheckedContinuation<Void, Never>)]>([])

    func update(_ change: (inout Tally) -> Void) {
      let now = tally.withLock { tally in
        change(&tally)
        return tally
      }
      let ready = waiting.withLock { waiting in
        let ready = waiting.filter { $0.condition(now) }
        waiting.removeAll { $0.condition(now) }
        return ready
      }
      for waiter in ready { waiter.continuation.resume() }
    }
  }

  init(tls: NIOSSLContext? = nil, _ answer: @escaping @Sendable (Request) -> Answer) async throws {
    let state = Box()
    self.state = state
    channel = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(AnsweringHandler(state, answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  var port: Int { channel.localAddress?.port ?? 0 }
  var tally: Tally { state.tally.withLock { $0 } }

  func url(_ path: String, scheme: String = "http", host: String = "127.0.0.1") -> String {
    "\(scheme)://\(host):\(port)\(path)"
  }

  /// Waits until something has been seen.
  func wait(until condition: @escaping @Sendable (Tally) -> Bool) async {
    await withCheckedContinuation { continuation in
      state.waiting.withLock { $0.append((condition, continuation)) }
      state.update { _ in }
    }
  }

  func stop() async throws {
    try await group.shutdownGracefully()
  }
}

/// Answers the requests of one connection.
private final class AnsweringHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let state: LoopbackServer.Box
  private let answer: @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer
  private var request = LoopbackServer.Request(method: "", path: "", headers: [:], body: [])

  init(_ state: LoopbackServer.Box, _ answer: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer) {
    self.state = state
    self.answer = answer
  }

  func channelActive(context: ChannelHandlerContext) { state.update { $0.connections += 1 } }

  func channelInactive(context: ChannelHandlerContext) { state.update { $0.closed += 1 } }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      request = LoopbackServer.Request(
        method: head.method.rawValue, path: head.uri,
        headers: Dictionary(
          head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { "\($0), \($1)" }),
        body: [])
    case .body(let buffer): request.body += buffer.readableBytesView
    case .end:
      let request = request
      state.update { $0.requests.append(request) }
      send(answer(request), context)
    }
  }

  private func send(_ answer: LoopbackServer.Answer, _ context: ChannelHandlerContext) {
    func head(_ status: Int, _ length: Int, _ headers: [(String, String)] = []) {
      let headers = HTTPHeaders(headers + [("Content-Length", "\(length)")])
      let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
      context.write(wrapOutboundOut(.head(head)), promise: nil)
    }
    switch answer {
    case .text(let status, let text, let headers):
      head(status, text.utf8.count, headers)
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    case .zeros(let count):
      head(200, count)
      sendZeros(count, context)
    case .silence: break
    case .beginning, .brokenOff:
      head(200, 100)
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "beginning")))), promise: nil)
      if case .brokenOff = answer { context.close(promise: nil) }
    case .close: context.close(promise: nil)
    }
  }

  private static let zeros = ByteBuffer(repeating: 0, count: 1 << 18)

  private func sendZeros(_ count: Int, _ context: ChannelHandlerContext) {
    guard count > 0 else {
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      return
    }
    let size = min(count, Self.zeros.readableBytes)
    let part = Self.zeros.getSlice(at: 0, length: size) ?? ByteBuffer()
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part)))).assumeIsolated().whenSuccess {
      // Not at once: where the write was taken at once, it would be called from within itself.
      context.eventLoop.assumeIsolated().execute { self.sendZeros(count - size, context) }
    }
  }
}
