import CProcessShims
import Expressions
import Glibc
import RunEngine
import RunbookExecutor
import RunbookParser
import Synchronization
import TerminalText

/// The person at the terminal: questions are shown on standard error, one at a time, and read from standard input.
package final class TerminalPeople: People {
  private struct Open {
    var queue: [(id: EffectID, question: Question)] = []
    var current: EffectID?
    /// A menu that waits to be shown, and is not shown yet.
    var menu: (@Sendable (String?) -> String?)?
    var isMenuOpen = false
    /// Nothing more can be typed.
    var isInputOver = false
    var over = false
  }

  private let open = Mutex(Open())
  private let answers = AnswerBox()
  private let confirmsSteps: Bool
  private let name: String
  private let wake: Int32

  /// - Parameters:
  ///   - name: The login name that answers are recorded under.
  ///   - confirmsSteps: Whether `--yes` confirms steps that ask for it.
  package init(name: String, confirmsSteps: Bool) {
    self.name = name
    self.confirmsSteps = confirmsSteps
    self.wake = belay_wakeup_create()
    DedicatedThread.start { [self] in serve() }
  }

  package func attach(_ answer: @escaping @Sendable (RunEvent) -> Void) { answers.set(answer) }

  package func ask(_ id: EffectID, _ question: Question) {
    if let given = StandingConfirmation.answer(id, question, confirmsSteps: confirmsSteps) {
      return answers.send(given)
    }
    if let audience = question.audience, !audience.logins.contains(name) {
      say(
        "\n? \(question.text)\n  This is for \(audience.roles.joined(separator: " or ")) to answer "
          + "(\(audience.logins.joined(separator: ", "))), not for \(name): it stays open.")
      return answers.send(.unanswerable(id))
    }
    open.withLock { $0.queue.append((id, question)) }
    ring()
  }

  package func withdraw(_ id: EffectID) {
    open.withLock { open in
      open.queue.removeAll { $0.id == id }
      if open.current == id { open.current = nil }
    }
    ring()
  }

  package func shutDown() {
    open.withLock { $0.over = true }
    ring()
  }

  /// Shows a menu before any other question.
  ///
  /// - Parameter choose: Takes the letter that was typed, nil at the end of input, and gives what is said to it; nil where
  ///   it means nothing. Not called for a menu that is closed.
  package func showMenu(_ choose: @escaping @Sendable (String?) -> String?) {
    open.withLock { open in
      open.menu = choose
      open.isMenuOpen = true
    }
    ring()
  }

  /// Takes the menu away.
  package func closeMenu() {
    open.withLock { open in
      open.menu = nil
      open.isMenuOpen = false
    }
    ring()
  }

  private func ring() {
    let one: UInt64 = 1
    _ = withUnsafeBytes(of: one) { Glibc.write(wake, $0.baseAddress, $0.count) }
  }

  // MARK: The thread that talks

  private func serve() {
    while true {
      let (menu, next, over) = open.withLock {
        open -> ((@Sendable (String?) -> String?)?, (EffectID, Question)?, Bool) in
        if let menu = open.menu {
          open.menu = nil
          return (menu, nil, open.over)
        }
        guard !open.queue.isEmpty else { return (nil, nil, open.over) }
        let first = open.queue.removeFirst()
        open.current = first.id
        return (nil, first, open.over)
      }
      if over { return }
      if let menu {
        show(menu)
      } else if let (id, question) = next {
        answer(id, question)
      } else {
        waitForRing()
      }
    }
  }

  private func show(_ menu: @Sendable (String?) -> String?) {
    let isOpen = { [self] in open.withLock { $0.isMenuOpen } }
    say("\nInterrupted. [c] continue, [f] let the run fail and apply its policy, [p] pause it here")
    while isOpen() {
      let line = readLine(prompt: "> ", stillWanted: isOpen)
      guard isOpen() else { return }
      if let reply = menu(line) {
        open.withLock { $0.isMenuOpen = false }
        if !reply.isEmpty { say(reply) }
      } else {
        say("  c, f or p")
      }
    }
  }

  private func waitForRing() {
    var descriptor = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
    poll(&descriptor, 1, -1)
    drainRing()
  }

  private func drainRing() {
    var buffer = [UInt8](repeating: 0, count: 64)
    while read(wake, &buffer, buffer.count) > 0 {}
  }

  private func answer(_ id: EffectID, _ question: Question) {
    open.withLock { $0.isInputOver = false }
    let wanted = { [self] in open.withLock { $0.current == id && $0.menu == nil } }
    let given = put(question, wanted)
    let (stillOpen, isInputOver) = open.withLock { open -> (Bool, Bool) in
      let stillOpen = open.current == id
      open.current = nil
      // A menu came in between: it is asked again after it.
      if given == nil, stillOpen, !open.isInputOver { open.queue.insert((id, question), at: 0) }
      return (stillOpen, open.isInputOver)
    }
    guard stillOpen else { return say("(no longer asked)") }
    if let given {
      answers.send(.answered(id, given, by: name, evidence: .observed))
    } else if isInputOver {
      answers.send(.unanswerable(id))
    }
  }

  private func put(_ question: Question, _ wanted: () -> Bool) -> Answer? {
    say("\n? " + question.text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  "))
    switch question.kind {
    case .confirm(let typing?):
      while true {
        guard let line = readLine(prompt: "  type \(typing) to go on, or no: ", stillWanted: wanted) else { return nil }
        if line == typing { return .yes(fields: []) }
        if line == "no" || line == "n" { return .no("") }
        say("  that is neither")
      }
    case .confirm(nil):
      return readYes("  yes or no: ", wanted).map { $0 ? .yes(fields: []) : .no("") }
    case .manual(let fields):
      guard let done = readYes("  done? yes or no: ", wanted) else { return nil }
      guard done else { return .no("") }
      var values: [NamedValue] = []
      for field in fields {
        guard let value = readField(field, wanted) else { return nil }
        values.append(NamedValue(name: field.name, value: value))
      }
      return .yes(fields: values)
    case .tick(let evidence, let notApplicable):
      let prompt = notApplicable ? "  yes, no or n/a: " : "  yes or no: "
      while true {
        guard let line = readLine(prompt: prompt, stillWanted: wanted) else { return nil }
        switch line.lowercased() {
        case "n/a", "na": if notApplicable { return .notApplicable }
        case "n", "no": return .no("")
        case "y", "yes":
          guard evidence else { return .yes(fields: []) }
          guard let text = readLine(prompt: "  evidence: ", stillWanted: wanted) else { return nil }
          if !text.isEmpty { return .yes(fields: [NamedValue(name: "evidence", value: .string(text))]) }
        default: break
        }
      }
    // Approvals come through the store, from whoever gives them.
    case .approval: return nil
    case .choose(let choices):
      for (place, choice) in choices.enumerated() { say("  \(place + 1). \(choice.title)") }
      while true {
        guard let line = readLine(prompt: "  choose 1 to \(choices.count): ", stillWanted: wanted) else { return nil }
        if let number = Int(line), choices.indices.contains(number - 1) { return .choice(choices[number - 1].id) }
        if let choice = choices.first(where: { $0.id == line }) { return .choice(choice.id) }
      }
    }
  }

  private func readYes(_ prompt: String, _ wanted: () -> Bool) -> Bool? {
    while true {
      guard let line = readLine(prompt: prompt, stillWanted: wanted) else { return nil }
      switch line.lowercased() {
      case "y", "yes": return true
      case "n", "no": return false
      default: break
      }
    }
  }

  private func readField(_ field: FieldDeclaration, _ wanted: () -> Bool) -> Value? {
    while true {
      let about = field.description.map { " (\($0))" } ?? ""
      guard let line = readLine(prompt: "  \(field.name)\(about): ", stillWanted: wanted) else { return nil }
      switch field.type.read(text: line) {
      case .success(let value): return value
      case .failure(let problem): say("  \(problem.message)")
      }
    }
  }

  /// Reads a line; nil at the end of input, or once it is not wanted any more.
  private func readLine(prompt: String, stillWanted: () -> Bool) -> String? {
    write(prompt)
    var line: [UInt8] = []
    while true {
      var descriptors = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
      ]
      poll(&descriptors, 2, -1)
      if descriptors[1].revents != 0 {
        drainRing()
        if !stillWanted() || open.withLock({ $0.over }) { return nil }
      }
      guard descriptors[0].revents != 0 else { continue }
      var byte: UInt8 = 0
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count <= 0 {
        open.withLock { $0.isInputOver = true }
        return nil
      }
      if byte == UInt8(ascii: "\n") { return Self.trimmed(line) }
      line.append(byte)
    }
  }

  private static func trimmed(_ line: [UInt8]) -> String {
    let text = String(decoding: line, as: UTF8.self)
    return String(
      text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
  }

  private func say(_ text: String) { write(text + "\n") }

  /// Writes a text, in which what a program or a runbook said must not steer the terminal.
  private func write(_ text: String) {
    let bytes = Array(TerminalText.harmless(text).utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      written += count
    }
  }
}
