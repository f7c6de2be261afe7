import Journal
import RunEngine

/// The stored outputs that must stay: runs are read by working them out again from their records, and expressions read
/// outputs.
package struct NeededOutputs {
  /// Those without which a run that has ended could not be read.
  package private(set) var ofRuns: Set<String> = []
  /// Those of dry runs that people looked at whose votes may still be counted.
  package private(set) var ofVotes: Set<String> = []

  /// Looks through the runs of a store.
  ///
  /// - Parameter cutoff: What was recorded at this time or later is not asked about, in milliseconds since the epoch.
  package init(in store: JournalStore, before cutoff: Int64) throws {
    let seen = try Ballot.dryRunsThatCount(in: store)
    for entry in try store.runs() {
      let records = try store.records(ofRun: entry.id).map { ($0.seq, try $0.parsed().content) }
      guard let first = records.first, first.1.timestamp < cutoff, records.contains(where: { $0.1.type == "run.ended" })
      else { continue }
      var run = Reading(id: entry.id, records: records, store: store)
      guard let whole = run.outcome(without: []) else { continue }
      if seen.contains(entry.id) {
        ofVotes.formUnion(run.asked)
      } else {
        ofRuns.formUnion(run.needed(of: run.asked.sorted()[...], without: [], for: whole).kept)
      }
    }
  }

  /// A run that is read again and again, each time without other outputs.
  private struct Reading {
    let id: String
    let records: [(seq: Int64, content: PendingRecord)]
    let store: JournalStore
    /// The outputs that were there when it was read.
    var asked: Set<String> = []

    /// What reading shows; nil where the run cannot be read so.
    mutating func outcome(without removed: Set<String>) -> [String]? {
      var asked: Set<String> = []
      let run = try? StoredRun(id, of: records) { sha256 in
        if removed.contains(sha256) { return nil }
        let head = try StoredRun.head(of: sha256, in: store)
        if head != nil { asked.insert(sha256) }
        return head
      }
      if removed.isEmpty { self.asked = asked }
      guard let state = run?.state else { return nil }
      return state.standing
    }

    /// Those of `outputs` that are needed for an outcome, and what may be removed together with what was found before.
    mutating func needed(
      of outputs: ArraySlice<String>, without removed: Set<String>, for whole: [String]
    ) -> (kept: Set<String>, removed: Set<String>) {
      if outputs.isEmpty { return ([], removed) }
      let all = removed.union(outputs)
      if outcome(without: all) == whole { return ([], all) }
      if outputs.count == 1 { return (Set(outputs), removed) }
      let middle = outputs.startIndex + outputs.count / 2
      let first = needed(of: outputs[..<middle], without: removed, for: whole)
      let second = needed(of: outputs[middle...], without: first.removed, for: whole)
      return (first.kept.union(second.kept), second.removed)
    }
  }
}
