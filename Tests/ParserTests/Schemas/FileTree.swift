import CanonicalJSON
import YAMLSyntax

/// A file as tests make and change it.
indirect enum FileTree {
  /// A text, and whether it stands without quotes.
  case text(String, plain: Bool)
  case list([FileTree])
  case mapping([(key: String, value: FileTree)])

  init(_ node: YAMLNode) {
    switch node.content {
    case .scalar(let scalar): self = .text(scalar.text, plain: scalar.style == .plain)
    case .sequence(let nodes): self = .list(nodes.map(FileTree.init))
    case .mapping(let pairs): self = .mapping(pairs.map { ($0.key, FileTree($0.value)) })
    }
  }

  /// The file as YAML: a line for each key of its own, and what stands under it in one line.
  var yaml: String {
    guard case .mapping(let pairs) = self else { return inline + "\n" }
    return pairs.map { "\(Self.quoted($0.key)): \($0.value.inline)\n" }.joined()
  }

  private var inline: String {
    switch self {
    case .text(let text, let plain): plain && Self.isSafe(text) ? text : Self.quoted(text)
    case .list(let elements): "[" + elements.map(\.inline).joined(separator: ", ") + "]"
    case .mapping(let pairs):
      "{" + pairs.map { "\(Self.quoted($0.key)): \($0.value.inline)" }.joined(separator: ", ") + "}"
    }
  }

  private static func isSafe(_ text: String) -> Bool {
    text.utf8.allSatisfy { byte in
      (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A)
        || "./-_+".utf8.contains(byte)
    } && text.first != "-" || Int(text) != nil
  }

  private static func quoted(_ text: String) -> String {
    String(decoding: JSON.string(text).canonicalBytes(), as: UTF8.self)
  }
}

/// How another program sees a file.
enum FileView: String, CaseIterable {
  /// As Belay reads it: every scalar is a text.
  case texts
  /// As YAML 1.2 types it (its core schema).
  case types

  /// The file as JSON. Nil where YAML makes of a text a value that Belay reads as another one (`True`, `~`, `0x10`, `1.0`):
  /// what stood there no schema can tell.
  func json(_ node: YAMLNode) -> JSON? {
    switch node.content {
    case .scalar(let scalar):
      if node.isEmpty { return .null }
      guard self == .types, scalar.style == .plain else { return .string(scalar.text) }
      return Self.typed(scalar.text)
    case .sequence(let nodes):
      let elements = nodes.compactMap(json)
      return elements.count == nodes.count ? .array(elements) : nil
    case .mapping(let pairs):
      let members = pairs.compactMap { pair in json(pair.value).map { JSON.Member(pair.key, $0) } }
      return members.count == pairs.count ? .object(members) : nil
    }
  }

  private static func typed(_ text: String) -> JSON? {
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    default: break
    }
    if ["null", "~", "true", "false", ".inf", "+.inf", "-.inf", ".nan"].contains(text.lowercased()) { return nil }
    if let value = Int64(text), String(value) == text { return .int(value) }
    if text.wholeMatch(of: /-?[0-9]+\.[0-9]*[1-9]/) != nil, let value = Double(text) { return .double(value) }
    let isNumber = /[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+/
    return text.wholeMatch(of: isNumber) == nil ? .string(text) : nil
  }
}
