import Expressions
import RunbookParser

/// What approvers are asked about: what will be done, and whose yes it takes.
package struct ApprovalRequest: Hashable, Sendable {
  /// Whose yes it takes.
  package var approval: Approval
  /// When it is too late, in milliseconds since the epoch; never if nil.
  package var expires: Int64?
  /// What will be done; nil where the step holds others.
  package var action: ResolvedAction?
  /// The items of a repetition.
  package var items: [Value]
  /// The inputs of a called runbook.
  package var inputs: [NamedValue]
  /// What the steps inside will do, as far as it is known.
  package var inside: [Inner]

  /// A step inside the one that is asked about.
  package struct Inner: Hashable, Sendable {
    /// Its name with the steps around it.
    package var path: String
    /// What it will do; nil where that rests on what a step before it will give.
    package var action: ResolvedAction?

    package init(path: String, action: ResolvedAction?) {
      self.path = path
      self.action = action
    }
  }

  package init(
    approval: Approval, expires: Int64? = nil, action: ResolvedAction? = nil, items: [Value] = [],
    inputs: [NamedValue] = [], inside: [Inner] = []
  ) {
    self.inside = inside
    self.approval = approval
    self.expires = expires
    self.action = action
    self.items = items
    self.inputs = inputs
  }
}

/// How somebody is known. Never a name that was typed.
package enum Identity: Hashable, Sendable {
  /// By a key, which its fingerprint names: `SHA256:…`.
  case key(String)
  /// By the login name alone, which proves nothing.
  case login(String)
}

/// What somebody said about a gate.
package struct Vote: Hashable, Sendable {
  /// The number of the record that holds it.
  package var record: Int64
  /// Who said it, by the name in the project's file.
  package var person: String
  /// How they are known.
  package var identity: Identity
  /// Yes or no.
  package var approves: Bool
  /// Why.
  package var reason: String
  /// When it was recorded, in milliseconds since the epoch.
  package var time: Int64

  package init(record: Int64, person: String, identity: Identity, approves: Bool, reason: String, time: Int64) {
    self.record = record
    self.person = person
    self.identity = identity
    self.approves = approves
    self.reason = reason
    self.time = time
  }
}

extension Vote {
  /// Who said it, and that it is not proven where it is not.
  package var known: String {
    if case .login = identity { "\(person) (unproven)" } else { person }
  }
}

/// A vote that no longer counts.
package struct VoidVote: Hashable, Sendable {
  /// The number of the record that holds it.
  package var record: Int64
  /// Why it does not.
  package var reason: String

  package init(record: Int64, reason: String) {
    self.record = record
    self.reason = reason
  }
}

/// Where a project's policy stands, and what it was.
package struct PolicyMark: Hashable, Sendable {
  /// The path of the project's file.
  package var path: String
  /// The SHA-256 of all it said of people, keys and rules, in hexadecimal.
  package var sha256: String

  package init(path: String, sha256: String) {
    self.path = path
    self.sha256 = sha256
  }
}

/// Who started a run, proven by a signature.
package struct ProvenStarter: Hashable, Sendable {
  /// The name in the project's file.
  package var person: String
  /// The fingerprint of the key: `SHA256:…`.
  package var fingerprint: String
  /// What was signed.
  package var statement: String
  /// The signature, in OpenSSH's armor.
  package var signature: String

  package init(person: String, fingerprint: String, statement: String, signature: String) {
    self.person = person
    self.fingerprint = fingerprint
    self.statement = statement
    self.signature = signature
  }
}
