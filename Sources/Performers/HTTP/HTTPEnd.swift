/// How an exchange ended.
package enum HTTPEnd: Sendable {
  /// The answer came to its end. Header names are in lower case; `certificateExpires` is when the certificate of the
  /// server that answered does, in seconds since 1970, and nil over `http`.
  case answered(status: Int, headers: [(String, String)], certificateExpires: Int64?)
  /// There is no answer, or not all of it; says why, and whether the request may have reached the server.
  case failed(String, reached: Bool)
  /// It was cancelled, or the exchange was shut down.
  case cancelled
}

/// Hears what a server answers.
///
/// Called on the one thread of an `HTTPExchange`: whatever it does holds up every other answer.
package protocol HTTPObserver: AnyObject, Sendable {
  /// A part of the body of the last answer, redirections aside; the bytes are valid during the call only.
  func body(_ bytes: UnsafeRawBufferPointer)
  /// Called once, last; may come before `start` has returned, and then on the thread that called it.
  func ended(_ end: HTTPEnd)
}
