import Glibc

/// A terminal whose echo is off while a secret is typed, and that gets it back however this process ends, KILL aside.
enum SilencedTerminal {
  /// What Ctrl-C types meanwhile.
  static let interrupt: UInt8 = 3

  // Set before the handlers that read them are, and by one prompt at a time.
  nonisolated(unsafe) private static var descriptor: Int32 = -1
  nonisolated(unsafe) private static var settings = termios()

  /// Turns the echo off, and Ctrl-C into the end of a line; false where that cannot be done.
  static func silence(_ terminal: Int32) -> Bool {
    guard tcgetattr(terminal, &settings) == 0 else { return false }
    descriptor = terminal
    for number in [SIGTERM, SIGHUP, SIGQUIT] {
      var action = sigaction()
      guard sigaction(number, nil, &action) == 0 else { continue }
      // Signals that are ignored, or taken by an engine, which blocks them, are none of ours.
      if unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 0 {
        signal(number) { number in
          SilencedTerminal.restore()
          signal(number, SIG_DFL)
          raise(number)
        }
      }
    }
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
    silent.c_cc.11 = interrupt
    return tcsetattr(terminal, TCSAFLUSH, &silent) == 0
  }

  /// Gives the echo back; may be called at any time, and from a signal's handler.
  static func restore() {
    guard descriptor >= 0 else { return }
    tcsetattr(descriptor, TCSAFLUSH, &settings)
    descriptor = -1
  }
}
