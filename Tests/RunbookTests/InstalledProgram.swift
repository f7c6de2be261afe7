import BelayTestSupport
import Glibc

/// A program that tests use and that may be missing.
enum InstalledProgram {
  /// Whether tests that need it run: where it is missing they are skipped, but fail in CI.
  static func isExpected(_ name: String) -> Bool {
    getenv("CI") != nil || CommandRunner.run(["sh", "-c", "command -v \"$1\"", "sh", name]).status == 0
  }
}
