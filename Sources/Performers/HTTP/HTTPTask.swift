import AsyncHTTPClient

/// A request that was started.
package struct HTTPTask: Sendable {
  private let task: HTTPClient.Task<HTTPEnd>?

  init(_ task: HTTPClient.Task<HTTPEnd>?) { self.task = task }

  /// Gives the exchange up: returns at once, `ended` follows. One that has ended is left as it is.
  package func cancel() { task?.cancel() }
}
