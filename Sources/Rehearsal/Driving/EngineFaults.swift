import RunbookParser

/// Which faults there are that befall the engine itself.
struct EngineFaults: Sendable {
  var crashesBefore = false
  var crashesAfter = false
  var fillsJournal = false

  init(_ scenario: RehearsalScenario) {
    for fault in scenario.faults {
      switch fault.kind {
      case .crashBefore: crashesBefore = true
      case .crashAfter: crashesAfter = true
      case .journalFull: fillsJournal = true
      case .exit, .timeout, .verifyFails, .rollbackFails: break
      }
    }
  }
}
