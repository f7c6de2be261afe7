import CanonicalJSON
import Glibc

/// What pruning came to.
package struct PruningReport: Hashable, Sendable {
  /// How many outputs were removed.
  package var outputCount: Int64 = 0
  /// How long they were before they were compressed.
  package var bytes: Int64 = 0
  /// How many stay that are old enough.
  package var keptCount: Int64 = 0
}

extension JournalStore {
  /// The type of the records that say which outputs were pruned.
  package static let pruningType = "outputs.pruned"
  /// The most outputs that one record names.
  private static let pruningBatch = 4096

  /// What records say of outputs.
  private struct Naming {
    /// The outputs that only ended runs name, and only before the time asked for, with their lengths.
    var old: [String: Int64] = [:]
    /// The others.
    var kept: Set<String> = []
    var last: Int64 = 0
  }

  /// Removes the outputs that nothing but ended runs has named, all before a time; the log says so, and the hashes stay.
  ///
  /// - Parameters:
  ///   - cutoff: Milliseconds since the epoch.
  ///   - now: Likewise.
  ///   - person: Who asks for it.
  ///   - kept: The SHA-256 of outputs that stay.
  package func prune(
    outputsBefore cutoff: Int64, now: Int64, by person: String, except kept: Set<String> = []
  ) throws(JournalError) -> PruningReport {
    let snapshot = try snapshot()
    defer { snapshot.close() }
    let ended = try snapshot.endedRuns()
    var naming = Naming()
    try snapshot.read(into: &naming) { record in
      record.content.timestamp < cutoff && (ended.contains(record.run) || record.run == Self.ownRun)
    }
    var report = PruningReport()
    var found: [(sha256: String, bytes: Int64)] = []
    for (sha256, bytes) in naming.old.sorted(by: { $0.key < $1.key }) where try snapshot.holds(sha256) {
      guard !kept.contains(sha256) else {
        report.keptCount += 1
        continue
      }
      found.append((sha256, bytes))
    }
    while !found.isEmpty {
      let batch = found.prefix(Self.pruningBatch)
      found.removeFirst(batch.count)
      let removed = try remove(batch, after: naming.last, cutoff, now, person)
      report.outputCount += Int64(removed.count)
      report.bytes += batch.reduce(0) { removed.contains($1.sha256) ? $0 + $1.bytes : $0 }
    }
    return report
  }

  /// Removes outputs and says so in one commit; what was named again meanwhile stays.
  private func remove(
    _ batch: ArraySlice<(sha256: String, bytes: Int64)>, after last: Int64, _ cutoff: Int64, _ now: Int64,
    _ person: String
  ) throws(JournalError) -> Set<String> {
    lock.lock()
    defer { lock.unlock() }
    var since = Naming()
    since.last = last
    var removed: [String] = []
    try appendOwn { connection throws(JournalError) -> PendingRecord? in
      try Self.read(into: &since, on: connection) { _ in false }
      removed = batch.map(\.sha256).filter { !since.kept.contains($0) }
      guard !removed.isEmpty else { return nil }
      let deletion = try connection.prepared(.deleteOutput)
      for sha256 in removed {
        deletion.bind(1, sha256)
        try deletion.run()
      }
      return PendingRecord(
        timestamp: now, type: Self.pruningType, actor: person,
        data: .object([.init("before", .int(cutoff)), .init("outputs", .strings(removed))]))
    }
    for sha256 in removed { removeFile(of: sha256, unlessNewerThan: cutoff / 1000) }
    return Set(removed)
  }

  /// Removes an output's file, unless an engine has just put it there anew.
  private func removeFile(of sha256: String, unlessNewerThan time: Int64) {
    let name = OutputFile.path(of: sha256)
    let aside = StoreDirectory.outputsName + "/" + AbandonedOutputs.prefix + "pruned-" + sha256
    guard directory.rename(name, to: aside) else { return }
    if let status = directory.status(of: aside), Int64(status.st_mtim.tv_sec) >= time {
      _ = directory.rename(aside, to: name)
    } else {
      directory.remove(aside)
    }
  }

  private func endedRuns() throws(JournalError) -> Set<String> {
    lock.lock()
    defer { lock.unlock() }
    let statement = try SQLiteStatement(
      "SELECT run, line FROM records WHERE line LIKE '%\"run.ended\"%'", on: reading(), operation: "read records")
    var runs: Set<String> = []
    while try statement.step() {
      if RecordLine.parse(statement.bytes(1))?.content.type == "run.ended" { runs.insert(statement.text(0)) }
    }
    return runs
  }

  private func read(into naming: inout Naming, _ isOld: (RecordLine) -> Bool) throws(JournalError) {
    lock.lock()
    defer { lock.unlock() }
    try Self.read(into: &naming, on: reading(), isOld)
  }

  private static func read(
    into naming: inout Naming, on connection: SQLiteConnection, _ isOld: (RecordLine) -> Bool
  ) throws(JournalError) {
    let statement = try connection.prepared(.recordsAfter)
    defer { statement.reset() }
    statement.bind(1, naming.last)
    statement.bind(2, -1)
    while try statement.step() {
      naming.last = statement.int(0)
      // Without knowing what it names, nothing may be removed.
      guard let record = RecordLine.parse(statement.bytes(2)) else {
        throw .damaged(
          path: "journal.sqlite", detail: "record \(naming.last) cannot be read; `belay audit verify` says more")
      }
      let names = record.content.data.map(RecordReading.outputs) ?? []
      guard !names.isEmpty else { continue }
      if isOld(record) {
        for name in names where !naming.kept.contains(name.sha256) { naming.old[name.sha256] = name.bytes }
      } else {
        for name in names {
          naming.kept.insert(name.sha256)
          naming.old[name.sha256] = nil
        }
      }
    }
  }

  private func holds(_ sha256: String) throws(JournalError) -> Bool {
    guard ContentHash(hex: sha256) != nil else { return false }
    if try smallOutput(sha256) != nil { return true }
    return directory.exists(OutputFile.path(of: sha256))
  }
}
