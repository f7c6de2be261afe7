/// A request to send, and how its answer is taken.
package struct HTTPRequestSpec: Sendable {
  /// The method in upper case.
  package var method: String
  /// An `http` or `https` address.
  package var url: String
  /// Header fields in order; `User-Agent` is `belay` unless it is among them.
  package var headers: [(name: String, value: String)]
  /// What is sent; nil is nothing.
  package var body: [UInt8]?
  /// Whether up to ten redirections are followed, save from `https` to `http`; a 303, and a 301 or 302 after POST, are
  /// followed by GET.
  package var followsRedirects: Bool
  /// A PEM file of certificates that are trusted besides the system's.
  package var caFile: String?
  /// Milliseconds for the whole exchange, with its redirections; nil is no bound.
  package var timeout: Int64?

  package init(
    method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
    followsRedirects: Bool = false, caFile: String? = nil, timeout: Int64? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.followsRedirects = followsRedirects
    self.caFile = caFile
    self.timeout = timeout
  }
}
