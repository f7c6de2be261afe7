import CanonicalJSON
import Expressions
import Journal
import RunEngine
import RunbookParser
import TerminalText

/// The words and signs in which runs are shown.
package struct RunWords: Sendable {
  /// The styles a terminal knows.
  package enum Style: String, Sendable {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
  }

  /// Whether styles are written.
  package let colour: Bool

  package init(colour: Bool) { self.colour = colour }

  /// A text in a style.
  package func paint(_ text: String, _ style: Style) -> String {
    colour && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// A text in which nothing can move the cursor or change the terminal: control characters are shown as pictures.
  package static func harmless(_ text: String) -> String { TerminalText.harmless(text) }

  /// The same with a mark before each further line, so that none of them looks like one of this program's.
  package static func marked(_ text: String) -> String {
    harmless(text).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n      │ ")
  }

  /// Those whose answer counts.
  static func audience(_ audience: Audience) -> String {
    harmless("\(audience.logins.joined(separator: " or ")) (\(audience.roles.joined(separator: " or ")))")
  }

  /// Whose yes a gate takes.
  static func demands(_ approval: Approval) -> String {
    harmless(
      approval.demands.map { "\($0.count) of \($0.roles.joined(separator: " or "))" }.joined(separator: ", and "))
  }

  /// How somebody is known.
  package static func identity(_ identity: Identity) -> String {
    switch identity {
    case .key(let fingerprint): "signed with \(harmless(fingerprint))"
    case .login: "unproven"
    }
  }

  /// Who started a run, and how that is known.
  package static func starter(of run: RunStart) -> String {
    guard let starter = run.starter else { return harmless(run.operatorName) + ", unproven" }
    return harmless(starter.person) + ", " + identity(.key(starter.fingerprint))
  }

  /// A time in milliseconds since the epoch, as RFC 3339 in UTC.
  package static func time(_ milliseconds: Int64) -> String {
    Value.timestamp(Timestamp(milliseconds: milliseconds)).rendered
  }

  /// A length of time as people read it: `240ms`, `1.24s`, `12s`, `3m 5s`.
  package static func length(_ milliseconds: Int64) -> String {
    if milliseconds < 1000 { return "\(milliseconds)ms" }
    if milliseconds < 10_000 {
      let hundredths = (milliseconds % 1000) / 10
      return "\(milliseconds / 1000).\(hundredths < 10 ? "0" : "")\(hundredths)s"
    }
    let seconds = milliseconds / 1000
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3600 { return "\(seconds / 60)m \(seconds % 60)s" }
    return "\(seconds / 3600)h \(seconds % 3600 / 60)m"
  }

  /// An argument list as a shell would read it, for people.
  package static func commandLine(_ arguments: [String]) -> String {
    arguments.map { word in
      let safe =
        !word.isEmpty
        && word.utf8.allSatisfy { byte in
          switch byte {
          case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
          case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"),
            UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "%"):
            true
          default: byte >= 0x80
          }
        }
      if safe { return word }
      return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }.joined(separator: " ")
  }

  /// What an action does, in one line.
  package static func describe(_ action: ResolvedAction, planned: Action?) -> String {
    let text: String
    switch action {
    case .program(let program):
      if case .program(let planned)? = planned, case .script(let script, _) = planned.command {
        let lines = script.split(separator: "\n")
        text = "run: " + (lines.first.map(String.init) ?? "") + (lines.count > 1 ? " …" : "")
      } else {
        text = commandLine(program.arguments)
      }
    case .http(let call): text = "\(call.method) \(call.url)"
    case .ask(let question): text = question.text
    case .wait(let milliseconds): text = "wait \(DurationText.render(milliseconds))"
    case .inner:
      switch planned {
      case .assert(let expression)?: text = "assert \(expression.source)"
      case .decide?: text = "decide"
      case .checklist?: text = "checklist"
      default: text = "check"
      }
    }
    let line = text.split(separator: "\n").joined(separator: " ⏎ ")
    var place = ""
    if case .program(let program) = action, let elsewhere = program.place { place = " on \(elsewhere.description)" }
    return harmless((line.count > 160 ? line.prefix(159) + "…" : line) + place)
  }

  /// How much an outcome is worth, where it was not simply seen.
  package static func mark(_ evidence: Evidence) -> String {
    evidence == .observed ? "" : " (\(evidence.rawValue))"
  }
}
