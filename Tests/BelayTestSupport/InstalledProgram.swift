import Glibc

/// A program that tests use and that may be missing.
public enum InstalledProgram {
  /// Whether tests that need it run: where it is missing they are skipped, but fail in CI.
  public static func isExpected(_ name: String) -> Bool {
    getenv("CI") != nil || CommandRunner.run(["sh", "-c", "command -v \"$1\"", "sh", name]).status == 0
  }

  /// A Python that has a module; nil where there is none, and in CI the system's own.
  public static func python(with module: String) -> String? {
    let candidates = ["python3", "/usr/bin/python3"]
    let found = candidates.first {
      CommandRunner.run(["sh", "-c", "\"$1\" -c \"import $2\"", "sh", $0, module]).status == 0
    }
    return found ?? (getenv("CI") != nil ? "/usr/bin/python3" : nil)
  }
}
