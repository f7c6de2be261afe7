import Expressions
import RunbookParser

/// How much an outcome is worth as evidence.
package enum Evidence: String, Hashable, Sendable, CaseIterable {
  /// It was seen.
  case observed
  /// It was taken for granted, as a dry run does.
  case assumed
  /// A scenario said so.
  case scripted
}

/// What a program wrote to one stream, redacted.
package struct CapturedOutput: Hashable, Sendable {
  /// The beginning, at most 1 MiB; malformed UTF-8 is repaired.
  package var text: String
  /// The size of the whole, in bytes.
  package var bytes: Int64
  /// The SHA-256 of the whole in hexadecimal, under which it is stored; nil if nothing was written.
  package var sha256: String?
  /// Whether `text` is not the whole.
  package var truncated: Bool
  /// Whether it is stored; only its size and its hash are known if not.
  package var isKept: Bool

  package init(
    text: String = "", bytes: Int64 = 0, sha256: String? = nil, truncated: Bool = false, isKept: Bool = true
  ) {
    self.isKept = isKept
    self.text = text
    self.bytes = bytes
    self.sha256 = sha256
    self.truncated = truncated
  }
}

/// An answer over HTTP.
package struct HTTPAnswer: Hashable, Sendable {
  /// The status.
  package var status: Int
  /// The fields, with lower-case names, in order.
  package var headers: [Header]
  /// The body.
  package var body: CapturedOutput
  /// When the server's certificate expires, in seconds since the epoch.
  package var certificateExpires: Int64?

  /// A header field.
  package struct Header: Hashable, Sendable {
    /// The name in lower case.
    package var name: String
    /// The value.
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(status: Int, headers: [Header], body: CapturedOutput, certificateExpires: Int64? = nil) {
    self.status = status
    self.headers = headers
    self.body = body
    self.certificateExpires = certificateExpires
  }
}

/// How an attempt of an action or a probe ended.
package struct ActionEnd: Hashable, Sendable {
  /// The ways to end.
  package enum Ending: Hashable, Sendable {
    /// The program ended by itself.
    case exited(status: Int, stdout: CapturedOutput, stderr: CapturedOutput)
    /// The program was ended by a signal.
    case signalled(signal: Int, stdout: CapturedOutput, stderr: CapturedOutput)
    /// An answer came.
    case answered(HTTPAnswer)
    /// No answer came; the text says why.
    case unanswered(String)
    /// Ended on request before it was over.
    case cancelled
    /// Nothing was done: success is taken for granted.
    case assumed
    /// Nothing was done: failure is taken for granted.
    case refuted
  }

  /// How it ended.
  package var ending: Ending
  /// How long it took, in milliseconds.
  package var duration: Int64
  /// What it is worth as evidence.
  package var evidence: Evidence
  /// What happened besides, such as processes that had to be ended.
  package var notes: [String]
  /// Whether what was to be done may have been, though no answer came; not where no connection was made.
  package var mayHaveReached: Bool
  /// What the step's `dry-run` program wrote, where that stands for the action.
  package var trial: Trial?
  /// Values that stand for outputs, in place of those that would be worked out from the result.
  package var given: [NamedValue]

  /// The output of a program that tries what an action would do.
  package struct Trial: Hashable, Sendable {
    package var stdout: CapturedOutput
    package var stderr: CapturedOutput

    package init(stdout: CapturedOutput, stderr: CapturedOutput) {
      self.stdout = stdout
      self.stderr = stderr
    }
  }

  package init(
    _ ending: Ending, duration: Int64 = 0, evidence: Evidence = .observed, notes: [String] = [],
    mayHaveReached: Bool = true, trial: Trial? = nil, given: [NamedValue] = []
  ) {
    self.given = given
    self.trial = trial
    self.mayHaveReached = mayHaveReached
    self.ending = ending
    self.duration = duration
    self.evidence = evidence
    self.notes = notes
  }
}

extension ActionEnd {
  /// What was captured, by the names that expressions and records have for it.
  package var captured: [(name: String, output: CapturedOutput)] {
    switch ending {
    case .exited(_, let stdout, let stderr), .signalled(_, let stdout, let stderr):
      [("stdout", stdout), ("stderr", stderr)]
    case .answered(let answer): [("body", answer.body)]
    case .assumed: trial.map { [("stdout", $0.stdout), ("stderr", $0.stderr)] } ?? []
    case .unanswered, .cancelled, .refuted: []
    }
  }
}

/// A process as the kernel knows it, beyond the reuse of its number.
package struct ProcessMark: Hashable, Sendable {
  /// The process's number, which is its session's too.
  package var pid: Int32
  /// When it started, in clock ticks since the machine did.
  package var startTime: UInt64
  /// Which start of the machine.
  package var bootID: String

  package init(pid: Int32, startTime: UInt64, bootID: String) {
    self.pid = pid
    self.startTime = startTime
    self.bootID = bootID
  }
}
