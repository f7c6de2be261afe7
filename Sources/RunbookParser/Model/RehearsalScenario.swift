/// A scenario for a runbook: what the world and people say, what goes wrong, and what must come of it.
package struct RehearsalScenario: Sendable {
  /// The runbook's name.
  package var runbook: String
  /// What is rehearsed, in a few words.
  package var name: String
  /// When the run begins, in milliseconds since the epoch; nil where it says nothing.
  package var clock: Int64?
  /// What actions and checks come to, by address; attempt by attempt, the last one from then on.
  package var answers: [String: [Answer]]
  /// What people say, by address, in order; an empty list where nobody says anything.
  package var people: [String: [Saying]]
  /// What goes wrong.
  package var faults: [Fault]
  /// What the operator does with the run once it is over, or once its engine has stopped, in order.
  package var then: [Act]
  /// What must come of it.
  package var expectation: Expectation

  /// A scenario in which nothing is said: everything succeeds.
  package init(runbook: String, name: String) {
    self.runbook = runbook
    self.name = name
    self.answers = [:]
    self.people = [:]
    self.faults = []
    self.then = []
    self.expectation = Expectation()
  }

  /// What one attempt of an action or a check comes to.
  package struct Answer: Sendable, Hashable {
    /// How it ends.
    package enum Ending: Sendable, Hashable {
      /// As well as it can.
      case success
      /// A program ends with this status.
      case exit(Int)
      /// A program is ended by this signal.
      case signal(Int)
      /// A server answers with this status.
      case status(Int)
      /// It cannot be started, or no answer comes, for this reason.
      case error(String)
      /// A check holds, or does not.
      case holds(Bool)
    }

    /// How it ends.
    package var ending = Ending.success
    /// Standard output, or the body of an answer; nil where nothing is said of it.
    package var text: String?
    /// Standard error.
    package var errors = ""
    /// The fields of an answer's head.
    package var headers: [Header] = []
    /// Values of outputs, in place of those that would be worked out from the result.
    package var outputs: [NamedValue] = []
    /// Whether the action took effect; nil where it did if it succeeded.
    package var applied: Bool?
    /// How long it takes, in milliseconds; nil for as long as such a thing takes where nobody says.
    package var takes: Int64?
    /// Until when it is the answer, in milliseconds from when the address was first asked; nil for one attempt.
    package var until: Int64?

    package init() {}

    /// A field of an answer's head.
    package struct Header: Sendable, Hashable {
      /// The name in lower case.
      package var name: String
      /// The value.
      package var value: String

      package init(name: String, value: String) {
        self.name = name
        self.value = value
      }
    }
  }

  /// What an operator does with a run that no engine drives.
  package enum Act: String, Sendable, Hashable, CaseIterable {
    /// `belay resume`.
    case resume
    /// `belay rollback`.
    case rollback
  }

  /// What somebody says.
  package struct Saying: Sendable, Hashable {
    /// What is said.
    package enum Words: Sendable, Hashable {
      /// A yes or a no to a gate, by this person.
      case vote(String, approves: Bool)
      /// A yes or a no.
      case confirm(Bool)
      /// An option.
      case choose(String)
      /// An item is ticked, refused, or not applicable (nil).
      case tick(Bool?)
      /// It was done, with these values.
      case fields([NamedValue])
    }

    /// What is said.
    package var words: Words
    /// Who says it; nil for whoever is there.
    package var by: String?
    /// Why.
    package var reason: String
    /// How long after the question, in milliseconds; nil for as long as people take where nobody says.
    package var after: Int64?

    package init(_ words: Words, by: String? = nil, reason: String = "", after: Int64? = nil) {
      self.words = words
      self.by = by
      self.reason = reason
      self.after = after
    }
  }

  /// Something that goes wrong.
  package struct Fault: Sendable, Hashable {
    /// The kinds.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
      /// The engine dies once the intent is durable, before the action starts.
      case crashBefore = "crash-before"
      /// The engine dies once the action took effect, before it knows.
      case crashAfter = "crash-after"
      /// The action ends without success.
      case exit
      /// The action goes on until its time is over.
      case timeout
      /// The step's verification never holds.
      case verifyFails = "verify-fails"
      /// The step's way back ends without success.
      case rollbackFails = "rollback-fails"
      /// The intent cannot be written.
      case journalFull = "journal-full"
    }

    /// Where.
    package var address: String
    /// What.
    package var kind: Kind

    package init(_ kind: Kind, at address: String) {
      self.address = address
      self.kind = kind
    }

    /// The address of a record of the run.
    package static func address(ofRecord number: Int) -> String { "records.\(number)" }

    /// The record after which the engine dies, counted from 1, where it is not said of an effect.
    package var record: Int? {
      guard kind == .crashAfter, address.hasPrefix("records.") else { return nil }
      return Int(address.dropFirst("records.".count)).flatMap { $0 > 0 ? $0 : nil }
    }
  }

  /// How a run may end, `interrupted` among it.
  package enum Outcome: String, Sendable, Hashable, CaseIterable {
    case succeeded
    case rolledBack = "rolled-back"
    case failed
    case unmet
    case denied
    case stopped
    case rollbackIncomplete = "rollback-incomplete"
    case aborted
    case interrupted
  }

  /// What a step may have come to.
  package enum Status: String, Sendable, Hashable, CaseIterable {
    case succeeded
    case failed
    case skipped
    case rolledBack = "rolled-back"
    case notRun = "not-run"
  }

  /// What must come of a rehearsal; what is nil may be as it will.
  package struct Expectation: Sendable, Hashable {
    /// How the run ends.
    package var outcome: Outcome?
    /// The changes and ways back in the order of their first intents, such as `promote` and `undo promote`.
    package var order: [String]?
    /// Addresses of what must not start.
    package var never: [String] = []
    /// What steps come to, by address.
    package var statuses: [Step] = []
    /// How long it may take, in simulated milliseconds.
    package var within: Int64?
    /// The addresses of the steps whose changes are left.
    package var residue: [String]?

    package init() {}

    /// What a step must come to.
    package struct Step: Sendable, Hashable {
      /// The step's address.
      package var address: String
      /// What it must come to.
      package var status: Status
    }
  }
}
