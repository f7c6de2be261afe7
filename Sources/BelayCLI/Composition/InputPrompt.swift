import Glibc
import RunbookParser

/// Asks a person at the terminal for inputs that were not given.
enum InputPrompt {
  /// What a person typed for each missing input; empty where nobody is there.
  static func ask(_ missing: [MissingInput]) throws -> [GivenInput] {
    guard Terminal.isAttended else { return [] }
    var given: [GivenInput] = []
    for input in missing {
      let about = input.description.map { " (\($0))" } ?? ""
      while true {
        Terminal.standardError.write("\(input.name)\(about): ")
        guard let line = readLine(strippingNewline: true) else { return given }
        switch input.type.read(text: line) {
        case .success:
          given.append(GivenInput(name: input.name, text: line))
        case .failure(let problem):
          Terminal.standardError.write("  \(problem.message)\n")
          continue
        }
        break
      }
    }
    return given
  }

  /// What a person types without echo; nil where nobody is there or nothing was typed.
  static func askSecret(_ name: String) -> [UInt8]? {
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var before = termios()
    guard tcgetattr(descriptor, &before) == 0 else { return nil }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(descriptor, TCSAFLUSH, &silent)
    defer { tcsetattr(descriptor, TCSAFLUSH, &before) }
    let terminal = Terminal(descriptor: descriptor)
    terminal.write("secret \(name): ")
    var typed: [UInt8] = []
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { typed.append(byte) }
    terminal.write("\n")
    return typed.isEmpty ? nil : typed
  }
}
