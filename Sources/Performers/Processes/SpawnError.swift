import Glibc

/// Why a program was not started: nothing ran.
package enum SpawnError: Error, Sendable, Hashable {
  /// There is no first word.
  case emptyCommand
  /// A text with a NUL in it cannot be handed to a program.
  case containsNUL(part: String)
  /// An environment variable's name is empty or has `=` or NUL in it.
  case invalidVariableName(String)
  /// `PATH` has no such program; nil where `PATH` is not set.
  case notFound(program: String, searched: String?)
  /// There is such a file, but it cannot be run.
  case notRunnable(path: String, reason: String)
  /// The working directory cannot be entered.
  case directory(path: String, reason: String)
  /// One argument is longer than the kernel takes.
  case argumentTooLong(index: Int, bytes: Int)
  /// The arguments and the environment together are longer than the kernel takes.
  case commandTooLong(bytes: Int)
  /// This machine or user has no more of something.
  case exhausted(reason: String)
  /// This kernel, or what confines this process, lacks what it takes to watch a program.
  case unsupported(reason: String)
  /// It was started, could not be watched for want of a descriptor, and was killed at once.
  case unwatchable(reason: String)
  /// The supervisor has been shut down.
  case shutDown

  /// False where the program did run for a moment.
  package var neverStarted: Bool {
    if case .unwatchable = self { false } else { true }
  }

  /// What went wrong, where, and what to do about it.
  package var message: String {
    switch self {
    case .emptyCommand: "there is no program to start: the argument list is empty"
    case .containsNUL(let part): "\(part) contains a NUL, which no program can be given; remove it"
    case .invalidVariableName(let name):
      "\"\(name)\" cannot be the name of an environment variable: it must not be empty or contain \"=\" or NUL"
    case .notFound(let program, let searched?):
      "the program \"\(program)\" is not in PATH (\(searched)); install it or give its path"
    case .notFound(let program, nil):
      "the program \"\(program)\" cannot be searched: PATH is not set in its environment; set it or give its path"
    case .notRunnable(let path, let reason): "\(path) cannot be run: \(reason)"
    case .directory(let path, let reason): "the working directory \(path) cannot be used: \(reason)"
    case .argumentTooLong(let index, let bytes):
      "argument \(index) has \(bytes) bytes, and the kernel takes less than \(SpawnError.longestArgument); "
        + "pass it on standard input or in a file"
    case .commandTooLong(let bytes):
      "the arguments and the environment have \(bytes) bytes together, more than the kernel takes; "
        + "pass data on standard input or in a file"
    case .exhausted(let reason): "no program can be started now: \(reason)"
    case .unsupported(let reason):
      "no program can be watched here: \(reason); Linux 5.4 or later is needed, with pidfd_open and waitid allowed"
    case .unwatchable(let reason):
      "the program was started and ended at once, because it could not be watched: \(reason)"
    case .shutDown: "no program is started any more: the engine is ending"
    }
  }

  /// `MAX_ARG_STRLEN`, with its NUL: execve(2).
  static let longestArgument = 131_072
}

/// The text of an `errno`.
func errorText(_ number: Int32) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    guard let start = buffer.baseAddress, strerror_r(number, start, buffer.count) == 0 else {
      return "error \(number)"
    }
    return String(cString: start)
  }
}
