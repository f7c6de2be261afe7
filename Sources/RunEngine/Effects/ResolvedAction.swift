import Expressions
import RunbookParser

/// A text with nothing left to work out, or the name of a secret.
package enum ResolvedText: Hashable, Sendable {
  /// The text.
  case text(String)
  /// The value of this secret, which only the performer sees.
  case secret(String)
}

/// A name and what belongs to it.
package struct ResolvedVariable: Hashable, Sendable {
  /// The name.
  package var name: String
  /// The value.
  package var value: ResolvedText

  package init(name: String, value: ResolvedText) {
    self.name = name
    self.value = value
  }
}

/// A program as it will be started.
package struct ResolvedProgram: Hashable, Sendable {
  /// The argument list, the program first.
  package var arguments: [String]
  /// Variables added to the inherited ones.
  package var environment: [ResolvedVariable]
  /// The working directory; the engine's own if nil.
  package var directory: String?
  /// What stands on standard input.
  package var input: ResolvedText?
  /// Where it runs; on the engine's machine if nil.
  package var place: ResolvedPlace?

  package init(
    arguments: [String], environment: [ResolvedVariable] = [], directory: String? = nil, input: ResolvedText? = nil,
    place: ResolvedPlace? = nil
  ) {
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
    self.input = input
    self.place = place
  }
}

/// A request as it will be sent.
package struct ResolvedHTTPCall: Hashable, Sendable {
  /// The method in upper case.
  package var method: String
  /// The address.
  package var url: String
  /// Header fields in order.
  package var headers: [ResolvedVariable]
  /// What is sent.
  package var body: ResolvedText?
  /// Whether redirections are followed.
  package var follow: Bool
  /// A file of certificates that are trusted besides the system's.
  package var ca: String?

  package init(
    method: String, url: String, headers: [ResolvedVariable] = [], body: ResolvedText? = nil, follow: Bool = false,
    ca: String? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.follow = follow
    self.ca = ca
  }
}

/// An action with everything worked out, as its intent records it.
package enum ResolvedAction: Hashable, Sendable {
  /// Starts a program; `dryRun` is what a dry run does instead.
  indirect case program(ResolvedProgram)
  /// Sends a request.
  indirect case http(ResolvedHTTPCall)
  /// Asks a person.
  indirect case ask(Question)
  /// Waits, in milliseconds.
  case wait(Int64)
  /// Done by the state machine itself: a decision, a checklist, an assertion, a check.
  case inner
}
