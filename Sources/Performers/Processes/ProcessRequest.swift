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

  package init(
    argv: [String], environment: EnvironmentBlock, additions: [EnvironmentVariable] = [], directory: String? = nil,
    input: [UInt8]? = nil
  ) {
    self.argv = argv
    self.environment = environment
    self.additions = additions
    self.directory = directory
    self.input = input
  }
}
