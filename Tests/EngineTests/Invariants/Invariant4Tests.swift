import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("Invariant 4: no change starts twice unless its check, its word or a person allows it")
struct Invariant4Tests {
  @Test("Invariant 4: in random runs, with engines that die anywhere")
  func invariant4_randomRuns() async {
    let broken = await RandomSweep.findings.breaking("invariant 4")
    #expect(broken.isEmpty, "\(broken)")
  }

  @Test("Invariant 4: where nothing allows it, the run waits for a person")
  func invariant4_nothingAllowsIt() {
    let run = Scenario([.change("promote")]).dies(.beforeEnd("promote")).play().then(.resume)
    #expect(run.ends == [.crashed, .paused(.personNeeded)])
    #expect(run.starts == ["promote"])
  }

  @Test("Invariant 4: `applied` that says no allows it, one that says yes spares it, one that errs does neither")
  func invariant4_appliedDecides() {
    let plan = [StepSketch.change("promote") { $0.applied = .asking("applied") }]
    let no = Scenario(plan).at("steps.promote", .exit(0, takes: 50)).dies(.afterIntent("promote")).play()
      .then(.resume)
    #expect(no.outcome == .succeeded)
    #expect(no.starts == ["promote"], "the first start never came")
    let yes = Scenario(plan).dies(.beforeEnd("promote")).play().then(.resume)
    #expect(yes.outcome == .succeeded)
    #expect(yes.starts == ["promote"])
    let none = Scenario(plan).at("steps.promote.applied", .signalled()).dies(.beforeEnd("promote")).play()
      .then(.resume)
    #expect(none.end == .paused(.personNeeded))
    #expect(none.starts == ["promote"])
  }

  @Test("Invariant 4: `repeatable` allows it")
  func invariant4_repeatable() {
    let run = Scenario([.change("promote") { $0.repeatable = true }]).dies(.beforeEnd("promote")).play()
      .then(.resume)
    #expect(run.outcome == .succeeded)
    #expect(run.starts == ["promote", "promote"])
  }

  @Test("Invariant 4: a person decides", arguments: ["applied", "repeat", "fail"])
  func invariant4_aPersonDecides(choice: String) {
    let run = Scenario([.change("promote")]) { $0.onFailure = .stop }
      .person("steps.promote.applied", .choice(choice)).dies(.beforeEnd("promote")).play().then(.resume)
    #expect(run.starts.filter { $0 == "promote" }.count == (choice == "repeat" ? 2 : 1))
    #expect(run.status("promote") == (choice == "fail" ? .failed : .succeeded))
  }

  @Test("Invariant 4: what may still be running is not started again, whatever its checks say")
  func invariant4_survivorsForbidIt() {
    let run = Scenario([
      .change("promote") {
        $0.applied = .asking("applied")
        $0.repeatable = true
      }
    ]).dies(.afterIntent("promote")).play().then(.resume, survivorsPossible: true)
    #expect(run.end == .paused(.personNeeded))
    #expect(run.starts.isEmpty)
  }

  @Test("Invariant 4: a timeout lets a change start again only after `applied` said no")
  func invariant4_timeouts() {
    let step = StepSketch.change("promote") {
      $0.applied = .asking("applied")
      $0.retry = Retry(attempts: 2)
      $0.timeout = 100
    }
    let effective = Scenario([step]).at("steps.promote", .hangs(effect: true), .exit(0)).play()
    #expect(effective.starts == ["promote"])
    #expect(effective.outcome == .succeeded)
    let without = Scenario([step]).at("steps.promote", .hangs(), .exit(0)).play()
    #expect(without.starts == ["promote", "promote"])
    #expect(without.outcome == .succeeded)
  }
}
