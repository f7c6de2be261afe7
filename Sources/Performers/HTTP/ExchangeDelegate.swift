import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// A server that was asked over TLS redirected to an address without it.
struct UnencryptedRedirection: Error {}

/// Hands an answer to an observer as it comes in.
final class ExchangeDelegate: HTTPClientResponseDelegate {
  typealias Response = HTTPEnd

  private struct State {
    var head: HTTPResponseHead?
    var isOver = false
  }

  private let observer: any HTTPObserver
  private let client: PooledClient
  private let state = Mutex(State())

  init(observer: any HTTPObserver, client: PooledClient) {
    self.observer = observer
    self.client = client
  }

  /// A redirection from `https` to `http` would send the request's headers, and the secrets among them, in the clear.
  func didVisitURL(task: HTTPClient.Task<HTTPEnd>, _ request: HTTPClient.Request, _ head: HTTPResponseHead) {
    guard client.configuration.followsRedirects, request.scheme == "https", (300..<400).contains(head.status.code),
      let target = head.headers.first(name: "Location"), target.prefix(5).lowercased() == "http:"
    else { return }
    task.fail(reason: UnencryptedRedirection())
  }

  func didReceiveHead(task: HTTPClient.Task<HTTPEnd>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
    state.withLock { $0.head = head }
    return task.eventLoop.makeSucceededVoidFuture()
  }

  func didReceiveBodyPart(task: HTTPClient.Task<HTTPEnd>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
    if !state.withLock({ $0.isOver }) { buffer.withUnsafeReadableBytes(observer.body) }
    return task.eventLoop.makeSucceededVoidFuture()
  }

  func didFinishRequest(task: HTTPClient.Task<HTTPEnd>) throws -> HTTPEnd {
    guard let head = state.withLock({ $0.head }) else { throw HTTPClientError.remoteConnectionClosed }
    return .answered(
      status: Int(head.status.code), headers: head.headers.map { ($0.name.lowercased(), $0.value) },
      certificateExpires: client.certificateExpires)
  }

  /// Tells the observer the end; what comes after it is not heard.
  func end(_ end: HTTPEnd) {
    let wasOver = state.withLock { state in
      defer { state.isOver = true }
      return state.isOver
    }
    if !wasOver { observer.ended(end) }
  }
}
