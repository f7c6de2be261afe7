import Glibc

/// The right to drive a run: a lock of the operating system, held until `release`, and the run's epoch.
package final class EngineClaim: @unchecked Sendable {
  /// The run.
  package let run: String
  /// Which engine of the run this is, counted from 1.
  package let epoch: Int64

  private let lock = ThreadLock()
  /// The open file that holds the lock; negative once released.
  private var file: Int32

  init(run: String, epoch: Int64, file: Int32) {
    self.run = run
    self.epoch = epoch
    self.file = file
  }

  deinit {
    if file >= 0 { Glibc.close(file) }
  }

  /// Keeps a line for the engine that comes after a kill; it survives the process, not the machine.
  package func note(_ line: String) {
    lock.lock()
    defer { lock.unlock() }
    guard file >= 0 else { return }
    // A note is one line; what stands behind a line break would be read as something else.
    let isPlain = line.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    let text = isPlain ? line : String(line.map { $0.isNewline ? " " : $0 })
    _ = EngineLockFile.write("note \(text)\n", to: file)
  }

  /// Ends the claim in order; the notes stay readable until the run is claimed again.
  package func release() {
    lock.lock()
    defer { lock.unlock() }
    guard file >= 0 else { return }
    _ = EngineLockFile.write("released\n", to: file)
    Glibc.close(file)
    file = -1
  }

  /// Whether `release` was called.
  var isReleased: Bool {
    lock.lock()
    defer { lock.unlock() }
    return file < 0
  }
}
