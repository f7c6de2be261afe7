import Expressions
import RunbookParser

/// Something that only a person can say.
package struct Question: Hashable, Sendable {
  /// What kind of answer is asked for.
  package enum Kind: Hashable, Sendable {
    /// Yes or no; `typing` is what must be typed for a yes.
    case confirm(typing: String?)
    /// That something was done, and values.
    case manual(fields: [FieldDeclaration])
    /// A tick, with a line of evidence or as not applicable.
    case tick(evidence: Bool, notApplicable: Bool)
    /// One of some options.
    case choose([Choice])
    /// Approvals.
    indirect case approval(ApprovalRequest)
  }

  /// An option.
  package struct Choice: Hashable, Sendable {
    /// What an answer says.
    package var id: String
    /// What a person sees.
    package var title: String

    package init(id: String, title: String) {
      self.id = id
      self.title = title
    }
  }

  /// What a person sees.
  package var text: String
  /// The kind of answer.
  package var kind: Kind
  /// Whose answer counts; anybody's if nil.
  package var audience: Audience?

  package init(text: String, kind: Kind, audience: Audience? = nil) {
    self.text = text
    self.kind = kind
    self.audience = audience
  }
}

/// Those whose answer to a question counts.
package struct Audience: Hashable, Sendable {
  /// The roles that the runbook names.
  package var roles: [String]
  /// The names under which the people who have them are logged in.
  package var logins: [String]

  package init(roles: [String], logins: [String]) {
    self.roles = roles
    self.logins = logins
  }
}

/// What a person said.
package enum Answer: Hashable, Sendable {
  /// Yes, or done, with the values typed.
  case yes(fields: [NamedValue])
  /// No; a reason may be given.
  case no(String)
  /// Ticked as not applicable.
  case notApplicable
  /// An option, by its id.
  case choice(String)
  /// A vote about a gate.
  case vote(Vote)
}
