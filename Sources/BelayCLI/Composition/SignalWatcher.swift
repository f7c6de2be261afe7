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
  let menu: InterruptMenu

  /// Blocks the signals in this thread and those it starts. Called before any other thread starts.
  ///
  /// SIGCHLD too, for which nobody waits: while a program is started, every other thread would be woken for nothing.
  static func block() {
    var signals = watched
    sigaddset(&signals, SIGCHLD)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// The signals that are taken; not those whose disregard was inherited, as under nohup(1) or in the background of a
  /// script, whose author has decided about them.
  static let watched: sigset_t = {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      let isIgnored =
        sigaction(number, nil, &action) == 0 && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
      if !isIgnored { sigaddset(&signals, number) }
    }
    return signals
  }()

  /// Starts to wait for the signals, which are blocked.
  func start() {
    DedicatedThread.start {
      var waited = Self.watched
      guard [SIGINT, SIGTERM, SIGHUP].contains(where: { sigismember(&waited, $0) == 1 }) else { return }
      while true {
        var number: Int32 = 0
        guard sigwait(&waited, &number) == 0 else { continue }
        switch number {
        case SIGTERM: inbox.put(.terminated)
        case SIGHUP: inbox.put(.detached)
        case SIGINT: interrupt()
        default: break
        }
      }
    }
  }

  private func interrupt() {
    guard let people else { return inbox.put(.operatorInterrupted) }
    switch menu.interrupt() {
    case .counts: inbox.put(.operatorInterrupted)
    case .closes:
      people.closeMenu()
      inbox.put(.operatorInterrupted)
    case .opens:
      people.showMenu { [inbox, menu] line in
        var reply = ""
        switch line {
        case "f", "F": inbox.put(.operatorInterrupted)
        case "p", "P": inbox.put(.pauseRequested)
        case "c", "C", nil: reply = "  continuing"
        default: return nil
        }
        menu.close()
        return reply
      }
    }
  }
}
