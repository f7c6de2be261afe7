import AsyncHTTPClient
import NIOCore

/// Sends requests and hands on what servers answer; every request goes out once, over a connection of its own.
///
/// There is one thread for all of them, made by the first start. An exchange that is no longer used is shut down.
package final class HTTPExchange: Sendable {
  private let pool = ClientPool()

  package init() {}

  deinit { pool.shutDown() }

  /// Sends a request and returns at once.
  package func start(_ spec: HTTPRequestSpec, observer: any HTTPObserver) -> HTTPTask {
    let request: HTTPClient.Request
    let configuration: PooledClient.Configuration
    do {
      configuration = PooledClient.Configuration(
        followsRedirects: spec.followsRedirects, authorities: try Self.authorities(in: spec.caFile))
      request = try Self.request(spec)
    } catch {
      observer.ended(.failed(error.message, reached: false))
      return HTTPTask(nil)
    }
    guard let client = pool.take(configuration) else {
      observer.ended(.cancelled)
      return HTTPTask(nil)
    }
    let delegate = ExchangeDelegate(observer: observer, client: client)
    let deadline = spec.timeout.map { NIODeadline.now() + .milliseconds(max(0, min($0, Self.longestTimeout))) }
    let task = client.client.execute(request: request, delegate: delegate, deadline: deadline)
    // Not `didReceiveError`, which is not called where the client was shut down meanwhile.
    task.futureResult.whenComplete { [pool] result in
      let end = Self.end(of: result, spec)
      pool.giveBack(client, after: end)
      delegate.end(end)
    }
    return HTTPTask(task)
  }

  /// Cancels what is going on and returns when every end has been reported and the thread is gone; nothing can be
  /// started any more. An observer must not call it, nor let go of the last reference to an exchange.
  package func shutDown() { pool.shutDown() }

  /// A year in milliseconds; a deadline of ages would overflow the clock.
  private static let longestTimeout: Int64 = 31_536_000_000

  private static func end(of result: Result<HTTPEnd, any Error>, _ spec: HTTPRequestSpec) -> HTTPEnd {
    switch result {
    case .success(let answer): return answer
    case .failure(let error):
      let known = error as? HTTPClientError
      let isGivenUp = known == .cancelled || known == .alreadyShutdown
      if isGivenUp { return .cancelled }
      let failure = HTTPFailure(error, spec: spec)
      return .failed(failure.message, reached: failure.mayHaveReached)
    }
  }
}
