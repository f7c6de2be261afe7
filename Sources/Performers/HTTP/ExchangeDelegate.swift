import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

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
