import CanonicalJSON
import Expressions
import Journal

/// What is carried between the machine of a run and that of an approver, as a file or a pasted block.
package struct ApprovalBlock: Sendable {
  /// The kinds.
  package enum Kind: String, Sendable {
    /// What is asked.
    case request = "APPROVAL REQUEST"
    /// What was said.
    case approval = "APPROVAL"
  }

  /// What it is.
  package var kind: Kind
  /// What it holds.
  package var content: JSON

  package init(_ kind: Kind, _ content: JSON) {
    self.kind = kind
    self.content = content
  }

  /// Finds the first block of a kind in a text, which may stand in a mail or behind a prompt's marks; nil where there is
  /// none whole.
  package init?(_ kind: Kind, in text: String) {
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      String(line.drop { $0 == " " || $0 == ">" || $0 == "\t" }).trimmingEnd()
    }
    guard let start = lines.firstIndex(of: Self.begin(kind)), let end = lines[start...].firstIndex(of: Self.end(kind)),
      let bytes = Base64.decode(lines[(start + 1)..<end].joined()), let json = try? JSON.parse(bytes)
    else { return nil }
    self.init(kind, json)
  }

  /// The block as text.
  package var text: String {
    let digits = Array(Base64.encode(content.canonicalBytes()).utf8)
    let lines = stride(from: 0, to: digits.count, by: 64).map {
      String(decoding: digits[$0..<min($0 + 64, digits.count)], as: UTF8.self)
    }
    return ([Self.begin(kind)] + lines + [Self.end(kind)]).joined(separator: "\n") + "\n"
  }

  private static func begin(_ kind: Kind) -> String { "-----BEGIN BELAY \(kind.rawValue)-----" }
  private static func end(_ kind: Kind) -> String { "-----END BELAY \(kind.rawValue)-----" }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var text = self[...]
    while text.last == " " || text.last == "\t" || text.last == "\r" { text.removeLast() }
    return String(text)
  }
}
