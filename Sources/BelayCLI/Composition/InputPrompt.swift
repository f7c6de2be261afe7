import Glibc
import RunbookExecutor
import RunbookParser
import TerminalText

/// Asks a person at the terminal for inputs that were not given.
enum InputPrompt {
  /// What a person typed for each missing input; empty where nobody is there.
  static func ask(_ missing: [MissingInput]) throws -> [GivenInput] {
    guard Terminal.isAttended else { return [] }
    var given: [GivenInput] = []
    for input in missing {
      let about = input.description.map { " (\($0))" } ?? ""
      while true {
        Terminal.standardError.write(TerminalText.harmless("\(input.name)\(about): "))
        guard let line = readLine(strippingNewline: true) else { return given }
        switch input.type.read(text: line) {
        case .success:
          given.append(GivenInput(name: input.name, text: line))
        case .failure(let problem):
          Terminal.standardError.write(TerminalText.harmless("  \(problem.message)\n"))
          continue
        }
        break
      }
    }
    return given
  }

  /// What a person types without echo; nil where nobody is there, nothing was typed, or Ctrl-C was in an engine.
  static func askSecret(_ name: String) -> SecretBytes? {
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard SilencedTerminal.silence(descriptor) else { return nil }
    let terminal = Terminal(descriptor: descriptor)
    terminal.write(TerminalText.harmless("secret \(name): "))
    var typed = SecretBuffer()
    var byte: UInt8 = 0
    var isInterrupted = false
    while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
      isInterrupted = byte == SilencedTerminal.interrupt
      if isInterrupted { break }
      typed.append(byte)
    }
    byte = 0
    terminal.write("\n")
    SilencedTerminal.restore()
    guard !isInterrupted else {
      // Where an engine takes the signals, a secret that was not typed is told as such.
      var blocked = sigset_t()
      pthread_sigmask(SIG_BLOCK, nil, &blocked)
      if sigismember(&blocked, SIGINT) == 0 { raise(SIGINT) }
      return nil
    }
    return typed.count == 0 ? nil : typed.finish()
  }
}
