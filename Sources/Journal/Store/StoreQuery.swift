/// The statements that are kept prepared.
enum StoreQuery: Int, CaseIterable {
  case begin
  case commit
  case rollback
  case dataVersion
  case head
  case insertRecord
  case run
  case setFirstSeq
  case claimRun
  case lockHolder
  case insertLock
  case releaseLocks
  case insertOutput
  case output
  case deleteOutput
  case outputNames
  case recordsOfRun
  case recordsOfRunAfter
  case recordsAfter
  case runs
  case locks
  case wronglyListedRuns
  case unlistedRuns
  case line
  case logKeys
  case insertLogKey
  case insertCheckpoint
  case updateCheckpoint
  case checkpoints
  case lastCheckpoint
  case firstCheckpointFrom

  var sql: String {
    switch self {
    case .begin: "BEGIN IMMEDIATE"
    case .commit: "COMMIT"
    case .rollback: "ROLLBACK"
    case .dataVersion: "PRAGMA data_version"
    case .head: "SELECT seq, line FROM records ORDER BY seq DESC LIMIT 1"
    case .insertRecord: "INSERT INTO records (seq, run, line) VALUES (?, ?, ?)"
    case .run: "SELECT epoch, first_seq FROM runs WHERE run = ?"
    case .setFirstSeq: "UPDATE runs SET first_seq = ? WHERE run = ?"
    case .claimRun:
      "INSERT INTO runs (run, epoch) VALUES (?, 1) ON CONFLICT (run) DO UPDATE SET epoch = epoch + 1"
    case .lockHolder: "SELECT run FROM locks WHERE name = ? AND environment = ?"
    case .insertLock: "INSERT INTO locks (name, environment, run) VALUES (?, ?, ?)"
    case .releaseLocks: "DELETE FROM locks WHERE run = ?"
    case .insertOutput: "INSERT OR IGNORE INTO outputs (sha256, size, gzip) VALUES (?, ?, ?)"
    case .output: "SELECT size, gzip FROM outputs WHERE sha256 = ?"
    case .deleteOutput: "DELETE FROM outputs WHERE sha256 = ?"
    case .outputNames: "SELECT sha256 FROM outputs"
    case .recordsOfRun: "SELECT seq, run, line FROM records WHERE run = ? ORDER BY seq"
    case .recordsOfRunAfter: "SELECT seq, run, line FROM records WHERE run = ? AND seq > ? ORDER BY seq"
    case .recordsAfter: "SELECT seq, run, line FROM records WHERE seq > ? ORDER BY seq LIMIT ?"
    case .runs:
      """
      SELECT run, first_seq, (SELECT max(seq) FROM records WHERE records.run = runs.run), epoch
      FROM runs WHERE first_seq IS NOT NULL ORDER BY first_seq DESC
      """
    case .locks: "SELECT name, environment, run FROM locks ORDER BY name, environment"
    case .wronglyListedRuns:
      """
      SELECT run, first_seq FROM runs
      WHERE first_seq IS NOT (SELECT min(seq) FROM records WHERE records.run = runs.run) ORDER BY run
      """
    case .unlistedRuns:
      """
      SELECT run, min(seq) FROM records WHERE run NOT IN (SELECT run FROM runs) AND run <> '-' GROUP BY run ORDER BY run
      """
    case .line: "SELECT line FROM records WHERE seq = ?"
    case .logKeys: "SELECT number, verifier, directory FROM log_keys ORDER BY number"
    case .insertLogKey: "INSERT INTO log_keys (number, verifier, directory) VALUES (?, ?, ?)"
    case .insertCheckpoint: "INSERT OR IGNORE INTO checkpoints (size, note) VALUES (?, ?)"
    case .updateCheckpoint: "UPDATE checkpoints SET note = ? WHERE size = ?"
    case .checkpoints: "SELECT size, note FROM checkpoints WHERE size > ? AND size <= ? ORDER BY size"
    case .lastCheckpoint: "SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1"
    case .firstCheckpointFrom: "SELECT size, note FROM checkpoints WHERE size >= ? ORDER BY size LIMIT 1"
    }
  }

  /// What the statement is for, to stand after "cannot".
  var operation: String {
    switch self {
    case .begin, .rollback, .dataVersion: "begin a commit"
    case .commit: "commit"
    case .head, .recordsOfRun, .recordsOfRunAfter, .recordsAfter, .line: "read records"
    case .insertRecord: "write a record"
    case .run, .runs, .wronglyListedRuns, .unlistedRuns: "read the runs"
    case .setFirstSeq, .claimRun: "write a run"
    case .lockHolder, .locks: "read the locks"
    case .insertLock: "take a lock"
    case .releaseLocks: "release the locks"
    case .insertOutput: "write an output"
    case .output: "read an output"
    case .deleteOutput: "remove an output"
    case .outputNames: "list the outputs"
    case .logKeys: "read the log's keys"
    case .insertLogKey: "write the log's key"
    case .insertCheckpoint, .updateCheckpoint: "write a checkpoint"
    case .checkpoints, .lastCheckpoint, .firstCheckpointFrom: "read the checkpoints"
    }
  }
}
