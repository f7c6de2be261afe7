/// Why the journal could not do what was asked; the description says where and what to do.
package enum JournalError: Error, Hashable, Sendable {
  /// There is no store at the path.
  case missing(store: String)
  /// A part of the store is a symbolic link.
  case symbolicLink(path: String)
  /// The path names something other than a directory.
  case notADirectory(path: String)
  /// The file is not a journal.
  case notAStore(path: String, reason: String)
  /// A newer version of the program wrote the store.
  case newerVersion(store: String, found: Int64, known: Int64)
  /// The store has an older form and was opened for reading only.
  case olderVersion(store: String, found: Int64, known: Int64)
  /// The database does not hold together.
  case damaged(path: String, detail: String)
  /// Nothing can be written there.
  case readOnly(path: String)
  /// The file system, a quota or a limit is used up.
  case full(path: String)
  /// Another process kept the store locked for longer than the patience.
  case busy(store: String)
  /// The operating system or the database refused an operation.
  case failed(path: String, operation: String, reason: String)
  /// An earlier commit failed, so this process writes nothing more.
  case poisoned(store: String, cause: String)
  /// The store was closed.
  case closed(store: String)
  /// A newer engine has taken the run over.
  case epochLost(run: String, epoch: Int64)
  /// A live engine drives the run.
  case engineBusy(run: String, pid: Int32?)
  /// Another run holds a lock.
  case lockBusy(name: String, environment: String, holder: String)
  /// The text cannot name a run.
  case unusableRunName(String)
  /// The store holds no output of this hash.
  case outputMissing(sha256: String)
  /// The stored output is not what its name says.
  case outputDamaged(sha256: String, reason: String)
  /// The log's signer refuses, or cannot be asked.
  case signing(String)
}

extension JournalError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let store):
      "there is no store at \(store): nothing has run there yet; check the path given with --store"
    case .symbolicLink(let path):
      "\(path) is a symbolic link, which a store must not be or hold: name the real directory instead"
    case .notADirectory(let path):
      "\(path) is not a directory: name a directory for the store"
    case .notAStore(let path, let reason):
      "\(path) is not a journal (\(reason)): move it away, or name another directory for the store"
    case .newerVersion(let store, let found, let known):
      "the store \(store) has version \(found), this program knows versions up to \(known): use a newer belay"
    case .olderVersion(let store, let found, let known):
      "the store \(store) has version \(found) and must be brought to version \(known) first: "
        + "open it once with a command that writes"
    case .damaged(let path, let detail):
      "\(path) is damaged (\(detail)): keep a copy of it, check the disk, and restore the store from a backup"
    case .readOnly(let path):
      "\(path) cannot be written: check its permissions, its owner and whether the file system is mounted read-only"
    case .full(let path):
      "no space is left for \(path): free some space or raise the quota, then go on"
    case .busy(let store):
      "the store \(store) is kept locked by another process: wait for it to end, then try again"
    case .failed(let path, let operation, let reason):
      "\(path): cannot \(operation): \(reason)"
    case .poisoned(let store, let cause):
      "nothing more is written to the store \(store), because an earlier commit failed: \(cause)"
    case .closed(let store):
      "the store \(store) has been closed"
    case .epochLost(let run, let epoch):
      "engine \(epoch) of run \(run) has been replaced by a newer one and does nothing more"
    case .engineBusy(let run, let pid):
      "run \(run) is driven by a live engine\(pid.map { " (process \($0))" } ?? ""): "
        + "wait for it to end, or stop it first"
    case .lockBusy(let name, let environment, let holder):
      "the lock \(name)\(environment.isEmpty ? "" : " of \(environment)") is held by run \(holder): "
        + "wait for that run to end, or resume, roll back or abandon it"
    case .unusableRunName(let name):
      "\"\(name)\" cannot name a run: 1 to 64 letters, digits, - and _ can"
    case .outputMissing(let sha256):
      "the store holds no output \(sha256): it was pruned or removed, or the record that names it was changed; `belay audit verify` says which"
    case .outputDamaged(let sha256, let reason):
      "the stored output \(sha256) is damaged (\(reason)): restore it from a backup of the store"
    case .signing(let reason):
      "no checkpoint can be signed: \(reason)"
    }
  }
}
