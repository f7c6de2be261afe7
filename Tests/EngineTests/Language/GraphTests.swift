import BelayTestSupport
import RunEngine
import RunbookParser
import Testing

@Suite("4.3 Graph")
struct GraphTests {
  @Test("steps that need nothing start at once, in their order; the rest once their needs are satisfied")
  func order() {
    let run = Scenario([
      .observe("a", needs: []), .observe("b", needs: []), .observe("c", needs: ["a", "b"]), .observe("d", needs: ["a"]),
    ]).at("steps.a", .exit(0, takes: 20)).at("steps.b", .exit(0, takes: 50)).play()
    #expect(run.starts == ["a", "b", "d", "c"])
  }

  @Test("a need is satisfied by a step that was skipped, and by one that failed under `continue`")
  func satisfied() {
    let run = Scenario([
      .observe("skipped", needs: []) { $0.when = expression("false") },
      .observe("failed", needs: []) { $0.onFailure = .continue },
      .observe("after", needs: ["skipped", "failed"]) { $0.when = expression("steps.failed.status == 'failed'") },
    ]).at("steps.failed", .exit(1)).play()
    #expect(run.status("after") == .succeeded)
    #expect(run.outcome == .failed)
  }

  @Test("a step that failed under `continue` is still undone if the run later rolls back")
  func continuedIsUndone() {
    let run = Scenario([
      .change("half") { $0.onFailure = .continue }, .change("whole"), .observe("fail"),
    ]).at("steps.half", .exit(1)).at("steps.fail", .exit(1)).play()
    #expect(run.starts == ["half", "whole", "fail", "undo whole", "undo half"])
    #expect(run.outcome == .rolledBack)
  }

  @Test("`max-parallel` bounds actions, not waits and people")
  func maxParallel() {
    let run = Scenario([
      .observe("a", needs: []), .observe("b", needs: []), .observe("c", needs: []), .wait("w", 10, needs: []),
      .manual("m", needs: []),
    ]) { $0.maxParallel = 1 }.at("steps.a", .exit(0, takes: 100)).withPerson().play()
    #expect(run.intents == ["a", "w", "m", "b", "c"])
    #expect(run.took == 1000, "the person is asked at once")
    #expect(run.violations == [])
  }

  @Test("a retry's pause holds no slot")
  func pausesHoldNoSlot() {
    let run = Scenario([
      .observe("a", needs: []) {
        $0.retry = Retry(attempts: 2)
        $0.retry?.delay = 500
      }, .observe("b", needs: []),
    ]) { $0.maxParallel = 1 }.at("steps.a", .exit(1), .exit(0)).play()
    #expect(run.starts == ["a", "b", "a"])
  }

  @Test("nothing begins after the first failure, though a slot becomes free with it")
  func nothingAfterAFailure() {
    let run = Scenario([.observe("fail", needs: []), .change("next", needs: [])]) {
      $0.maxParallel = 1
      $0.onFailure = .rollback
    }.at("steps.fail", .exit(1)).play()
    #expect(run.starts == ["fail"])
    #expect(run.status("next") == .notRun)
    #expect(run.outcome == .failed)
  }

  @Test("a choice that ends the run lets what is in flight end, and begins nothing more")
  func choices() {
    let options = [Decision.Option(id: "enough", when: expression("true"), endsRun: true)]
    let run = Scenario([
      .change("running", needs: []), .wait("first", 5, needs: []),
      StepSketch("decide", .observe, .decide(Decision(question: .literal("?"), options: options)), needs: ["first"]),
      .change("queued", needs: []), .change("later", needs: ["decide"]),
    ]) { $0.maxParallel = 1 }.at("steps.running", .exit(0, takes: 100)).play()
    #expect(run.outcome == .succeeded)
    #expect(run.starts == ["running"])
    #expect(run.status("queued") == .notRun)
    #expect(run.status("later") == .notRun)
  }

  @Test("a long chain is planned and run without recursion over its length")
  func longChain() {
    let steps = (0..<2000).map { StepSketch.observe("s\($0)") { $0.when = expression("false") } }
    let run = Scenario(steps).play()
    #expect(run.outcome == .succeeded)
  }
}
