/// The fixes of some diagnostics of one file, applied to its text.
public struct FixApplication: Sendable {
  /// The text afterwards.
  public let bytes: [UInt8]
  /// The diagnostics whose fixes were applied, in the order of their places.
  public let applied: [Diagnostic]

  /// Applies the fixes from the first place to the last; one that overlaps an earlier one is left for another round.
  ///
  /// Diagnostics of other files are passed over. Two fixes that insert at one place overlap.
  public init(_ diagnostics: [Diagnostic], to source: SourceText) {
    var taken: [ByteSpan] = []
    var edits: [Diagnostic.Edit] = []
    var applied: [Diagnostic] = []
    for diagnostic in diagnostics.sortedForDisplay() where diagnostic.source === source {
      guard let fix = diagnostic.fix, !fix.edits.isEmpty,
        fix.edits.allSatisfy({ edit in
          Int(edit.span.end) <= source.bytes.count && !taken.contains { Self.overlap($0, edit.span) }
        })
      else { continue }
      taken += fix.edits.map(\.span)
      edits += fix.edits
      applied.append(diagnostic)
    }
    var bytes = source.bytes
    for edit in edits.sorted(by: { $0.span > $1.span }) {
      bytes.replaceSubrange(Int(edit.span.start)..<Int(edit.span.end), with: Array(edit.replacement.utf8))
    }
    self.bytes = bytes
    self.applied = applied
  }

  private static func overlap(_ a: ByteSpan, _ b: ByteSpan) -> Bool {
    if a == b { return true }
    // An insertion at the edge of a replacement would leave their order open.
    if a.start == a.end || b.start == b.end { return a.start <= b.end && b.start <= a.end }
    return a.start < b.end && b.start < a.end
  }
}
