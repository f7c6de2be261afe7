/// How much a diagnostic matters.
public enum Severity: String, Sendable, Hashable, Comparable {
  /// The runbook cannot be used.
  case error
  /// The runbook can be used, and is likely wrong.
  case warning

  /// Errors come before warnings.
  public static func < (a: Severity, b: Severity) -> Bool { a == .error && b == .warning }
}

/// The stable name of a kind of mistake, such as `BLY0103`.
public struct DiagnosticCode: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The code as it is shown.
  public let rawValue: String

  /// A code from its text, `BLY` and four digits.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The code as it is shown.
  public var description: String { rawValue }

  /// Alphabetical order.
  public static func < (a: DiagnosticCode, b: DiagnosticCode) -> Bool { a.rawValue < b.rawValue }
}

/// One mistake in one file, with the place it is at and, where there is one right answer, its fix.
public struct Diagnostic: Sendable {
  /// A second place that explains the first.
  public struct Label: Sendable {
    /// The file of the place.
    public var source: SourceText
    /// The bytes of the place.
    public var span: ByteSpan
    /// What is there.
    public var message: String

    /// A labelled place.
    public init(source: SourceText, span: ByteSpan, message: String) {
      self.source = source
      self.span = span
      self.message = message
    }
  }

  /// A replacement of some bytes by a text.
  public struct Edit: Sendable, Hashable {
    /// The bytes replaced; an empty span inserts.
    public var span: ByteSpan
    /// What stands there afterwards.
    public var replacement: String

    /// An edit of the diagnostic's own file.
    public init(span: ByteSpan, replacement: String) {
      self.span = span
      self.replacement = replacement
    }
  }

  /// The one right answer to a mistake.
  public struct Fix: Sendable, Hashable {
    /// What the fix does, as an imperative: "quote the text".
    public var title: String
    /// Edits that do not overlap.
    public var edits: [Edit]

    /// A fix from its edits.
    public init(title: String, edits: [Edit]) {
      self.title = title
      self.edits = edits
    }
  }

  /// The kind of mistake.
  public var code: DiagnosticCode
  /// How much it matters.
  public var severity: Severity
  /// What is wrong, in one sentence without a final stop.
  public var message: String
  /// The file of the mistake.
  public var source: SourceText
  /// The primary place.
  public var span: ByteSpan
  /// Other places that explain it.
  public var labels: [Label]
  /// What to do about it, and why it is a mistake.
  public var notes: [String]
  /// The one right answer, where there is one.
  public var fix: Fix?

  /// A diagnostic at a place.
  public init(
    _ code: DiagnosticCode, _ message: String, severity: Severity = .error, source: SourceText, span: ByteSpan,
    labels: [Label] = [], notes: [String] = [], fix: Fix? = nil
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.source = source
    self.span = span
    self.labels = labels
    self.notes = notes
    self.fix = fix
  }
}

extension [Diagnostic] {
  /// Whether one of them is an error.
  public var hasErrors: Bool { contains { $0.severity == .error } }

  /// The order they are shown in: file, offset, code, message.
  public func sortedForDisplay() -> [Diagnostic] {
    sorted {
      ($0.source.name, $0.span, $0.code, $0.message) < ($1.source.name, $1.span, $1.code, $1.message)
    }
  }
}
