import CProcessShims
import Glibc

/// Orphans: what programs left behind becomes our child (`PR_SET_CHILD_SUBREAPER`), can be seen, and must be reaped.
///
/// A child in our own session is none: every program was started in a session of its own, so another part of this
/// process started it and waits for it itself.
extension ChildReader {
  /// Reaps orphans that ended, watches new ones, and says whether there are new ones.
  ///
  /// They are counted, because a member of any running program's session may hang on an orphan of another session.
  func adoptOrphans() -> Bool {
    guard hasLivingOrUnknownChildren() else { return false }
    guard let children = OrphanList.shared.children() else {
      countSighting()
      return true
    }
    let starting = belay_starting()
    let unknown = ChildLedger.leaders.withLock { known in
      children.filter { known[$0] == nil && $0 != starting && !orphans.contains($0) }
    }
    guard !unknown.isEmpty else { return false }
    // One that is being started just now is not an orphan; with the lock it is in the ledger.
    let isNew = ChildLedger.spawning.withLock { _ in
      var isNew = false
      for pid in unknown where !ChildLedger.contains(pid) && adopt(pid) { isNew = true }
      return isNew
    }
    if isNew { countSighting() }
    return isNew
  }

  /// False where this process has no child at all, which is the usual case and costs one system call.
  private func hasLivingOrUnknownChildren() -> Bool {
    while true {
      let pid = belay_any_child()
      if pid < 0 { return false }
      if pid == 0 || pid == belay_starting() || ChildLedger.contains(pid) { return true }
      let wasReaped = ChildLedger.spawning.withLock { _ in
        !ChildLedger.contains(pid) && isOrphan(pid) && waitpid(pid, nil, WNOHANG) == pid
      }
      if !wasReaped { return true }
    }
  }

  /// True where the orphan is alive.
  private func adopt(_ pid: Int32) -> Bool {
    guard isOrphan(pid) else { return false }
    guard waitpid(pid, nil, WNOHANG) == 0 else { return false }
    let pidfd = belay_pidfd_open(pid)
    guard pidfd >= 0 else { return true }
    let id = ChildLedger.nextID()
    watches[id] = Watch(pid: pid, pidfd: pidfd, owner: nil)
    orphans.insert(pid)
    _ = belay_poller_add(poller, pidfd, EventToken(.watch, of: id).rawValue, false)
    return true
  }

  private func isOrphan(_ pid: Int32) -> Bool {
    let session = getsid(pid)
    return session > 0 && session != getsid(0)
  }

  private func countSighting() {
    shared.withLock { $0.orphanSightings += 1 }
  }
}
