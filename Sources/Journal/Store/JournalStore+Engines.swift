import Glibc

extension JournalStore {
  /// Makes this process the engine of a run: takes its lock and counts its epoch up, durably.
  ///
  /// - Throws: `engineBusy` where a live engine drives the run, `unusableRunName`, and what makes a commit fail.
  package func claimEngine(run: String) throws(JournalError) -> EngineClaim {
    lock.lock()
    defer { lock.unlock() }
    _ = try writing()
    let lockFile = try EngineLockFile(run, in: directory)
    let file = try lockFile.take()
    do {
      let epoch = try commit { connection throws(JournalError) in
        let claim = try connection.prepared(.claimRun)
        claim.bind(1, run)
        try claim.run()
        let row = try connection.prepared(.run)
        defer { row.reset() }
        row.bind(1, run)
        return try row.step() ? row.int(0) : 0
      }
      try lockFile.begin(file, epoch: epoch)
      return EngineClaim(run: run, epoch: epoch, file: file)
    } catch {
      Glibc.close(file)
      throw error
    }
  }

  /// What the last engines of a run have noted, up to those before the last that ended in order.
  package func readNotes(run: String) -> [String] {
    guard let lockFile = try? EngineLockFile(run, in: directory) else { return [] }
    return lockFile.notes
  }

  /// Whether a live process drives the run.
  package func isEngineAlive(run: String) -> Bool {
    guard let lockFile = try? EngineLockFile(run, in: directory) else { return false }
    return lockFile.isTaken
  }
}
