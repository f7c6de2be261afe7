import BelayTestSupport

/// A runbook with a check that may be labelled as what it is not: it is called an observation, and the run succeeds.
enum LabelledRunbook: String, CaseIterable, Sendable {
  /// It looks whether a file is there, and whether a server answers.
  case honest
  /// The program that looks whether the file is there takes it away.
  case removes
  /// The program whose name says that it looks starts another one, which takes the file away.
  case removesByAnother
  /// The statement that looks deletes.
  case deletes
  /// A `test` of its own stands before the one that is meant.
  case isAnother
  /// The server sends whoever asks it to another one.
  case isLedElsewhere
  /// What a step does in a dry run in place of its change is another one.
  case dryRunChanges

  /// What the comparison has to find; nil for the honest one.
  var finding: String? {
    switch self {
    case .honest: nil
    case .deletes: "preconditions.0: not known to look only: delete "
    case .removes, .dryRunChanges: "not known to look only: rm "
    case .removesByAnother: "started by a program, and not named by the plan: rm "
    case .isAnother: "started from "
    case .isLedElsewhere: "reached, and no observation that is due: 127.0.0.1:"
    }
  }

  /// Writes it down, with the file that it looks at.
  func write(in directory: TemporaryDirectory, asking url: String) -> String {
    let file = directory.write("there", "")
    directory.write("looks", "#!/bin/sh\nrm -f \"$1\"\n", mode: 0o755)
    directory.write("bin/test", "#!/bin/sh\nexit 0\n", mode: 0o755)
    let look =
      switch self {
      case .honest, .isLedElsewhere, .dryRunChanges: "[test, -e, \(file)]"
      // A psql of its own, which does nothing with it.
      case .deletes: "[psql, -X], input: delete from lead"
      case .removes: "[rm, -f, \(file)]"
      case .removesByAnother: "[\(directory.path("looks")), \(file)]"
      case .isAnother: "[test, -e, \(file)]"
      }
    directory.write("bin/psql", "#!/bin/sh\nexit 0\n", mode: 0o755)
    let path = [.isAnother, .deletes].contains(self) ? "env: {PATH: \"\(directory.path("bin")):/usr/bin:/bin\"}\n" : ""
    let instead = self == .dryRunChanges ? "[rm, -f, \(file)]" : "[cat, \(directory.path("looks"))]"
    return directory.write(
      "labelled.yaml",
      """
      belay: 1
      name: labelled
      version: 1.0.0
      \(path)preconditions:
        - {title: The file is there, exec: \(look)}
      steps:
        - id: answers
          check: {http: {url: "\(url)/health", follow: true}}
        - id: empty
          exec: [truncate, --size, "0", \(file)]
          dry-run: {exec: \(instead)}
          repeatable: true
          rollback: none
          because: It is a test.

      """)
  }
}
