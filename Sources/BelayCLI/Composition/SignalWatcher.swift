import Glibc
import Performers
import RunEngine
import RunbookExecutor

/// Turns signals into events.
///
/// The signals are blocked in every thread and taken by one that waits for them; children start with none blocked.
struct SignalWatcher {
  let inbox: Inbox
  let people: TerminalPeople?

  /// Blocks the signals in this thread and those it starts. Called before any other thread starts.
  ///
  /// SIGCHLD too, for which nobody waits: while a program is started, every other thread would be woken for nothing.
  static func block() {
    var signals = watched
    sigaddset(&signals, SIGCHLD)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// The signals that are taken.
  static var watched: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    return signals
  }

  /// Starts to wait for the signals, which are blocked.
  func start() {
    let waited = Self.watched
    let inbox = self.inbox
    let people = self.people
    DedicatedThread.start {
      var waited = waited
      var menuOpen = false
      while true {
        var number: Int32 = 0
        guard sigwait(&waited, &number) == 0 else { continue }
        switch number {
        case SIGTERM: inbox.put(.terminated)
        case SIGHUP: inbox.put(.detached)
        case SIGINT:
          guard let people, !menuOpen else {
            inbox.put(.operatorInterrupted)
            continue
          }
          menuOpen = true
          people.showMenu { letter in
            switch letter.first {
            case "f": inbox.put(.operatorInterrupted)
            case "p": inbox.put(.detached)
            default: break
            }
          }
        default: break
        }
      }
    }
  }
}
