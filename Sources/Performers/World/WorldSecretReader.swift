import Glibc
import RunbookExecutor
import Synchronization

/// Reads secrets from programs and people.
final class WorldSecretReader: SecretReader {
  /// How long a program may take to print a secret, in milliseconds.
  private static let patience: Int = 60_000

  private let supervisor: ProcessSupervisor
  private let environment: EnvironmentBlock
  private let ask: @Sendable (String) -> [UInt8]?

  init(
    supervisor: ProcessSupervisor, environment: EnvironmentBlock, prompt: @escaping @Sendable (String) -> [UInt8]?
  ) {
    self.supervisor = supervisor
    self.environment = environment
    self.ask = prompt
  }

  func run(_ command: [String], forSecret name: String) throws(SecretError) -> [UInt8] {
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
    guard let bytes = collector.bytes else {
      throw SecretError("the secret \(name) comes from \(program), which printed more than 1 MiB")
    }
    return bytes
  }

  func prompt(forSecret name: String) throws(SecretError) -> [UInt8] {
    guard let typed = ask(name) else {
      throw SecretError("the secret \(name) must be typed, and nobody is there")
    }
    return typed
  }
}

/// Collects what one program prints, for a thread that waits for its end.
private final class OutputCollector: ProcessObserver, @unchecked Sendable {
  private static let limit = 1 << 20

  private struct Collected {
    var bytes: [UInt8] = []
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

  /// What was printed; nil where it was too much.
  var bytes: [UInt8]? { collected.withLock { $0.isTooLong ? nil : $0.bytes } }

  func started(_ identity: ProcessIdentity) {}

  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {
    guard stream == .stdout else { return }
    collected.withLock { collected in
      guard collected.bytes.count + bytes.count <= Self.limit else {
        collected.isTooLong = true
        return
      }
      collected.bytes.append(contentsOf: bytes)
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
