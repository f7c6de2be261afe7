import BelayTestSupport
import Glibc
import Performers
import RunbookExecutor
import Testing

/// Passphrases at a terminal, each test in a process that leads a session of its own.
///
/// Not beside the performers' tests, which adopt and reap what is in another session.
@Suite(.enabled(if: InstalledProgram.isExpected("ssh-keygen"), "ssh-keygen is not installed"))
struct SigningTerminalTests {
  @Test func aPassphraseIsAskedForAtTheTerminal() async {
    await #expect(processExitsWith: .success) {
      let directory = TemporaryDirectory()
      let (keygen, key) = try Self.lockedKey(in: directory, passphrase: "open sesame")
      OwnTerminal().answer(["open barley", "open sesame"])
      precondition(Self.refusal(keygen, key) == .wrongPassphrase(path: key))
      let signature = try keygen.sign([1, 2, 3], namespace: "x@belay.test", key: key)
      let allowed = "ann " + (directory.read("key.pub") ?? "")
      let verdict = try keygen.verify(
        [1, 2, 3], signature: signature, namespace: "x@belay.test", identity: "ann", allowedSigners: allowed,
        at: 1_780_315_200_000)
      guard case .valid = verdict else { preconditionFailure("\(verdict)") }
    }
  }

  @Test func withoutATerminalAPassphraseIsNotAskedFor() async {
    await #expect(processExitsWith: .success) {
      precondition(setsid() > 0)
      let directory = TemporaryDirectory()
      let (keygen, key) = try Self.lockedKey(in: directory, passphrase: "open sesame")
      precondition(Self.refusal(keygen, key) == .needsPassphrase(path: key))
      precondition(CommandRunner.run(["ls", directory.path("work")]).output == "kept\n")
    }
  }

  /// Makes a key with a passphrase, and what signs with it and has nothing else to ask.
  private static func lockedKey(
    in directory: TemporaryDirectory, passphrase: String
  ) throws -> (keygen: SSHKeygen, key: String) {
    directory.write("work/kept", "")
    let key = directory.path("key")
    let made = CommandRunner.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", key])
    precondition(made.status == 0, made.errors)
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return (SSHKeygen(variables: [("PATH", path)], directory: directory.path("work")), key)
  }

  /// Why a key does not sign; nil where it does.
  private static func refusal(_ keygen: SSHKeygen, _ key: String) -> SSHKeygenError? {
    do throws(SSHKeygenError) {
      _ = try keygen.sign([], namespace: "x@belay.test", key: key)
      return nil
    } catch {
      return error
    }
  }
}

/// A terminal that becomes the one of this process, and somebody at it.
private struct OwnTerminal {
  /// The requests of `ioctl_tty(2)`.
  private static let (unlocks, numbers): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

  private let controller: Int32

  init() {
    precondition(setsid() > 0)
    controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var locked: Int32 = 0
    var number: UInt32 = 0
    precondition(ioctl(controller, Self.unlocks, &locked) == 0 && ioctl(controller, Self.numbers, &number) == 0)
    // The first terminal that the leader of a session opens becomes its own.
    precondition(open("/dev/pts/\(number)", O_RDWR | O_CLOEXEC) >= 0)
    precondition(open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0, "the process did not get the terminal")
  }

  /// Types an answer to each question for a passphrase.
  func answer(_ answers: [String]) {
    let controller = controller
    DedicatedThread.start {
      var shown: [UInt8] = []
      var answers = answers[...]
      var buffer = [UInt8](repeating: 0, count: 4_096)
      while case let count = read(controller, &buffer, buffer.count), count > 0 {
        shown += buffer[..<count]
        guard String(decoding: shown, as: UTF8.self).contains("passphrase"), let answer = answers.popFirst() else {
          continue
        }
        shown = []
        var typed = Array((answer + "\n").utf8)
        _ = write(controller, &typed, typed.count)
      }
    }
  }
}
