/// A program to start: what, with which environment, where, and what it reads.
package struct ProcessRequest: Sendable {
  /// The program and its arguments; a first word without `/` is searched in the `PATH` of `environment`.
  package var argv: [String]
  package var environment: EnvironmentBlock
  /// Variables of this start alone; they override those of `environment`.
  package var additions: [EnvironmentVariable]
  /// The working directory; nil is the engine's.
  package var directory: String?
  /// What standard input gives; nil is `/dev/null`. That the program does not read it is no error.
  package var input: [UInt8]?
  /// Whether standard input stays open once `input` is given, until the program ends or is stopped: more can be sent,
  /// and a stop closes it and leaves the ending to the program, with KILL as ever. Means nothing where `input` is nil.
  package var holdsInput: Bool

  package init(
    argv: [String], environment: EnvironmentBlock, additions: [EnvironmentVariable] = [], directory: String? = nil,
    input: [UInt8]? = nil, holdsInput: Bool = false
  ) {
    self.argv = argv
    self.environment = environment
    self.additions = additions
    self.directory = directory
    self.input = input
    self.holdsInput = holdsInput
  }
}
