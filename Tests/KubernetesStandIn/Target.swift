import NIOHTTP1

/// What a request is about.
struct Target: Sendable {
  let path: String
  let query: [(name: String, value: String)]

  init(_ uri: String) {
    let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = Self.decoded(parts[0], plusIsSpace: false)
    query = (parts.count > 1 ? parts[1].split(separator: "&") : []).map { pair in
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        Self.decoded(halves[0], plusIsSpace: true), halves.count > 1 ? Self.decoded(halves[1], plusIsSpace: true) : ""
      )
    }
  }

  func values(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

  func value(_ name: String) -> String? { values(name).first }

  func request(_ method: HTTPMethod, body: String) -> KubernetesStandIn.Request {
    KubernetesStandIn.Request(method: method.rawValue, path: path, query: query, body: body)
  }

  /// The resource and what of it: the paths of the Kubernetes API.
  var place: (resource: Resource, namespace: String?, name: String?, part: String?)? {
    var parts = path.split(separator: "/").map(String.init)[...]
    let version: String
    if parts.starts(with: ["api", "v1"]) {
      version = "v1"
      parts = parts.dropFirst(2)
    } else if parts.first == "apis", parts.count > 3 {
      version = parts[1] + "/" + parts[2]
      parts = parts.dropFirst(3)
    } else {
      return nil
    }
    var namespace: String?
    if parts.first == "namespaces", parts.count > 2 {
      namespace = parts.dropFirst().first
      parts = parts.dropFirst(2)
    }
    guard let word = parts.first, let resource = Resource(rawValue: word), resource.version == version else {
      return nil
    }
    let rest = Array(parts.dropFirst())
    guard rest.count <= 2 else { return nil }
    return (resource, namespace, rest.first, rest.count > 1 ? rest[1] : nil)
  }

  private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
