import Glibc
import RunbookExecutor
import Synchronization

/// Reads secrets from programs and people.
final class WorldSecretReader: SecretReader {
  /// How long a program may take to print a secret, in milliseconds.
  private static let patience: Int = 60_000

  private let supervisor: ProcessSupervisor
  private let environment: EnvironmentBlock
  private let ask: @Sendable (String) -> SecretBytes?

  init(
    supervisor: ProcessSupervisor, environment: EnvironmentBlock, prompt: @escaping @Sendable (String) -> SecretBytes?
  ) {
    self.supervisor = supervisor
    self.environment = environment
    self.ask = prompt
  }

  func run(_ command: [String], forSecret name: String) throws(SecretError) -> SecretBuffer {
    let program = command.first ?? ""
    let collector = OutputCollector()
    let process: RunningProcess
    do throws(SpawnError) {
      process = try supervisor.start(ProcessRequest(argv: command, environment: environment), observer: collector)
    } catch {
      throw SecretError("the secret \(name) comes from a program that cannot be started: \(error.message)")
    }
    if !collector.wait(milliseconds: Self.patience) {
      supervisor.stop(process, grace: 1_000)
      throw SecretError("the secret \(name) comes from \(program), which printed nothing within a minute")
    }
    guard case .exited(0)? = collector.end?.status else {
      throw SecretError("the secret \(name) comes from \(program), which failed; run it by hand to see why")
    }
    var printed = SecretBuffer()
    guard collector.take(into: &printed) else {
      throw SecretError("the secret \(name) comes from \(program), which printed more than 1 MiB")
    }
    return printed
  }

  func prompt(forSecret name: String) throws(SecretError) -> SecretBytes {
    guard let typed = ask(name) else {
      throw SecretError("the secret \(name) must be typed, and nobody is there")
    }
    return typed
  }
}

/// Collects what one program prints, for a thread that waits for its end.
private final class OutputCollector: ProcessObserver, @unchecked Sendable {
  private static let limit = 1 << 20

  private struct Collected: ~Copyable {
    var bytes = SecretBuffer()
    var isTooLong = false
    var end: ProcessEnd?
  }

  private let collected = Mutex(Collected())
  private let over = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(over, 0, 0) }

  deinit {
    sem_destroy(over)
    over.deallocate()
  }

  var end: ProcessEnd? { collected.withLock { $0.end } }

  /// Takes what was printed away; false where it was too much.
  func take(into buffer: inout SecretBuffer) -> Bool {
    collected.withLock { collected in
      swap(&collected.bytes, &buffer)
      return !collected.isTooLong
    }
  }

  func started(_ identity: ProcessIdentity) {}

  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {
    guard stream == .stdout else { return }
    collected.withLock { collected in
      guard collected.bytes.count + bytes.count <= Self.limit else {
        collected.isTooLong = true
        return
      }
      collected.bytes.append(bytes)
    }
  }

  func ended(_ end: ProcessEnd) {
    collected.withLock { $0.end = end }
    sem_post(over)
  }

  /// Waits for the end; false where the time ran out first.
  func wait(milliseconds: Int) -> Bool {
    var until = timespec()
    clock_gettime(CLOCK_REALTIME, &until)
    until.tv_sec += milliseconds / 1000
    while sem_timedwait(over, &until) != 0 {
      if errno != EINTR { return false }
    }
    return true
  }
}
